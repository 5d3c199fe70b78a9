"""Steps of a consultation: ask, remind, give time, take answers, sum up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from committee import asking, consultations, consultee_extensions, deadlines, following, referrals
from committee.mailing import written
from committee.operations.case_steps import mail
from committee.operations.reading import case_of, consultee_of, day, decided, required_text, text, texts
from committee.organisations import Organization, administration, body
from committee.referrals import Consultee
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import events
from store.errors import Invalid


@operation(
    "open_consultation", "Öppna remissen", "Open the consultation",
    inputs=("mode", "consultees?", "reply_by", "answer_by?", "question?", "documents?"),
    outputs=("referral_id", "consultee_ids", "reply_by"),
)  # fmt: skip
def open_consultation(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Ask the consultees (all municipalities when none are named) to answer by a day, and send them documents.

    The day is `answer_by` where somebody has given it, else `reply_by` as long as that leaves time to answer in.
    """
    keys = texts(inputs, "consultees") if isinstance(inputs.get("consultees"), list) else None
    case = case_of(context)
    reply_by = asking.day_to_answer(context.db, case, day(inputs, "reply_by"), day(inputs, "answer_by"))
    case.status = "consulting"
    referral, consultees = referrals.open_referral(
        context.db, case, required_text(inputs, "mode"), keys, reply_by, text(inputs, "question")
    )
    consultations.send_with(context.db, referral, texts(inputs, "documents"), context.actor_id)
    asking.follow_answers(context.db, case, "Den svarsdag som frågan sändes med.", context.actor_id)
    ids: list[Value] = [str(consultee.id) for consultee in consultees]
    return {"referral_id": str(referral.id), "consultee_ids": ids, "reply_by": reply_by}


@operation("record_not_asked", "Notera att ingen tillfrågas", "Note that nobody is asked", inputs=("reason",))
def record_not_asked(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log why there is no consultation: no answers are waited for."""
    case = case_of(context)
    deadlines.close_deadline(context.db, case.id, "consultation", "waived")
    events.record(
        context.db, context.organization_id, "consultation.not_held", "case", case.id, actor_id=context.actor_id,
        case_id=case.id, instance_id=context.instance_id, data={"reason": required_text(inputs, "reason")},
    )  # fmt: skip
    return {}


@operation(
    "send_to_consultee", "Skicka till remissinstansen", "Send to the consultee", inputs=("consultee_id",),
    outputs=("organization", "organization_name"),
)  # fmt: skip
def send_to_consultee(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Tell a consultee that there is something to answer."""
    consultee = consultee_of(context, inputs)
    _mail(context, consultee, f"Ett ärende att yttra sig över senast {written(consultee.reply_by)}")
    asked = context.db.get_one(Organization, consultee.consulted_id)
    return {"organization": asked.key, "organization_name": asked.name}


@operation("remind_consultee", "Påminn remissinstansen", "Remind the consultee", inputs=("consultee_id",))
def remind_consultee(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Remind a consultee that has not answered."""
    consultee = consultee_of(context, inputs)
    _mail(context, consultee, f"Påminnelse: svara senast {written(consultee.reply_by)}")
    return {}


@operation("record_no_reply", "Notera uteblivet svar", "Note that no answer came", inputs=("consultee_id",))
def record_no_reply(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The day has passed in silence."""
    consultee_of(context, inputs).status = "no_reply"
    return {}


@operation(
    "answer_consultation", "Svara", "Answer", inputs=("consultee_id", "answer_kind", "answers?", "answer_text?", "decided_by?"),
    outputs=("answer_kind",),
)  # fmt: skip
def answer_consultation(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Take the answer that the consultee gives in its own task."""
    kind = required_text(inputs, "answer_kind")
    consultee = consultee_of(context, inputs)
    referrals.answer(
        context.db, consultee, kind, text(inputs, "answer_text"), text(inputs, "decided_by"),
        actor_id=context.actor_id, answers=texts(inputs, "answers") or None,
    )  # fmt: skip
    return {"answer_kind": kind}


@operation(
    "grant_consultee_extension", "Bevilja eller avslå anstånd", "Grant or refuse more time",
    inputs=("consultee_id", "granted", "new_date?", "asked_date?", "comment?"), outputs=("granted",),
)  # fmt: skip
def grant_consultee_extension(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Give the time that was asked for (or another day), or none, and tell the consultee."""
    granted = decided(inputs, "granted")
    new_date = (day(inputs, "new_date") or day(inputs, "asked_date")) if granted else None
    if granted and new_date is None:
        raise Invalid("Say until when.", errors=[{"field": "new_date", "sentence": "Give a day."}])
    consultee = consultee_of(context, inputs)
    consultee_extensions.grant_extension(
        context.db, consultee, new_date, text(inputs, "comment"), actor_id=context.actor_id
    )
    word = "Anstånd beviljat" if granted else "Anstånd beviljades inte"
    _mail(context, consultee, f"{word}: svara senast {written(consultee.reply_by)}")
    return {"granted": granted}


@operation("prolong_consultation", "Förläng remisstiden", "Prolong the consultation", inputs=("new_date",))
def prolong_consultation(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Move the day of all who have yet to answer, and tell them."""
    new_date = day(inputs, "new_date")
    if new_date is None:
        raise Invalid("Prolonging a consultation needs a day.")
    for consultee in referrals.prolong(context.db, case_of(context), new_date):
        _mail(context, consultee, f"Remisstiden är förlängd: svara senast {written(new_date)}")
    return {}


@operation("register_late_answer", "Registrera sent svar", "Register a late answer", inputs=("consultee_id",))
def register_late_answer(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """A late answer is kept with the case ("inkommet efter remisstid")."""
    consultee_of(context, inputs).status = "late"
    return {}


@operation(
    "summarise_consultation", "Sammanställ svaren", "Sum up the answers", inputs=("referral_id",),
    outputs=("answers_count", "response_rate", "late_count", "no_reply_count"),
)  # fmt: skip
def summarise_consultation(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Count the answers; the rate is a share of those who were asked."""
    asked = select(Consultee.status).where(Consultee.referral_id == UUID(required_text(inputs, "referral_id")))
    statuses = list(context.db.scalars(asked))
    answers = sum(status in referrals.ANSWERED for status in statuses)
    case = case_of(context)
    if not referrals.awaits_answers(context.db, case.id):
        all_in_time = all(status in ("answered", "abstained") for status in statuses)
        deadlines.close_deadline(context.db, case.id, "consultation", "met" if all_in_time else "missed")
        if case.status == "consulting":
            case.status = "in_work"
        following.follow(context.db, case, context.actor_id)  # no meeting is too early for the answers any more
    rate = Decimal(answers) / len(statuses) if statuses else Decimal(0)
    return {
        "answers_count": Decimal(answers),
        "response_rate": round(rate, 4),
        "late_count": Decimal(statuses.count("late")),
        "no_reply_count": Decimal(statuses.count("no_reply")),
    }


def _mail(context: OperationContext, consultee: Consultee, subject: str) -> None:
    """To those who deal with it there and to the organisation's own address; without either, ask the officer to send."""
    asked = context.db.get_one(Organization, consultee.consulted_id)
    if mail(context, administration(context.db, context.organization_id, asked.key), "officer", subject, asked.email):
        return
    own = body(context.db, context.organization_id, required_text(context.variables, "administration"))
    mail(context, own, "officer", f"Sänd själv till {asked.name}, som saknar e-postadress i registret: {subject}")

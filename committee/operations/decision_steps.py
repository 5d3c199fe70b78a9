"""Steps of a committee's decision: a place on the agenda, papers in time, a chair's decision."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from committee import agenda, appeals, deadlines, delegated, following, statements
from committee.decisions import Decision
from committee.filing import attach_paper
from committee.meetings import Meeting
from committee.operations.reading import case_of, day, item_of, required_text, text
from committee.organisations import body, municipal_part
from committee.statements import MEMO, PROPOSAL, SAMRAD
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import clock
from store.errors import Invalid
from store.sentences import say


@operation(
    "request_slot", "Begär plats på föredragningslistan", "Request a place on the agenda",
    inputs=("body", "role", "after?", "latest?"),
    outputs=("slot_found", "agenda_item_id", "meeting_id", "meeting_date", "material_late"),
)  # fmt: skip
def request_slot(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Take a place at the body's next meeting; `slot_found` is false when none fits."""
    return _slot(context, required_text(inputs, "body"), required_text(inputs, "role"), inputs)


@operation(
    "find_samrad", "Hitta nästa samråd", "Find the next joint consultation", inputs=("body", "after?"),
    outputs=("slot_found", "agenda_item_id", "meeting_id", "meeting_date", "municipal_body"),
)  # fmt: skip
def find_samrad(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Take a place at the next samråd on or after a day, and say which body speaks for the municipalities there."""
    key = required_text(inputs, "body")
    of = body(context.db, context.organization_id, key)
    slot = _slot(context, key, "consultation", inputs)
    return {**slot, "municipal_body": municipal_part(context.db, of).key}


@operation(
    "deliver_material", "Lämna beslutsunderlag", "Deliver the material",
    inputs=("agenda_item_id", "proposal?", "proposal_title?", "memo?"),
)  # fmt: skip
def deliver_material(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep the proposal and the memo as papers of the item, with the newest statement and what came of the samråd.

    After the summons they supplement it.
    """
    item, case = item_of(context, inputs), case_of(context)
    item.material_delivered_at = clock.now()
    deadlines.finish_deadline(context.db, item.case_id, "material_stop")
    if context.db.get_one(Meeting, item.meeting_id).state == "summoned":
        agenda.complement(context.db, item, "Beslutsunderlag lämnat efter kallelsen.")
    proposal = "\n\n".join(filter(None, (text(inputs, "proposal_title"), text(inputs, "proposal"))))
    written = {PROPOSAL: proposal, MEMO: text(inputs, "memo")}
    made = [
        statements.write(context.db, case, document_type, content, actor_id=context.actor_id)
        for document_type, content in written.items()
        if content
    ]
    read = [statements.latest(context.db, case.id, step) for step in ("statement", *SAMRAD)]
    for version in (*made, *read):
        if version is not None:
            attach_paper(context.db, version, item.id, context.actor_id)
    return {}


@operation(
    "place_material_late", "Ta upp sent eller flytta", "Take up late or move", inputs=("agenda_item_id", "choice"),
    outputs=("choice",),
)  # fmt: skip
def place_material_late(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Papers came too late: take the item up all the same, or give the place back."""
    choice = required_text(inputs, "choice")
    if choice == "next_meeting":
        agenda.withdraw(
            context.db, item_of(context, inputs), "Underlaget kom inte i tid; tas upp senare.", context.actor_id
        )
    return {"choice": choice}


@operation(
    "record_chair_decision", "Protokollför ordförandebeslut", "Record the chair's decision",
    inputs=("text", "urgency_reason", "deciding_body", "delegation_point?"), outputs=("paragraph",),
)  # fmt: skip
def record_chair_decision(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The chair decides an urgent matter (KL 6:39); it is reported at the committee's next meeting (KL 6:40)."""
    case = case_of(context)
    of = body(context.db, context.organization_id, required_text(inputs, "deciding_body"))
    written = f"{required_text(inputs, 'text')}\n\nSkäl för brådska: {required_text(inputs, 'urgency_reason')}"
    point = text(inputs, "delegation_point")
    made = delegated.decide_as_chair(context.db, of, case, written, point, context.actor_id)
    following.decide(context.db, case, clock.today())
    return {"paragraph": str(made.paragraph)}


def _slot(context: OperationContext, key: str, role: str, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    if role not in agenda.ROLES:
        raise Invalid(
            say("'%(role)s' is no way to treat a case. Known: %(known)s.", role=role, known=", ".join(agenda.ROLES))
        )
    of = body(context.db, context.organization_id, key)
    case = case_of(context)
    found = agenda.request_slot(context.db, case, of, role, after=day(inputs, "after"), latest=day(inputs, "latest"))
    if found is None:
        return {"slot_found": False, "agenda_item_id": None, "meeting_id": None, "meeting_date": None}
    item, meeting = found
    case.status = "in_samrad" if role == "consultation" else "scheduled"
    return {
        "slot_found": True,
        "agenda_item_id": str(item.id),
        "meeting_id": str(meeting.id),
        "meeting_date": meeting.day,
        "material_late": meeting.material_stop < clock.today(),
    }


@operation("make_extract", "Gör protokollsutdrag", "Make the extract", inputs=("agenda_item_id", "title?"))
def make_extract(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note in the item's log that its extract has been made."""
    item = item_of(context, inputs)
    agenda.complement(context.db, item, text(inputs, "title") or "Protokollsutdrag")
    return {}


@operation(
    "record_appeal_ruling", "Anteckna domstolens avgörande", "Record the court's ruling",
    inputs=("agenda_item_id", "ruling", "ruled_on"), outputs=("annulled",),
)  # fmt: skip
def record_appeal_ruling(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note what the court said of a decision that was appealed."""
    ruled_on = day(inputs, "ruled_on")
    if ruled_on is None or ruled_on > clock.today():
        sentence = "Give the day of the ruling, today at the latest."
        raise Invalid("The day cannot be right.", errors=[{"field": "ruled_on", "sentence": sentence}])
    ruling = required_text(inputs, "ruling")
    appeals.rule(context.db, _decision(context, inputs), ruling, ruled_on, context.actor_id)
    return {"annulled": ruling == "annulled"}


@operation(
    "record_legal_force", "Anteckna laga kraft", "Record legal force", inputs=("agenda_item_id",),
    outputs=("legal_force_date",),
)  # fmt: skip
def record_legal_force(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The decision on the item can no longer be appealed."""
    case_of(context).status = "decided"
    return {"legal_force_date": appeals.take_legal_force(context.db, _decision(context, inputs))}


def _decision(context: OperationContext, inputs: Mapping[str, Value]) -> Decision:
    item = item_of(context, inputs)
    return context.db.scalars(select(Decision).where(Decision.agenda_item_id == item.id)).one()

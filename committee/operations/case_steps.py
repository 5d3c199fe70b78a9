"""Steps of every case: registered, planned, triaged, reminded of, sent, closed."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from committee import deadlines, mailing, stopping
from committee.cases import ENDED, require_officer
from committee.meetings import Meeting
from committee.operations.reading import case_of, required_text, text
from committee.organisations import Body, Person, administration, body
from committee.registry import next_number
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import clock, events


@operation(
    "register_case",
    "Registrera ärendet",
    "Register the case",
    inputs=("title?", "secrecy?"),
    outputs=("registry_number",),
)
def register_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Give the case its registry number (OSL 5:1-2: without delay, with date, number, sender and what it concerns)."""
    case = case_of(context)
    title = inputs.get("title")
    if isinstance(title, str) and title.strip():
        case.title = title.strip()
    if case.registry_number is None:
        case.registry_number = next_number(context.db, case.organization_id, "main")
    case.secrecy_mark = inputs.get("secrecy") == "mark"
    case.registered_at = clock.now()
    case.status = "registered"
    return {"registry_number": case.registry_number}


@operation("set_status", "Sätt status", "Set status", inputs=("status",))
def set_status(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Say where the case stands."""
    end_or_continue(context, required_text(inputs, "status"))
    return {}


@operation(
    "assign_case_officer",
    "Utse handläggare",
    "Assign the case officer",
    inputs=("case_officer_id",),
    outputs=("case_officer_id",),
)
def assign_case_officer(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Name the officer of the case, by id or by the person's key in the register."""
    given = required_text(inputs, "case_officer_id")
    named = select(Person).where(Person.organization_id == context.organization_id, Person.key == given)
    case = case_of(context)
    person = require_officer(context.db, context.db.scalar(named) or _person(context, given), case)
    case.case_officer_id, case.status = person.id, "in_work"
    return {"case_officer_id": str(person.id)}


@operation("transfer_case", "Överlämna", "Transfer", inputs=("receiver", "reason?"))
def transfer_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The matter belongs to somebody else."""
    case = case_of(context)
    case.result = required_text(inputs, "receiver")
    end_or_continue(context, "transferred")
    return {}


@operation("close_case", "Avsluta", "Close", inputs=("comment?",))
def close_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Close the case when it has been cleaned."""
    case = case_of(context)
    case.result = case.result or text(inputs, "comment")
    if case.status not in ENDED:
        end_or_continue(context, "closed")
    deadlines.waive_all(context.db, case.id)
    return {}


@operation("archive_case", "Lämna ärendet till arkiv", "Hand the case to the archive")
def archive_case(context: OperationContext, _inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log that the case can be archived; its ended status stays to be seen."""
    _log(context, "case.archived")
    return {}


@operation("withdraw_case", "Avsluta som återkallat", "End as withdrawn")
def withdraw_case(context: OperationContext, _inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """End a case that has been withdrawn, with what was planned for it."""
    end_or_continue(context, "withdrawn")
    return {}


def end_or_continue(context: OperationContext, status: str) -> None:
    """Set the status; one that ends the case gets its day, and nothing of the case is due any more."""
    case = case_of(context)
    case.status = status
    if status in ENDED:
        case.closed_at = case.closed_at or clock.now()
        deadlines.waive_all(context.db, case.id)
        stopping.stop_all(context.db, case, case.result or "Ärendet är avslutat.", context.actor_id)


def _person(context: OperationContext, given: str) -> Person | None:
    try:
        return context.db.get(Person, UUID(given))
    except ValueError:
        return None


def _log(context: OperationContext, type_: str) -> None:
    case = case_of(context)
    events.record(
        context.db, context.organization_id, type_, "case", case.id, actor_id=context.actor_id, case_id=case.id,
        instance_id=context.instance_id,
    )  # fmt: skip


@operation("notify", "Påminn", "Remind", inputs=("role", "body?", "organization?", "subject"))
def notify(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Send an e-mail to those who have a role in a body, through the outbox."""
    mail(context, _receiver(context, inputs), required_text(inputs, "role"), required_text(inputs, "subject"))
    return {}


@operation("escalate", "Larma", "Escalate", inputs=("role", "body", "reason"))
def escalate(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Tell those above that something is late."""
    mail(context, _receiver(context, inputs), required_text(inputs, "role"), required_text(inputs, "reason"))
    return {}


def mail(context: OperationContext, to: Body, role: str, subject: str, address: str | None = None) -> int:
    """Put an e-mail to those who have a role in a body, and to an address, into the outbox, and log it.

    It is logged on what the process is about. Says to how many it goes.
    """
    subject_type, subject_id, line = _about(context)
    receivers = mailing.send(
        context.db, to, role, subject, line,
        organization_id=context.organization_id, case_id=context.case_id, address=address,
    )  # fmt: skip
    events.record(
        context.db, context.organization_id, f"{subject_type}.reminded", subject_type, subject_id,
        case_id=context.case_id, instance_id=context.instance_id,
        data={"role": role, "body": to.key, "subject": subject},
    )  # fmt: skip
    return receivers


def _about(context: OperationContext) -> tuple[str, UUID, str]:
    """What a process is about: its case, or its meeting, or nothing but itself."""
    if context.case_id is not None:
        case = case_of(context)
        return "case", case.id, f"{case.registry_number or ''} {case.title}"
    meeting = context.db.scalar(select(Meeting).where(Meeting.instance_id == context.instance_id))
    if meeting is not None:
        of = context.db.get_one(Body, meeting.body_id)
        return "meeting", meeting.id, f"{of.short_name} {meeting.day.isoformat()}"
    return "instance", context.instance_id, ""


def _receiver(context: OperationContext, inputs: Mapping[str, Value]) -> Body:
    if (organization := text(inputs, "organization")) is not None:
        return administration(context.db, context.organization_id, organization)
    return body(context.db, context.organization_id, required_text(inputs, "body"))

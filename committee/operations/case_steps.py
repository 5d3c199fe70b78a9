"""Steps of every case: registered, planned, triaged, reminded of, sent, closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from committee import deadlines
from committee.calendar import Roll, working_days_before
from committee.operations.reading import case_of, required_text, text
from committee.organisations import Body, Membership, Person, administration, body
from committee.registry import next_number
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import clock, events
from store.errors import Invalid

SEND_MARGIN_DAYS = 2
"""Working days before the reply-by date on which the answer should leave."""


@operation("register_case", "Registrera ärendet", "Register the case", inputs=("title?",), outputs=("registry_number",))
def register_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Give the case its registry number (OSL 5:1-2: without delay, with date, number, sender and what it concerns)."""
    case = case_of(context)
    title = inputs.get("title")
    if isinstance(title, str) and title.strip():
        case.title = title.strip()
    if case.registry_number is None:
        case.registry_number = next_number(context.db, case.organization_id, "main")
    case.registered_at = clock.now()
    case.status = "registered"
    return {"registry_number": case.registry_number}


@operation("plan_case", "Planera baklänges", "Plan backwards", outputs=("days_to_reply_by",))
def plan_case(context: OperationContext, _inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Set the case's own deadlines from its reply-by date."""
    case = case_of(context)
    reply_by = deadlines.of_kind(context.db, case.id, "reply_by")
    if reply_by is None:
        return {"days_to_reply_by": None}
    send = working_days_before(reply_by.due_date, SEND_MARGIN_DAYS)
    plan = {"send": send, "decision": working_days_before(send, 5), "draft": working_days_before(send, 15)}
    for kind, day in plan.items():
        deadlines.set_deadline(context.db, case.organization_id, case.id, kind, day, direction=Roll.BACKWARD)
    days = (reply_by.due_date - clock.today()).days
    return {"days_to_reply_by": Decimal(days)}


@operation("triage_case", "Bedöm ärendet", "Triage the case", inputs=("handling",), outputs=("handling",))
def triage_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note how the case is to be handled."""
    case = case_of(context)
    case.status = "in_work" if inputs.get("handling") == "answer" else "triage"
    return {"handling": inputs.get("handling")}


@operation("set_status", "Sätt status", "Set status", inputs=("status",))
def set_status(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Say where the case stands."""
    case = case_of(context)
    status = inputs.get("status")
    if not isinstance(status, str):
        raise Invalid("The step does not say which status the case gets.")
    case.status = status
    if status in ("closed", "abstained", "transferred", "withdrawn"):
        case.closed_at = case.closed_at or clock.now()
    return {}


@operation("dispatch_statement", "Expediera yttrandet", "Dispatch the statement", inputs=("sent_on?",))
def dispatch_statement(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note that the answer has been sent; the reply-by deadline is met if it was in time."""
    case = case_of(context)
    sent = inputs.get("sent_on")
    day = sent if isinstance(sent, date) else clock.today()
    case.status = "dispatched"
    found = deadlines.of_kind(context.db, case.id, "reply_by")
    in_time = found is None or day <= found.due_date
    deadlines.close_deadline(context.db, case.id, "reply_by", "met" if in_time else "missed")
    for kind in ("send", "decision", "draft"):
        deadlines.close_deadline(context.db, case.id, kind, "met")
    return {"in_time": in_time}


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


def mail(context: OperationContext, to: Body, role: str, subject: str) -> None:
    """Put an e-mail to those who have a role in a body into the outbox, and log it on the case."""
    case = case_of(context)
    people = select(Person).join(Membership, Membership.person_id == Person.id)
    for person in context.db.scalars(people.where(Membership.body_id == to.id, Membership.role == role)):
        if person.email:
            key = f"mail:{context.instance_id}:{context.element_id}:{person.id}:{clock.now().isoformat()}"
            text_ = f"{subject}\n\n{case.registry_number or ''} {case.title}".strip()
            payload = {"to": person.email, "subject": subject, "text": text_}
            events.send(context.db, context.organization_id, key, "email", payload, case_id=case.id)
    events.record(
        context.db, context.organization_id, "case.reminded", "case", case.id, case_id=case.id,
        instance_id=context.instance_id, data={"role": role, "body": to.key, "subject": subject},
    )  # fmt: skip


def _receiver(context: OperationContext, inputs: Mapping[str, Value]) -> Body:
    if (organization := text(inputs, "organization")) is not None:
        return administration(context.db, context.organization_id, organization)
    return body(context.db, context.organization_id, required_text(inputs, "body"))

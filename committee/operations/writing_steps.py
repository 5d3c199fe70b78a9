"""Steps in which something is written: statements, memos, reports - and sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from committee import deadlines, following, statements
from committee.calendar import require_come
from committee.cases import Case
from committee.documents import DocumentVersion
from committee.filing import attach_paper
from committee.operations.case_steps import end_or_continue, mail
from committee.operations.reading import case_of, day, decided, item_of, required_text, text
from committee.organisations import body
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import clock, events
from store.errors import Invalid

WORKED_IN = "consultation_report"
"""What is written when the views of others are worked into the draft."""
_NOT_WRITTEN = ("document_type", "instruction", "agenda_item_id")
"""What a diagram tells the one who writes, and what does not belong in the text."""


@operation("save_statement", "Spara yttrande", "Save the statement", inputs=("position", "summary", "text?"))
def save_statement(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep a new version of the statement."""
    written = "\n\n".join(part for part in (text(inputs, "summary"), text(inputs, "text")) if part)
    position = required_text(inputs, "position")
    statements.write(context.db, case_of(context), "statement", written, actor_id=context.actor_id, position=position)
    if not _views_are_to_come(context.db, case_of(context)):
        deadlines.finish_deadline(context.db, case_of(context).id, "draft")
    return {}


def _views_are_to_come(db: Session, case: Case) -> bool:
    """Whether others are to be asked, or have been, and nobody has worked in what they say: the draft is not done then."""
    asked = deadlines.of_kind(db, case.id, "consultation")
    return asked is not None and asked.state != "waived" and statements.latest(db, case.id, WORKED_IN) is None


@operation("merge_views", "Arbeta in synpunkter", "Work the views in", inputs=("summary", "text?"))
def merge_views(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep what became of the municipalities' views, and the statement as it reads with them."""
    case, worked_in = case_of(context), text(inputs, "text")
    keep(context, WORKED_IN, {"summary": inputs.get("summary")})
    before = statements.latest(context.db, case.id)
    if worked_in is not None and (before is None or before.text != worked_in):
        position = before.position if before is not None else None
        statements.write(context.db, case, "statement", worked_in, actor_id=context.actor_id, position=position)
    deadlines.finish_deadline(context.db, case.id, "draft")
    return {}


@operation(
    "approve_statement", "Godkänn", "Approve", inputs=("approved", "comment?"), outputs=("approved", "review_comment")
)
def approve_statement(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The head approves the newest version, or sends it back and says what is to be changed."""
    approved, comment = decided(inputs, "approved"), text(inputs, "comment")
    if not approved and comment is None:
        sentence = "Say what is to be changed: whoever reworks it reads this."
        raise Invalid("What is sent back needs a comment.", errors=[{"field": "comment", "sentence": sentence}])
    newest = statements.latest(context.db, case_of(context).id)
    if newest is not None and approved:
        newest.state = "approved"
        case_of(context).status = "prepared"
        # Met where municipalities have answered: else nobody was asked, and nobody will be.
        deadlines.close_deadline(context.db, case_of(context).id, "consultation", "waived")
        deadlines.finish_deadline(context.db, case_of(context).id, "draft")
    elif not approved:
        following.rewrite(context.db, case_of(context), context.actor_id)
    return {"approved": approved, "review_comment": None if approved else comment}


@operation("write_document", "Skriv", "Write", inputs=("document_type?", "agenda_item_id?"))
def write_document(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep what is written in a task as a document of the case, of the type that the diagram says, else of its step.

    With an item of an agenda it is one of its papers.
    """
    version = keep(context, text(inputs, "document_type") or context.element_id, inputs)
    if inputs.get("agenda_item_id") is not None:
        attach_paper(context.db, version, item_of(context, inputs).id, context.actor_id)
    return {}


@operation("abstain_case", "Avstå", "Abstain", inputs=("reason",))
def abstain_case(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The answer is that the region abstains."""
    statements.write(
        context.db, case_of(context), "statement", required_text(inputs, "reason"), actor_id=context.actor_id,
        position="abstain",
    )  # fmt: skip
    return {}


@operation("join_answer", "Instäm i annans svar", "Join another's answer", inputs=("joined", "text"))
def join_answer(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The answer is that the region joins another's."""
    written = f"Region instämmer i yttrandet från {required_text(inputs, 'joined')}.\n\n{required_text(inputs, 'text')}"
    statements.write(context.db, case_of(context), "statement", written, actor_id=context.actor_id)
    return {}


@operation(
    "send_preliminary", "Sänd svar med förbehåll", "Send a preliminary answer",
    inputs=("sent_to", "channel", "reservation?"),
)  # fmt: skip
def send_preliminary(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """An officer's answer is sent in time, with the reservation that the committee has yet to decide."""
    written = text(inputs, "reservation") or "Med förbehåll för nämndens beslut."
    case = case_of(context)
    statements.write(context.db, case, "preliminary_statement", written, actor_id=context.actor_id)
    deadlines.finish_deadline(context.db, case.id, "reply_by")
    return {}


@operation(
    "dispatch_statement", "Expediera yttrandet", "Dispatch the statement",
    inputs=("channel", "sent_to?", "sent_on?", "copies_to?"), outputs=("in_time",),
)  # fmt: skip
def dispatch_statement(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Note that the answer has been sent; the reply-by deadline is met if it was in time."""
    case = case_of(context)
    newest = statements.latest(context.db, case.id)
    if newest is not None:
        newest.state = "dispatched"
    sent = day(inputs, "sent_on") or clock.today()
    require_come(sent, "sent_on")
    in_time = deadlines.finish_deadline(context.db, case.id, "reply_by", sent)
    case.sent_on = sent
    events.record(
        context.db, case.organization_id, "case.dispatched", "case", case.id, actor_id=context.actor_id,
        case_id=case.id, instance_id=context.instance_id,
        data={
            "sent_to": text(inputs, "sent_to") or case.sender or "", "channel": text(inputs, "channel") or "",
            "sent_on": sent.isoformat(),
        },
    )  # fmt: skip
    abstained = newest is not None and newest.position == "abstain"
    deadlines.finish_deadline(context.db, case.id, "send", sent)
    for kind in ("decision", "draft", "summons", "preparation", "joint_consultation", "material_stop"):
        deadlines.close_deadline(context.db, case.id, kind, "waived")
    end_or_continue(context, "abstained" if abstained else "dispatched")
    return {"in_time": in_time}


@operation(
    "report_missed_reply_by", "Larma om missad svarsdag", "Report a missed reply-by date", inputs=("administration",)
)
def report_missed_reply_by(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The day has passed without an answer: the head is told, and the answer is late until it is sent."""
    deadlines.note_escalated(context.db, case_of(context).id, "reply_by")
    to = body(context.db, context.organization_id, required_text(inputs, "administration"))
    mail(context, to, "head", "Svarsdatum har passerat utan att yttrandet är expedierat")
    return {}


def keep(context: OperationContext, document_type: str, inputs: Mapping[str, Value]) -> DocumentVersion:
    """Keep what a step was given as a new version of a document of the case."""
    parts = [_written(value) for name, value in inputs.items() if value and name not in _NOT_WRITTEN]
    written = "\n\n".join(parts)
    return statements.write(context.db, case_of(context), document_type, written, actor_id=context.actor_id)


def _written(value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(_written(item) for item in value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)

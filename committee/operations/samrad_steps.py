"""Steps of samråd: what became of it, or that it did not happen in time."""

from __future__ import annotations

from collections.abc import Mapping

from committee import agenda, statements
from committee.documents import Document
from committee.filing import Subject, put_attachment
from committee.operations.reading import case_of, item_of, required_text
from committee.operations.writing_steps import keep
from engine.feel import Value
from engine.operations import OperationContext, operation
from store import events


@operation(
    "attach_samrad_outcome", "Foga samrådet till ärendet", "Attach the samråd's outcome", inputs=("agenda_item_id",)
)
def attach_samrad_outcome(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log the outcome of the samråd on the case."""
    item, case = item_of(context, inputs), case_of(context)
    case.status = "prepared"
    _record(context, "samrad.attached", {"agenda_item_id": str(item.id), "outcome": item.outcome or ""})
    return {}


@operation(
    "send_samrad_papers", "Sänd underlaget till samrådet", "Send the papers for samråd",
    inputs=("document_type", "agenda_item_id"),
)  # fmt: skip
def send_samrad_papers(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Keep what is proposed and attach it, with the newest draft of the statement, where those who consult read it."""
    item, case = item_of(context, inputs), case_of(context)
    papers = [
        keep(context, required_text(inputs, "document_type"), inputs),
        statements.latest(context.db, case.id),
    ]
    for version in papers:
        if version is not None:
            document = context.db.get_one(Document, version.document_id)
            put_attachment(context.db, document, version, Subject("agenda_item", item.id), context.actor_id)
    return {}


@operation("record_no_samrad", "Notera att samråd inte hinns", "Note that samråd is not in time", inputs=("reason",))
def record_no_samrad(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """Log why there was no samråd."""
    _record(context, "samrad.not_held", {"reason": required_text(inputs, "reason")})
    return {}


@operation("report_oral_samrad", "Anmäl muntlig rapport", "Report samråd orally", inputs=("agenda_item_id",))
def report_oral_samrad(context: OperationContext, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The extract was not there when the summons went out: the samråd is reported orally."""
    item = item_of(context, inputs)
    agenda.complement(context.db, item, "Samrådet rapporteras muntligt; utdraget kom inte före kallelsen.")
    _record(context, "samrad.oral", {"agenda_item_id": str(item.id)})
    return {}


def _record(context: OperationContext, type_: str, data: dict[str, str]) -> None:
    case = case_of(context)
    events.record(
        context.db, context.organization_id, type_, "case", case.id, actor_id=context.actor_id, case_id=case.id,
        instance_id=context.instance_id, data=data,
    )  # fmt: skip

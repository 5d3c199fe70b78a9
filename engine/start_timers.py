"""The timers that start processes: rows of the version in use, which `engine.starts` fires."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine import starting
from engine.bpmn import check as checker
from engine.bpmn.model import EventType, Process
from engine.bpmn.starts import Start, starts
from engine.errors import DiagramRefused
from engine.expressions import Evaluator
from engine.functions import FunctionContext
from engine.models import Definition, StartTimer
from engine.schedule import Due
from store import clock
from store.errors import HandslagError
from store.sentences import say


def arm(db: Session, definition: Definition, process: Process) -> None:
    """The timers that start a new version take the place of those of the version before it.

    Raises DiagramRefused for one whose expression gives no date, duration or cycle.
    """
    of_process = StartTimer.organization_id == definition.organization_id, StartTimer.process_key == definition.key
    db.execute(delete(StartTimer).where(*of_process))
    evaluate = Evaluator(FunctionContext(db, definition.organization_id, None))
    for start in starts(process):
        if start.event.type is not EventType.TIMER:
            continue
        due = _first_due(evaluate, start)
        if due.at is not None:
            db.add(
                StartTimer(
                    organization_id=definition.organization_id,
                    definition_id=definition.id,
                    process_key=definition.key,
                    element_id=start.node.id,
                    number=start.number,
                    due_at=due.at,
                    remaining=due.remaining,
                )
            )
            if due.at <= clock.now():
                db.info["wake"] = True
    db.flush()


def _first_due(evaluate: Evaluator, start: Start) -> Due:
    try:
        return starting.first_due(evaluate, start, clock.now())
    except HandslagError as problem:
        told = [checker.found(start.node, "process-start", problem.message).as_dict()]
        raise DiagramRefused(
            say("Nothing was deployed: %(why)s", why=problem.message), errors=told, findings=told
        ) from problem

"""Operations: what service, script and send tasks, and submissions of user tasks, may run.

A diagram can only name an operation; the code is ours or a plug-in's, reviewed, never the diagram's. An operation runs
inside the step's transaction, writes rows through the session it is given and never commits. What it wants sent
goes through the outbox (`store.events.send`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from engine.errors import UnknownOperation
from store.sentences import say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.feel import Value


@dataclass(frozen=True, slots=True)
class OperationContext:
    """What an operation may know of the step that runs it."""

    db: Session
    organization_id: UUID
    case_id: UUID | None
    instance_id: UUID
    element_id: str
    actor_id: UUID | None
    """The person whose act led here; None when a timer or a message did."""
    task_id: UUID | None = None
    """The user task whose submission this is."""
    variables: Mapping[str, Value] = field(default_factory=dict)
    """Everything visible at the element, to be read and never changed; its inputs are passed apart and are its own."""


Run = Callable[[OperationContext, Mapping[str, "Value"]], Mapping[str, "Value"]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A named operation. `inputs` and `outputs` are what the checker and the process owner's editor show."""

    name: str
    run: Run
    label_sv: str
    label_en: str
    inputs: tuple[str, ...] = ()
    """Names that it reads; a name that ends in `?` may be left out."""
    outputs: tuple[str, ...] = ()


_registry: dict[str, Operation] = {}


def operation(
    name: str, sv: str, en: str, *, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = ()
) -> Callable[[Run], Run]:
    """Register a function as the operation `name`; a name can be taken only once."""

    def register(run: Run) -> Run:
        if name in _registry:
            raise ValueError(f"operation {name!r} is registered twice")
        _registry[name] = Operation(name, run, sv, en, inputs, outputs)
        return run

    return register


def operations() -> Mapping[str, Operation]:
    """All registered operations by name."""
    return dict(_registry)


def find_operation(name: str) -> Operation:
    """The operation, or UnknownOperation."""
    try:
        return _registry[name]
    except KeyError:
        raise UnknownOperation(
            say("There is no operation '%(name)s'. Choose one of those that /operations lists.", name=name)
        ) from None


class BpmnError(Exception):
    """Raised by an operation to end its task in a BPMN error that the diagram may catch by `code`."""

    def __init__(self, code: str, message: str = "", **payload: Value) -> None:
        super().__init__(message or code)
        self.code = code
        self.payload = payload

"""The engine's branch of the error tree."""

from __future__ import annotations

from store.errors import Conflict, HandslagError, Invalid, NotFound


class UnknownOperation(Invalid):
    """A diagram names an operation that nobody registered."""

    code = "unknown_operation"


class DiagramRefused(Invalid):
    """The checker found errors; `errors` holds every finding."""

    code = "diagram_refused"


class DefinitionNotFound(NotFound):
    """No such process, or no such version of it."""

    code = "definition_not_found"


class InstanceNotFound(NotFound):
    """No such process instance."""

    code = "instance_not_found"


class TaskNotFound(NotFound):
    """No such task, or not for this actor."""

    code = "task_not_found"


class InstanceEnded(Conflict):
    """The instance has completed or was cancelled."""

    code = "instance_ended"


class InstanceSuspended(Conflict):
    """An operator holds the instance until it is resumed."""

    code = "instance_suspended"


class TaskNotOpen(Conflict):
    """The task has been completed or cancelled."""

    code = "task_not_open"


class StepFailed(Conflict):
    """A step of the process could not be carried out; it was rolled back and recorded as an incident.

    Those that say why (a limit of an expression, a decision without an answer) are below it, with codes of their own.
    """

    code = "step_failed"


def element_of(error: BaseException) -> str | None:
    """The element of the diagram at which an error came about; None where it does not say."""
    said = error.details.get("element_id") if isinstance(error, HandslagError) else None
    return getattr(error, "element_id", None) or said


class ExpressionFailed(StepFailed):
    """An expression gave a value that cannot be used where it stands."""

    code = "expression_failed"

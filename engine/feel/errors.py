"""What FEEL raises. A wrong value in an expression is no error: it gives null and a note, as DMN 1.3 §10.3 says."""

from __future__ import annotations

from engine.errors import StepFailed
from store.errors import Invalid


class FeelError(StepFailed):
    """An expression went over a limit of steps, depth, size or time, and was stopped."""

    code = "expression_limit"


class FeelSyntaxError(Invalid):
    """The text is not a FEEL expression. `line` and `column` count from 1 and say where reading stopped."""

    code = "expression_syntax"

    def __init__(self, message: str, *, line: int, column: int, hint: str) -> None:
        super().__init__(message, line=line, column=column, hint=hint)
        self.line = line
        self.column = column
        self.hint = hint

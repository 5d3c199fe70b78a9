"""The one tree of errors. Each class has a stable `code`; the message is a sentence that says what to do.

`api/problems.py` maps the branches to HTTP in one table; the CLI maps them to exit codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from store.sentences import Sentence, say


class HandslagError(Exception):
    """Anything that the product tells a person on purpose: in a literal sentence, or in one that `say` makes."""

    code = "error"

    def __init__(self, message: str, *, errors: Sequence[Mapping[str, Any]] = (), **details: Any) -> None:
        super().__init__(message)
        self.message = message if isinstance(message, Sentence) else say(message)
        self.errors = tuple(errors)
        """One mapping per wrong field or finding, where there are several."""
        self.details = details


class NotFound(HandslagError):
    """It does not exist, or the actor may not know that it does."""

    code = "not_found"


class Forbidden(HandslagError):
    """The actor is known and may see the object, but not do this to it."""

    code = "forbidden"


class Conflict(HandslagError):
    """The object is in a state in which this cannot be done."""

    code = "conflict"


class Stale(Conflict):
    """Somebody else changed the object since the actor read it."""

    code = "stale"


class Invalid(HandslagError):
    """What was sent cannot be accepted; nothing was changed."""

    code = "invalid"


class TooLarge(Invalid):
    """What was sent is over a size limit."""

    code = "too_large"


class Unavailable(HandslagError):
    """The database or another part is away; try again later."""

    code = "unavailable"


class Busy(Unavailable):
    """Others hold what this needs, for longer than it may wait, or wait for one another; try again in a moment."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("Others are changing the same thing just now. Nothing was changed; try again in a moment.")


class Misconfigured(HandslagError):
    """The product cannot run with these settings."""

    code = "misconfigured"


class NotUpgraded(Misconfigured):
    """The database has not the tables of this release: none yet, or those of another."""

    code = "database_not_upgraded"

    def __init__(self) -> None:
        super().__init__(
            "The database is empty or belongs to another release. Run: handslag db upgrade", retry_after=60
        )

"""What differs between two versions of a diagram, decision table or form, in an order that is always the same."""

from __future__ import annotations

from engine.versions.change import CHANGED, Change
from engine.versions.diagrams import diagrams
from engine.versions.tables import decisions, form

NO_EFFECT = "The files differ only in what has no effect: notes, spaces, or the order in which things are written."


def diff(kind: str, before: bytes, after: bytes, process: str | None = None) -> list[Change]:
    """All that differs between two files of a kind: `process`, `decisions` or `form`.

    Of diagrams with several processes, `process` chooses one. Raises Invalid for a file that cannot be read.
    """
    if before == after:
        return []
    match kind:
        case "process":
            found = diagrams(before, after, process)
        case "decisions":
            found = decisions(before, after)
        case _:
            found = form(before, after)
    return found or [Change("file", "", "", CHANGED, NO_EFFECT, "form")]

"""Diagrams of other engines: what Camunda 7, Camunda 8, Flowable and Activiti say of their own is said in our words.

`survey` finds out what is to be changed, `rewritten` writes it into the file and leaves every other byte as it is.
See docs/decisions/0012-imports.md and docs/import.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.bpmn.imports.draft import Change
from engine.bpmn.imports.forms import held_forms
from engine.bpmn.imports.rewrite import NotRewritable, rewritten
from engine.bpmn.imports.survey import Survey, not_rewritable, survey, unread
from engine.bpmn.model import Mapped
from engine.bpmn.xml import DiagramUnreadable, parse, require_bpmn
from store.sentences import say

__all__ = [
    "Change",
    "Imported",
    "NotRewritable",
    "Survey",
    "imported",
    "not_rewritable",
    "rewritten",
    "survey",
    "unread",
]


@dataclass(frozen=True, slots=True)
class Imported:
    """A file with our words beside those of other engines, laid out as the file is."""

    content: bytes
    mapped: list[Mapped]
    """What was read as what."""
    forms: dict[str, bytes]
    """The forms that stand in it, by their names."""


def imported(data: bytes) -> Imported:
    """A file in our words. What it says in ours already is left as it is. Raises DiagramUnreadable."""
    root = parse(data)
    require_bpmn(root)
    found = survey(root)
    try:
        return Imported(rewritten(data, root, found.changes, layout=True), found.mapped, held_forms(root))
    except NotRewritable as problem:
        raise DiagramUnreadable(say("Nothing can be added to a file in this encoding. Save it as UTF-8.")) from problem

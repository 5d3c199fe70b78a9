"""Data associations: each either moves data as the standard says, or is only a drawing, and is said to be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.check.finding import CheckContext, Finding, found
from engine.bpmn.lower import copies
from engine.bpmn.model import DataAssociation, DataKind, Diagram, Node, Process
from engine.feel import parse
from store.errors import HandslagError

_WORDS = re.compile(r"[^\W\d]\w*( \w+)*")


def associations(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Data associations can be run."""
    for node in process.scope.walk():
        for association in (*node.data_inputs, *node.data_outputs):
            yield from _association(node, association)


def objects(_diagram: Diagram, process: Process, _context: CheckContext) -> Iterator[Finding]:
    """Data objects stand where variables of their own can live."""
    for node in process.scope.walk():
        if node.triggered_by_event and node.scope is not None and node.scope.data_objects:
            name = node.scope.data_objects[0]
            yield found(
                node,
                "data-object-place",
                "The data object '%(name)s' stands in the event subprocess %(element)s.",
                name=name,
            )


def _association(node: Node, association: DataAssociation) -> Iterator[Finding]:
    ends = [*association.sources, *([association.target] if association.target else [])]
    if association.missing is not None:
        yield found(
            node,
            "data-association",
            "A data association of %(element)s names '%(missing)s', which is not in the file.",
            missing=association.missing,
        )
    elif not copies(association):
        yield found(
            node,
            "data-drawing",
            "A data association of %(element)s is only a drawing: it says neither what is read nor what is written.",
        )
    elif any(end.kind is DataKind.STORE for end in ends):
        yield found(node, "data-store", "%(element)s reads or writes a data store, which Handslag does not run.")
    elif len(association.sources) > 1 and not association.transformation and not association.assignments:
        yield found(
            node,
            "data-association",
            "A data association of %(element)s has several sources and does not say how they become one.",
        )
    else:
        yield from (_name(node, end.name) for end in ends if not _is_name(end.name))
        yield from (_name(node, name) for _, name in association.assignments if not _is_name(name))


def _name(node: Node, name: str) -> Finding:
    return found(
        node,
        "data-name",
        "'%(name)s', which %(element)s reads or writes as data, cannot be the name of a variable.",
        name=name,
    )


def _is_name(name: str) -> bool:
    try:
        parsed = parse(name)
    except HandslagError:
        return False
    return _WORDS.fullmatch(name) is not None and parsed.free_names <= {name}  # FEEL's own names can be variables too

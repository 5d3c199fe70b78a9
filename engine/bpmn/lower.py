"""Lowering: what BPMN says in several ways is said to the kernel in one.

Data objects are variables of their scope. A data association is an input or output of its activity or event, as if it
had been written with `handslag:input` and `handslag:output`; so the kernel knows inputs and outputs only. A subprocess's
data objects are inputs of it without a value, which makes them its own. Ids stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.bpmn.model import Assignment, DataAssociation, Loop, Node, Process, Scope

PLACEHOLDER = "__targetRef_placeholder"
"""The name of the property that bpmn.io writes where an arrow into an activity must end somewhere."""


def lower(process: Process) -> Process:
    """The process as the kernel runs it. Total: what makes no sense is left as it is, for the checker to speak of."""
    return replace(process, scope=_scope(process.scope))


def copies(association: DataAssociation) -> bool:
    """Whether an association moves data; one that a tool draws from an activity to a data object alone does not."""
    if association.assignments:
        return True
    if association.target is None or association.target.name == PLACEHOLDER:
        return False
    return bool(association.transformation or association.sources)


def _scope(scope: Scope) -> Scope:
    return replace(scope, nodes={key: _node(node) for key, node in scope.nodes.items()})


def _node(node: Node) -> Node:
    inner = _scope(node.scope) if node.scope is not None else None
    names = inner.data_objects if inner is not None and not node.triggered_by_event else ()
    own = tuple(Assignment(name, "=null", node.line) for name in names)
    loop, taken = _loop(node)
    return replace(
        node,
        scope=inner,
        loop=loop,
        inputs=(*own, *_assignments(node.data_inputs, taken), *node.inputs),
        outputs=(*node.outputs, *_assignments(node.data_outputs, taken)),
    )


def _assignments(associations: tuple[DataAssociation, ...], taken: set[DataAssociation]) -> Iterator[Assignment]:
    for association in associations:
        if association in taken or not copies(association):
            continue
        if association.target is not None and (association.transformation or not association.assignments):
            yield Assignment(association.target.name, _value(association), association.line)
        for value, name in association.assignments:
            yield Assignment(name, _marked(value), association.line)


def _value(association: DataAssociation) -> str:
    return _marked(association.transformation or association.sources[0].name)


def _marked(text: str) -> str:
    return text if text.lstrip().startswith("=") else f"={text}"


def _loop(node: Node) -> tuple[Loop | None, set[DataAssociation]]:
    """A multi-instance activity over a data input loops over what is copied to it, and the same for its output."""
    taken: set[DataAssociation] = set()
    loop = node.loop
    if loop is None:
        return None, taken
    for association in node.data_inputs:
        if association.target is not None and copies(association) and association.target.name == loop.collection:
            loop = replace(loop, collection=_value(association))
            taken.add(association)
    for association in node.data_outputs:
        if association.target is not None and [item.name for item in association.sources] == [loop.output]:
            loop = replace(loop, output=association.target.name)
            taken.add(association)
    return loop, taken

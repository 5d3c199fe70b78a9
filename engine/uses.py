"""What processes name outside themselves: other processes, decisions and forms."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable
from engine.models import Definition, Resource

CACHE_SIZE = 512


@dataclass(frozen=True, slots=True)
class Uses:
    """The keys of what a version of a process calls, asks and shows."""

    process: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    form: frozenset[str] = frozenset()
    steps: Mapping[str, str] = field(default_factory=dict)
    """Form -> what the first step is called that shows it."""

    def of_kind(self, kind: str) -> frozenset[str]:
        """The keys of a kind of definition."""
        found: frozenset[str] = getattr(self, kind)
        return found


_known: OrderedDict[UUID, Uses] = OrderedDict()
_lock = threading.Lock()


def uses(db: Session, processes: Collection[Definition]) -> dict[UUID, Uses]:
    """What each of the versions names; a version never changes, so each is read once."""
    with _lock:
        found = {each.id: _known[each.id] for each in processes if each.id in _known}
    unread = {each.id: each for each in processes if each.id not in found}
    if unread:
        rows = db.execute(
            select(Definition.id, Resource.content)
            .join(Resource, Resource.id == Definition.resource_id)
            .where(Definition.id.in_(unread))
        )
        found |= {definition_id: _named(content, unread[definition_id].key) for definition_id, content in rows}
        _keep({each: found[each] for each in unread if each in found})
    return found


def _keep(new: dict[UUID, Uses]) -> None:
    with _lock:
        _known.update(new)
        while len(_known) > CACHE_SIZE:
            _known.popitem(last=False)


def _named(content: bytes, key: str) -> Uses:
    try:
        process = read(content).processes.get(key)
    except DiagramUnreadable:  # an older release could read it
        return Uses()
    nodes = list(process.scope.walk()) if process is not None else []
    return Uses(
        process=frozenset(node.called_element for node in nodes if node.called_element),
        decisions=frozenset(node.decision for node in nodes if node.decision),
        form=frozenset(node.form for node in nodes if node.form),
        steps={node.form: node.name for node in reversed(nodes) if node.form and node.name},
    )

"""An instance is carried from one version of its diagram to another: each token to the element that is meant for it.

The tree is walked from the outermost scope inwards, and each task is put under the image of its scope. A token whose element
now stands deeper gets the subprocesses between opened around it; one that stands further out leaves them; a subprocess that
the new version does not have dissolves, and what was in it goes on outside. Where more than one way to do so could be
meant, nothing is done and a sentence says why. What only listens (boundary events, event subprocesses, the ways
of an event-based gateway) goes when the new version has it no more, and begins when it is new. What was fixed when a
wait began (keys of messages, items of a multi-instance activity) stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Node, NodeType
from engine.spiff import activities, flow, listening, tree
from engine.spiff.carrying import Undoable, rename
from engine.spiff.likeness import unlike
from engine.spiff.machine import LIVE, Machine
from engine.spiff.program import ROOT, Program
from store.errors import HandslagError
from store.sentences import listed, quoted, say

_LISTENS = (tree.BOUNDARY, tree.HANDLER, tree.TRIGGER)
_INNER = (tree.ITERATION, tree.LAP)
_PEOPLE = (NodeType.USER_TASK, NodeType.MANUAL_TASK)
_OPEN_BY_THEMSELVES = (NodeType.INCLUSIVE_GATEWAY, NodeType.COMPLEX_GATEWAY)
"""Joins that are looked at in every step."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an instance cannot be carried over: an element of the older version at which it stands, and a sentence."""

    element_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of it. With obstacles the machine is to be thrown away."""

    machine: Machine
    obstacles: tuple[Obstacle, ...]
    went_on: bool
    """Tokens moved: a join waits for nothing more in the new version, or a condition holds."""


def migrate(source: Machine, target: Program, mapping: Mapping[str, str]) -> Carried:
    """The instance in the new version; the source is used up.

    `mapping` names elements that are called otherwise in the new version; the others keep their ids.
    """
    carrying = _Carrying(source, target, mapping)
    try:
        carrying.carry_all()
        if not carrying.obstacles:
            carrying.listen_anew()
        if not carrying.obstacles:
            carrying.go_on()
    except HandslagError as error:  # an input or a key of something new cannot be computed, a join would starve
        carrying.obstacles.append(Obstacle(getattr(error, "element_id", None) or "", error.message))
    return Carried(carrying.machine, tuple(carrying.obstacles), carrying.went_on)


class _Carrying:
    """One instance on its way."""

    def __init__(self, source: Machine, target: Program, mapping: Mapping[str, str]) -> None:
        self.source = source
        self.mapping = mapping
        self.machine = Machine(target, source.evaluate)
        self.machine.tree.numbered = source.tree.numbered
        self.image: dict[str, Task] = {}
        """Key -> the task in the new tree; the keys stay."""
        self.obstacles: list[Obstacle] = []
        self.went_on = False
        self.late: list[Task] = []
        """Tokens that belong into a scope that is carried over after them."""
        self.left: list[Task] = []
        """Scopes in the new tree that a token has left."""
        self.entered: set[tuple[str, str]] = set()
        """(scope, element) of tokens that were put into a scope they did not stand in before."""
        self.owners = {inner: name for name, area in target.areas.items() for inner in area.nodes}
        self.coming = self._activities([source.root])
        self.undoable = Undoable(self.machine, self.owners, self._meant)

    def carry_all(self) -> None:
        """Put everything that goes on into the new tree."""
        root = self.source.root
        self._put(root, None, ROOT)
        self._carry_children(root)
        while self.late:
            late, self.late = self.late, []
            self.coming = self._activities(late)
            for task in late:
                self._carry(task)
            if len(self.late) == len(late):
                self._stop(late[0], say("and what it stands in would each come into the other"))
                return
        for scope in self.left:
            self._drop_empty(scope)
        for element, reason in self.undoable.put(self.image):
            self._stop_at(self.source.program.places[element].node, reason)

    def listen_anew(self) -> None:
        """What is new in the new version and listens to what goes on begins to."""
        for task in list(tree.walk(self.source.root)):
            image = self.image.get(task.id)
            if image is None or not self.machine.alive(image):
                continue
            if tree.role(task) == tree.ACTIVITY:
                self._arm_boundaries(task, image)
                self._offer_choices(task, image)
            if tree.is_scope(task, self.source.program):
                self._arm_handlers(task, image)

    def go_on(self) -> None:
        """Joins that wait for nothing any more open; conditions are looked at."""
        for task in sorted(self.machine.tree.tasks.values(), key=lambda task: int(task.id)):
            if tree.role(task) == tree.JOIN and self.machine.place(task).node.type not in _OPEN_BY_THEMSELVES:
                self.machine.agenda.append(task.id)
        before = len(self.machine.trace)
        flow.run(self.machine)
        self.went_on = len(self.machine.trace) > before

    def _activities(self, tasks: list[Task]) -> set[str]:
        """What the activities in these parts of the old tree are in the new version."""
        found = (below for task in tasks for below in tree.walk(task) if tree.role(below) == tree.ACTIVITY)
        return {self._meant(tree.node_id(task)) for task in found}

    def _carry_children(self, task: Task) -> None:
        for child in task.children:
            self._carry(child)

    def _carry(self, task: Task) -> None:
        if tree.role(task) in _LISTENS or self._is_choice(task):
            self._carry_listener(task)
        elif tree.role(task) in _INNER:
            if (outer := self.image.get(tree.scope_of(task).id)) is not None:
                self._put(task, outer, tree.node_id(outer))
                self._carry_children(task)
        else:
            self._carry_token(task)

    def _carry_listener(self, task: Task) -> None:
        """What listens goes with what it listens to, where the new version has it; else it is gone."""
        host = self.image.get(tree.scope_of(task).id)
        if host is None:
            return
        if tree.role(task) == tree.TRIGGER:
            self._put(task, host, tree.node_id(host))
            return
        node = self._partner(self.source.place(task).node)
        if node is not None and node.id in self._listeners(host) and not self._is_taken(task, host, node):
            self._put(task, host, node.id)
            self._carry_children(task)

    def _carry_token(self, task: Task) -> None:
        node = self._node(task)
        key = self._meant(node.id)
        place = self.machine.program.places.get(key)
        if "q" in task.internal_data:
            self._stop(task, say("is just undoing what was done. Wait until it has, and migrate then"))
        elif place is None:
            if not self._dissolve(task):
                self._stop(task, say("is not in the new version. Say which element takes its place"))
        elif (reason := unlike(node, place.node)) is not None:
            self._stop(task, reason)
        elif (scope := self._scope_for(task, place.node)) is not None:
            self._put(task, scope, key)
            self._carry_children(task)

    def _dissolve(self, task: Task) -> bool:
        """A subprocess that is no more: what is in it goes on outside, with the variables that it held."""
        node = self._node(task)
        if not tree.is_scope(task, self.source.program) or node.loop is not None or node.triggered_by_event:
            return False
        outer = tree.scope_of(task)
        seen = tree.visible(outer)
        own: dict[str, Any] = task.internal_data.get("v", {})
        lost = [name for name, value in own.items() if name in seen and seen[name] != value]
        if lost:
            names = listed(quoted(name) for name in lost)
            reason = say("is gone in the new version, and holds another %(names)s than what is around it", names=names)
            self._stop(task, reason)
            return True
        tree.assign_all(outer, own)
        self.undoable.take(task)
        for child in task.children:
            if tree.role(child) not in _LISTENS:
                self._carry(child)
        return True

    def _scope_for(self, task: Task, node: Node) -> Task | None:
        """The scope in the new tree that a token belongs into; subprocesses that are new around it are opened."""
        around = self._around(node)
        current = self.machine.root
        left: list[Task] = []
        for outer in _scopes_around(task):
            image = self.image.get(outer.id)
            if image is None:
                continue
            if tree.node_id(image) in around or image is self.machine.root:
                current = image
                break
            if tree.role(outer) in _INNER or self._node(outer).triggered_by_event:
                reason = say("stands outside what is repeated or began by an event, and nobody can say for which")
                self._stop(task, reason)
                return None
            left.append(image)
        self.left += left
        if any(scope.internal_data.get("v") for scope in left):
            self._stop(task, say("stands outside a subprocess there whose inputs it still may need"))
        inner = around[around.index(tree.node_id(current)) + 1 :] if current is not self.machine.root else around
        return self._descend(task, node, current, inner) if inner else current

    def _descend(self, task: Task, node: Node, current: Task, inner: list[str]) -> Task | None:
        """Into the subprocesses that stand between, one within the other."""
        for name in inner:
            found = [
                child for child in current.children if tree.node_id(child) == name and tree.role(child) == tree.ACTIVITY
            ]
            holder = self.machine.program.places[name].node
            if len(found) > 1 or not _is_plain(holder):
                what = (
                    say("goes on more than once")
                    if _is_plain(holder)
                    else say("is repeated or begins in a way of its own")
                )
                self._stop(task, say("stands in '%(name)s' there, which %(what)s", name=holder.name or name, what=what))
                return None
            if not found and name in self.coming:
                self.late.append(task)
                return None
            current = found[0] if found else activities.open_empty(self.machine, current, holder)
        if (current.id, node.id) in self.entered:
            self._stop(task, say("is where several tokens stand, and all would come into one subprocess"))
            return None
        self.entered.add((current.id, node.id))
        return current

    def _put(self, task: Task, parent: Task | None, name: str) -> None:
        """Carry one task over, under its own key."""
        entries = task.internal_data
        node = self.machine.program.places[name].node if name != ROOT else None
        if "f" in entries and node is not None and tree.role(task) == tree.JOIN:
            entries["f"] = self._way(task, node, entries["f"])
        if "seen" in entries and node is not None:
            entries["seen"] = [self._way(task, node, way) for way in entries["seen"]]
        self.undoable.take(task)
        if "todo" in entries:
            entries["todo"] = [
                key for each in entries["todo"] if (key := self._meant(each)) in self.machine.program.places
            ]
        if "w" in entries and node is not None and node.type in _PEOPLE:
            entries["w"] = activities.WAITS[node.type].value
        spec = self.machine.program.specs[name]
        image = self.image[task.id] = self.machine.tree.put(task.id, parent, spec, TaskState.STARTED, entries)
        if node is not None and (reason := rename(image, self._node(task), node)) is not None:
            self._stop(task, reason)

    def _way(self, task: Task, join: Node, key: str) -> str:
        """The flow into a join on which a token waits: of the same id, else the only new one from the same element."""
        if key in join.incoming:
            return key
        old = {way.id: way for way in self.source.place(task).incoming}
        source = self._meant(old[key].source) if key in old else ""
        found = [
            way.id
            for way in self.machine.program.places[join.id].incoming
            if way.source == source and way.id not in old
        ]
        if len(found) == 1:
            return found[0]
        before = self.source.program.places[old[key].source].node if key in old else None
        name = before.name or before.id if before is not None else key
        reason = say(
            "has a token that came from '%(name)s', and in the new version no flow leads from there to it", name=name
        )
        self._stop(task, reason)
        return key

    def _drop_empty(self, scope: Task) -> None:
        """A subprocess that its tokens have left is gone, without having completed."""
        if scope is self.machine.root or not self.machine.alive(scope):
            return
        if not any(tree.role(child) in (*LIVE, *_INNER) for child in scope.children):
            outer = tree.scope_of(scope)
            self.machine.tree.remove(scope)
            self._drop_empty(outer)

    def _arm_boundaries(self, task: Task, image: Task) -> None:
        known = {
            partner.id for old in self.source.place(task).boundaries if (partner := self._partner(old)) is not None
        }
        listening.arm_boundaries(self.machine, image, but=known)

    def _arm_handlers(self, task: Task, image: Task) -> None:
        """Event subprocesses listen that are new; none does while one has taken the place of all else."""
        if any(self._has_taken_over(child) for child in image.children):
            return
        old = (handler for handler, _ in self.source.area(task).event_subprocesses)
        known = {partner.id for handler in old if (partner := self._partner(handler)) is not None}
        activities.listen(self.machine, image, but=known)

    def _offer_choices(self, task: Task, image: Task) -> None:
        if self.machine.place(image).node.type is not NodeType.EVENT_BASED_GATEWAY:
            return
        listening.offer_more(self.machine, image)
        if not image.children:
            self._stop(task, say("waits for one of several events, and none of them is left"))

    def _has_taken_over(self, task: Task) -> bool:
        node = self.machine.place(task).node
        return tree.role(task) == tree.ACTIVITY and node.triggered_by_event and listening.start_of(node).interrupting

    def _listeners(self, host: Task) -> set[str]:
        """What can listen to a task of the new tree."""
        place = self.machine.program.places.get(tree.node_id(host))
        found = {handler.id for handler, _ in self.machine.area(host).event_subprocesses} if tree.is_scope(host, self.machine.program) else set()  # fmt: skip
        if place is not None:
            found |= {boundary.id for boundary in place.boundaries}
            if place.node.type is NodeType.EVENT_BASED_GATEWAY:
                found |= {way.target for way in place.outgoing}
        return found

    def _is_taken(self, task: Task, host: Task, node: Node) -> bool:
        """Whether another one listens as this one would, since the plan gives both the same place."""
        renamed = node.id != self._node(task).id
        return renamed and any(
            tree.node_id(child) == node.id and tree.role(child) == tree.role(task) for child in host.children
        )

    def _partner(self, node: Node) -> Node | None:
        """What takes the place of a listener in the new version, if it waits for the same kind of thing."""
        place = self.machine.program.places.get(self._meant(node.id))
        return place.node if place is not None and unlike(node, place.node) is None else None

    def _is_choice(self, task: Task) -> bool:
        if tree.role(task) != tree.EVENT:
            return False
        outer = tree.scope_of(task)
        return tree.role(outer) == tree.ACTIVITY and self._node(outer).type is NodeType.EVENT_BASED_GATEWAY

    def _around(self, node: Node) -> list[str]:
        """The subprocesses of the new version that a node stands in, the outermost first."""
        found: list[str] = []
        name = self.owners[node.id]
        while name != ROOT:
            found.insert(0, name)
            name = self.owners[name]
        return found

    def _meant(self, node_id: str) -> str:
        return self.mapping.get(node_id, node_id)

    def _node(self, task: Task) -> Node:
        """The node of a task of the old tree."""
        return self.source.place(task).node

    def _stop(self, task: Task, reason: str) -> None:
        self._stop_at(self._node(task), reason)

    def _stop_at(self, node: Node, reason: str) -> None:
        element = self.source.program.element(node.id)
        sentence = say("'%(name)s' %(reason)s.", name=node.name or node.id, reason=reason)
        self.obstacles.append(Obstacle(element, sentence))


def _scopes_around(task: Task) -> Iterator[Task]:
    """The scopes of a token, the innermost first; an activity that is done several times is one with its iteration."""
    current = task.parent
    while current is not None:
        yield current
        if tree.role(current) in _INNER:
            current = tree.scope_of(current)
        current = current.parent


def _is_plain(node: Node) -> bool:
    """Whether a subprocess can be opened around what goes on already."""
    plain = (NodeType.SUB_PROCESS, NodeType.TRANSACTION)
    return node.type in plain and node.loop is None and not node.triggered_by_event and not node.is_for_compensation

"""What an activity has with it when it is carried to another version: what can be undone of it, and its repetitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Loop, Node
from engine.spiff import tree
from engine.spiff.machine import Machine
from engine.spiff.program import ROOT
from store.sentences import say

Note = dict[str, Any]
"""An activity that was done and can be undone (`engine.spiff.compensation`)."""
_GOES_ON = (tree.PROCESS, tree.ACTIVITY)


@dataclass(slots=True)
class Undoable:
    """What was done, on its way into the scopes that it stands in now: a subprocess may be drawn around it, or dissolve."""

    machine: Machine
    """Of the new version."""
    owners: Mapping[str, str]
    """Element -> the scope that it stands in, in the new version."""
    meant: Callable[[str], str]
    """What takes the place of an element."""
    taken: list[tuple[Task, list[Note]]] = field(default_factory=list)

    def take(self, scope: Task) -> None:
        """Take what was done in it out of a scope of the old tree."""
        if "z" in scope.internal_data:
            self.taken.append((scope, scope.internal_data["z"]))
            scope.internal_data["z"] = []

    def put(self, image: Mapping[str, Task]) -> Iterator[tuple[str, str]]:
        """Give it to the scopes of the new tree; the elements (of the old one) for which there is none, and why."""
        for scope, notes in self.taken:
            for owner, was, note in self._sorted(notes):
                found = self._scope(image.get(scope.id), owner)
                if isinstance(found, Task):
                    found.internal_data.setdefault("z", []).append(note)
                else:
                    yield was, say("was done and can be undone, and stands in %(where)s", where=found)

    def _sorted(self, notes: list[Note]) -> Iterator[tuple[str, str, Note]]:
        """(scope in the new version, element in the old one, note) of all that the new version can undo."""
        program = self.machine.program
        for note in notes:
            key = self.meant(note["n"])
            own: list[Note] = []
            for owner, was, inner in self._sorted(note["z"]):
                if key in (owner, self._outside_events(owner)):
                    own.append(inner)
                else:  # the subprocess is gone, or drawn elsewhere
                    yield owner, was, {**inner, "v": note["v"] | inner["v"]}
            if key in program.compensable:
                yield self.owners[key], note["n"], {**note, "n": key, "z": own}

    def _scope(self, image: Task | None, owner: str) -> Task | str:
        """The scope in the new tree; or which one it would be, and why it is not there."""
        outside = self._outside_events(owner)
        if image is not None and self.machine.alive(image) and tree.node_id(image) in (owner, outside):
            return image
        found = [task for task in self.machine.tree.tasks.values() if tree.node_id(task) == outside and self._is(task)]
        if len(found) == 1:
            return found[0]
        node = self.machine.program.places[outside].node
        what = say("goes on more than once") if found else say("does not go on")
        return say("'%(name)s' there, which %(what)s", name=node.name or node.id, what=what)

    def _is(self, task: Task) -> bool:
        return tree.role(task) in _GOES_ON and tree.is_scope(task, self.machine.program)

    def _outside_events(self, owner: str) -> str:
        """What an event subprocess has done is remembered by the scope that it stands in."""
        while owner != ROOT and self.machine.program.places[owner].node.triggered_by_event:
            owner = self.owners[owner]
        return owner


def rename(image: Task, old: Node, new: Node) -> str | None:
    """Let what is done several times go on under the names of the new version; the end of a sentence where it cannot."""
    if old.loop is None or new.loop is None or old.loop.kind == "standard":
        return None
    if tree.role(image) == tree.ITERATION:
        _rename_item(image, old.loop, new.loop)
    elif tree.role(image) == tree.ACTIVITY:
        return _rename_answers(image, old.loop, new.loop)
    return None


def _rename_item(iteration: Task, old: Loop, new: Loop) -> None:
    if new.element and new.element != old.element:
        own = tree.own_variables(iteration)
        item = tree.scope_of(iteration).internal_data["items"][iteration.internal_data["i"]]
        own[new.element] = own.pop(old.element, item) if old.element else item


def _rename_answers(body: Task, old: Loop, new: Loop) -> str | None:
    if new.collection and not old.collection:
        return say("was begun a number of times, and in the new version is done for each of a list")
    answers: dict[str, Any] = body.internal_data["r"]
    if not new.output or new.output == old.output:
        return None
    if answers and new.output_element and not old.output_element:
        return say(
            "gives its answers as '%(name)s' in the new version, and those that were given have not been kept",
            name=new.output,
        )
    given = list(answers.values())
    if old.output:
        _forget(tree.scope_of(body), old.output, given)
    tree.assign(tree.scope_of(body), new.output, given)
    return None


def _forget(scope: Task, name: str, value: list[Any]) -> None:
    """Take a variable away where it is what the activity wrote."""
    current: Task | None = scope
    while current is not None:
        own = current.internal_data.get("v", {})
        if name in own:
            if own[name] == value:
                del own[name]
            return
        current = current.parent

"""What comes in an instance, as its diagram says: the steps that lie before it if nothing goes wrong.

A forecast, and nothing that the engine acts on. The straight way is followed: past each gateway, what its conditions say
if nothing on the way can change that, else its default; never back to a step that has been passed, and never out by a
boundary event. Where people or called processes will still settle which way it goes, that is told (`Fork`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from engine import definitions
from engine.bpmn.check.structure import following
from engine.bpmn.model import EventType, Flow, Node, NodeType, Scope
from engine.errors import ExpressionFailed
from engine.expressions import Evaluator
from engine.feel import FeelError, Value
from engine.functions import FunctionContext
from engine.models import Instance
from engine.operations import operations
from engine.spiff import Run

_STAND = ("activity", "event", "join")
"""Tokens that go on by themselves; others listen beside them."""
MOST_MOVES = 500
MOST_STEPS = 30
"""Further ahead nobody plans."""
_PEOPLE = (NodeType.USER_TASK, NodeType.MANUAL_TASK)
_SCOPES = (NodeType.SUB_PROCESS, NodeType.TRANSACTION, NodeType.AD_HOC_SUB_PROCESS)
_STEPS = frozenset((*_PEOPLE, *_SCOPES, NodeType.CALL_ACTIVITY))
"""What a person would call a step of the case; what the machine does between is none."""
_CHOOSES = (NodeType.EXCLUSIVE_GATEWAY, NodeType.EVENT_BASED_GATEWAY)
_JOINS = (NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY, NodeType.COMPLEX_GATEWAY)
_EQUALS = re.compile(r"\s*=?\s*(\w+)\s*=\s*(true|false|\"[^\"]*\"|\d+)\s*")


@dataclass(frozen=True, slots=True)
class Fork:
    """A gateway whose way is not settled: what comes after it, comes if it goes this way."""

    gateway: str
    """Its id in the diagram."""
    question: str
    way: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """A step that stands open as a call, or lies ahead; with the forks between the step before and it."""

    node: Node
    is_open: bool
    forks: tuple[Fork, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """The steps ahead of an instance, in the order of its diagram, and what its expressions can see now."""

    steps: Sequence[Coming]
    variables: Mapping[str, Value]
    evaluate: Evaluator


def forecast(db: Session, instance: Instance, context: FunctionContext, done: frozenset[str] = frozenset()) -> Forecast:
    """What comes in an instance as it stands. `context` is what the functions of its expressions ask.

    `done` are steps that have been done: the machine is not guessed to send the instance straight to one of them again.
    """
    compiled = definitions.compiled(db, instance.definition_id)
    evaluate = Evaluator(context)
    run = Run.restore(compiled.program, instance.state, evaluate)
    standing = [token.element_id for token in run.tokens() if not token.within and token.kind in _STAND]
    known = run.variables()
    walk = _Walk(compiled.process.scope, evaluate, dict(known), done)
    return Forecast(tuple(walk.go(standing)), known, evaluate)


@dataclass
class _Walk:
    """Tokens that go ahead in imagination."""

    scope: Scope
    evaluate: Evaluator
    known: dict[str, Value]
    done: frozenset[str]
    people: set[str] | None = field(default_factory=set)
    """Names that people and called processes write on the way; None: any."""
    machines: set[str] | None = field(default_factory=set)
    """Names that the machine computes again on the way, its present answer being the best guess; None: any."""
    passed: set[str] = field(default_factory=set)
    """Steps; the way does not come back to them."""
    told: set[str] = field(default_factory=set)
    held: dict[str, tuple[Fork, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.following = following(self.scope)

    def go(self, standing: Sequence[str]) -> Iterator[Coming]:
        """The steps ahead of the tokens that stand at these nodes."""
        tokens: deque[tuple[str, tuple[Fork, ...]]] = deque()
        for node in (self.scope.nodes[key] for key in dict.fromkeys(standing)):
            self._pass(node)
            if _joins(node):
                self.held[node.id] = ()
                continue
            if node.type is NodeType.CALL_ACTIVITY:
                yield Coming(node, is_open=True)
            tokens.extend(self._leave(node, ()))
        shown: set[Fork] = set()
        moves = found = 0
        while (tokens or self.held) and moves < MOST_MOVES and found < MOST_STEPS:
            moves += 1
            if not tokens:  # whoever could come to a join has come
                key = next(iter(self.held))
                forks = self.held.pop(key)
                tokens.extend(self._leave(self.scope.nodes[key], forks))
                continue
            key, forks = tokens.popleft()
            node = self.scope.nodes[key]
            if _joins(node):
                self.held[key] = self.held.get(key, ()) + forks
                continue
            if node.type in _STEPS:
                if key in self.passed:
                    continue
                found += 1
                yield Coming(node, is_open=False, forks=tuple(each for each in forks if each not in shown))
                shown.update(forks)
                forks = ()
            self._pass(node)
            tokens.extend(self._leave(node, forks))

    def _pass(self, node: Node) -> None:
        """Note what a node writes: constants are known, the rest is not any more."""
        if node.type in _STEPS:
            self.passed.add(node.id)
        outputs = {item.name: item.value for item in node.outputs}
        for name, text in outputs.items():
            if not text.startswith("="):
                self.known[name] = text
            elif not self.evaluate.reads(text):
                self.known[name] = self._value(text)
            else:
                self._is_written(name, node)
        if outputs:
            return
        if node.result:
            self._is_written(node.result, node)
        operation = operations().get(node.operation or "")
        for name in operation.outputs if operation else ():
            self._is_written(name, node)
        if node.type in _PEOPLE and operation is None and node.form:
            self.people = None
        if node.decision and not node.result:  # its table says under which names it answers
            self.machines = None

    def _is_written(self, name: str, node: Node) -> None:
        written = self.people if node.type in _STEPS else self.machines
        if written is not None:
            written.add(name)

    def _leave(self, node: Node, forks: tuple[Fork, ...]) -> Iterator[tuple[str, tuple[Fork, ...]]]:
        """Where a token goes from a node."""
        flows = [self.scope.flows[name] for name in node.outgoing]
        if len(flows) > 1 and node.type in _CHOOSES:
            flow, fork = self._choose(node, flows)
            if flow is not None:
                yield flow.target, (*forks, fork) if fork else forks
        elif len(flows) > 1 and node.type is NodeType.INCLUSIVE_GATEWAY:
            for flow in (each for each in flows if each.id != node.default):
                fork = None if self._is_sure(flow) else self._fork(node, flow, ())
                if fork is not None or self._holds(flow):
                    yield flow.target, (*forks, fork) if fork else forks
        elif node.type is NodeType.INTERMEDIATE_THROW_EVENT and node.event.type is EventType.LINK:
            yield from ((target, forks) for target in self.following[node.id])
        else:
            yield from ((flow.target, forks) for flow in flows)

    def _choose(self, node: Node, flows: Sequence[Flow]) -> tuple[Flow | None, Fork | None]:
        """The way past a gateway where only one is taken, and what is to be told of it."""
        conditions = [flow for flow in flows if flow.id != node.default and flow.condition]
        is_settled = bool(conditions) and all(self._is_sure(flow) for flow in conditions)
        usual = sorted(flows, key=lambda flow: flow.id != node.default)
        now = [flow for flow in conditions if self._is_guessable(flow) and self._holds(flow)]
        if not is_settled:
            now = [flow for flow in now if flow.target not in self.done]
        open_ways = [flow for flow in [*now, *usual] if self._leads_on(flow)]
        chosen = open_ways[0] if open_ways else None
        if chosen is None or is_settled:
            return chosen, None
        if chosen.condition and (same := _EQUALS.fullmatch(chosen.condition)):
            self.known[same[1]] = self._value(same[2])
            if self.people is not None:
                self.people.discard(same[1])
        return chosen, self._fork(node, chosen, tuple(flow for flow in flows if flow is not chosen))

    def _fork(self, node: Node, chosen: Flow, others: Sequence[Flow]) -> Fork | None:
        if not node.name or node.id in self.told:
            return None
        self.told.add(node.id)
        return Fork(
            node.id, node.name, self._called(chosen), tuple(name for each in others if (name := self._called(each)))
        )

    def _called(self, flow: Flow) -> str:
        return flow.name or self.scope.nodes[flow.target].name

    def _leads_on(self, flow: Flow) -> bool:
        """Whether an end can be reached by a way without a step that has been passed."""
        seen, todo = {flow.target}, [flow.target]
        while todo:
            node = self.scope.nodes[todo.pop()]
            if node.id in self.passed:
                continue
            if node.type is NodeType.END_EVENT:
                return True
            new = [key for key in self.following[node.id] if key not in seen and not self.scope.nodes[key].attached_to]
            seen.update(new)
            todo += new
        return False

    def _is_sure(self, flow: Flow) -> bool:
        return self._is_guessable(flow) and self.machines is not None and not self._reads(flow) & self.machines

    def _is_guessable(self, flow: Flow) -> bool:
        return self.people is not None and not self._reads(flow) & self.people

    def _holds(self, flow: Flow) -> bool:
        return flow.condition is not None and self._value(flow.condition) is True

    def _reads(self, flow: Flow) -> frozenset[str]:
        return self.evaluate.reads(flow.condition) if flow.condition else frozenset()

    def _value(self, text: str) -> Value:
        try:
            return self.evaluate(text, self.known)
        except (ExpressionFailed, FeelError):
            return None


def _joins(node: Node) -> bool:
    return node.type in _JOINS and len(node.incoming) > 1

"""Modifications: what an operator does to an instance that stands wrong, and what must hold after it.

What the kernel can carry out may still be wrong: a token that was taken from one of two branches leaves the other one
waiting at the join for ever. So where tokens stand afterwards is judged as the checker judges a diagram, from there on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import definitions, history
from engine.bpmn.check.soundness import joins_that_starve
from engine.bpmn.model import Node, NodeType, Process, Scope
from engine.feel import to_json
from engine.models import Instance
from engine.spiff import Begin, Cancel, KernelError, Move, MoveRefused, Restart, Run, Token, Write
from engine.steps import step
from store.sentences import listed, quoted, say

_JOINS = (NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY)
_STANDS = ("activity", "event", "join")


def modify(process: Process, run: Run, moves: Sequence[Move], *, may_end: bool = False) -> None:
    """Carry out acts on an instance in memory, which is to be thrown away when they are refused.

    Raises MoveRefused for acts that have no meaning where it stands, that would leave it without a token (unless
    `may_end`), that lead to where the diagram has no way on, or after which tokens could wait at a join for ever.
    """
    before = starving_joins(process, run.tokens())
    try:
        run.modify(moves, may_end=may_end)
    except KernelError as error:
        raise MoveRefused(say("The process could not go on from there: %(why)s", why=error.message)) from error
    starving = starving_joins(process, run.tokens()) - before
    if starving:
        names = listed(quoted(_nodes(process)[key].name or key) for key in sorted(starving))
        raise MoveRefused(
            say(
                "Tokens could then wait at %(names)s for others that never come. Say in the same modification what is to become of every way that leads there.",
                names=names,
            )
        )


def starving_joins(process: Process, tokens: Sequence[Token]) -> frozenset[str]:
    """The joins at which what stands now can come to wait for ever."""
    by_key = {token.key: token for token in tokens}
    nodes = _nodes(process)
    found: frozenset[str] = frozenset()
    for key in dict.fromkeys(token.within for token in tokens if token.kind in _STANDS):
        owner = nodes[by_key[key].element_id] if key in by_key else None
        scope = owner.scope if owner is not None else process.scope
        if scope is not None and (not key or key in by_key):
            inside = (token for token in tokens if token.within == key and token.kind in _STANDS)
            found |= joins_that_starve(owner, scope, Counter(_place(token, scope) for token in inside))
    return found


def _place(token: Token, scope: Scope) -> str:
    """Where a token stands in the game of the checker: at a node, or on a flow into a join that it waits at."""
    if token.flow is not None and scope.nodes[token.element_id].type in _JOINS:
        return token.flow
    return token.element_id


def _nodes(process: Process) -> dict[str, Node]:
    return {node.id: node for node in process.scope.walk()}


@dataclass(frozen=True, slots=True)
class Modified:
    """What a modification has done: what was cancelled, and what stands now that did not."""

    cancelled: tuple[Token, ...]
    begun: tuple[Token, ...]
    status: str
    """Of the instance, afterwards."""


def modify_instance(
    db: Session, instance: Instance, moves: Sequence[Move], reason: str, *, actor_id: UUID | None, may_end: bool = False
) -> Modified:
    """Carry out acts on an instance that the caller has locked, and follow it until it waits again.

    It may be suspended; then what begins waits until it is resumed. Raises MoveRefused, ElementUnknown and InstanceEnded.
    """
    if may_end and instance.parent_id is not None:
        raise MoveRefused(
            say(
                "The process that called this one waits for it. Cancel the call there: %(parent_id)s",
                parent_id=instance.parent_id,
            )
        )
    with step(db, instance.organization_id, actor_id) as current:
        live = current.load(instance.id, instance)
        before = live.run.tokens()
        process = live.compiled.process
        current.act(live, lambda run: modify(process, run, moves, may_end=may_end))
    after = live.run.tokens()
    there, left = {token.key for token in before}, {token.key for token in after}
    gone = tuple(token for token in before if token.key not in left)
    new = tuple(token for token in after if token.key not in there)
    cancelled, begun = _elements(gone), _elements(new)
    data = {
        "reason": reason,
        "acts": [_told(move) for move in moves],
        "cancelled": cancelled,
        "begun": begun,
        "names": _names(process, (*cancelled, *begun)),
    }
    history.record(db, instance, "instance.modified", actor_id=actor_id, data=data)
    return Modified(gone, new, instance.status)


def standing(db: Session, instance: Instance) -> tuple[Token, ...]:
    """Everything that stands or listens in an instance; nothing when it has ended."""
    if instance.status != "running":
        return ()
    compiled = definitions.compiled(db, instance.definition_id)
    return Run.restore(compiled.program, instance.state, lambda _text, _variables: None).tokens()


def _elements(tokens: Sequence[Token]) -> list[str]:
    return [token.element_id for token in tokens if token.kind in (*_STANDS, "iteration")]


def _names(process: Process, elements: Iterable[str]) -> dict[str, str]:
    """What elements are called in the version of this moment: the history is read when there are others."""
    nodes = _nodes(process)
    return {key: nodes[key].name for key in elements if nodes[key].name}


def _told(move: Move) -> dict[str, Any]:
    """An act as the log keeps it and the API takes it."""
    within = {"within": move.within} if isinstance(move, Begin | Restart) and move.within else {}
    match move:
        case Cancel(at):
            return {"cancel": at}
        case Begin(element, after):
            return {"begin_after" if after else "begin_before": element, **within}
        case Restart(element):
            return {"restart_from": element, **within}
        case Write(values):
            return {"variables": {name: to_json(value) for name, value in values.items()}}

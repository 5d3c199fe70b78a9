"""Modifications: what an operator does to an instance that stands wrong, and what must hold after it.

What the kernel can carry out may still be wrong: a token that was taken from one of two branches leaves the other one
waiting at the join for ever. So where tokens stand afterwards is judged as the checker judges a diagram, from there on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.bpmn.check.soundness import joins_that_starve
from engine.bpmn.model import Node, NodeType, Process, Scope
from engine.spiff import KernelError, Move, MoveRefused, Run, Token

_JOINS = (NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY)
_STANDS = ("activity", "event", "join")


def modify(process: Process, run: Run, moves: Sequence[Move], *, may_end: bool = False) -> None:
    """Carry out acts on an instance in memory, which is to be thrown away when they are refused.

    Raises MoveRefused for acts that have no meaning where it stands, that would leave it without a token (unless
    `may_end`), that lead to where the diagram has no way on, or after which tokens could wait at a join for ever.
    """
    before = _starving(process, run.tokens())
    try:
        run.modify(moves, may_end=may_end)
    except KernelError as error:
        raise MoveRefused(f"The process could not go on from there: {error.message}") from error
    starving = _starving(process, run.tokens()) - before
    if starving:
        names = ", ".join(f"'{_nodes(process)[key].name or key}'" for key in sorted(starving))
        raise MoveRefused(
            f"Tokens could then wait at {names} for others that never come. "
            "Say in the same modification what is to become of every way that leads there."
        )


def _starving(process: Process, tokens: Sequence[Token]) -> frozenset[str]:
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

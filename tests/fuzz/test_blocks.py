"""Every process that can be built of blocks does what its blocks say, whoever acts in whatever order."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.bpmn.check import CheckContext, check
from engine.spiff import Begin, Cancel, MoveRefused, Run, Token
from tests.fuzz.blocks import Block, blocks, diagram
from tests.support.kernel import Case, evaluate

THOUSAND = settings(
    max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
LONGEST_WALK = 400


@THOUSAND
@given(block=blocks(), data=st.data())
def test_a_process_of_blocks_does_what_its_blocks_say(block: Block, data: st.DataObject) -> None:
    """The kernel, saved and restored after each step, and one that never is, against the meaning of the blocks."""
    drawn = diagram(block)
    assert not [found for found in check(drawn, CheckContext()) if found.severity == "error"]
    meant, case = block.begin(), Case(drawn, yes=True)
    unsaved = Run.start(case.program, {"yes": True}, evaluate)
    trace = [(entry.element_id, entry.event) for entry in unsaved.snapshot().trace]
    for _ in range(LONGEST_WALK):
        assert (case.open, case.listening) == (sorted(meant.open()), sorted(meant.messages()))
        if not meant.open():
            break
        element = data.draw(st.sampled_from(sorted({*meant.open(), *meant.messages()})))
        key = case.wait(element).key
        act = Run.trigger if element in meant.messages() else Run.complete
        meant.do(element)
        act(case.run, key, {})
        act(unsaved, key, {})
        case._next()
        trace += [(entry.element_id, entry.event) for entry in unsaved.snapshot().trace]
    assert case.status == "completed"
    assert case.trace == trace


@settings(THOUSAND, max_examples=300)
@given(block=blocks(), data=st.data())
def test_a_process_in_which_somebody_moved_tokens_can_still_end(block: Block, data: st.DataObject) -> None:
    """What an operator may do leaves the tokens that were not named as they are, and a walk that ends; or it changes nothing."""
    case = Case(diagram(block), yes=True)
    places = [key for key, place in case.program.places.items() if place.outgoing]
    for _ in range(data.draw(st.integers(0, 5), label="steps before")):
        if case.open:
            _act(case, data)
    assume(case.open)
    before, state = _standing(case), case.run.save()
    named = data.draw(st.lists(st.sampled_from([token.key for token in before]), unique=True, max_size=3))
    begins = data.draw(
        st.lists(st.builds(Begin, st.sampled_from(places), st.booleans()), min_size=not named, max_size=2)
    )
    try:
        case.modify(*map(Cancel, named), *begins)
    except MoveRefused:
        assert case.run.save() == state, "half of it was done"
        return
    _none_lost_or_made(before, _standing(case), set(named), begun=bool(begins))
    for _ in range(LONGEST_WALK):
        if case.status == "completed":
            return
        assert case.open, "nothing can be done, and it has not ended"
        _act(case, data)
    raise AssertionError("the walk did not end")


def _none_lost_or_made(before: list[Token], after: list[Token], named: set[str], *, begun: bool) -> None:
    """What went is what was named, what was in it, and what was around nothing else; or it met others at a join."""
    left = {token.key for token in after}
    gone = [token for token in before if token.key not in left]
    for token in gone:
        inside = {each.key for each in before if each.within == token.key}
        at_join = token.kind == "join" or any(each.kind == "join" for each in before if each.within == token.key)
        assert _is_in(token, named, before) or at_join or (inside and not inside & left), token
    moved_on = any(token.kind in ("join", "iteration") for token in gone)
    assert begun or moved_on or left <= {token.key for token in before}, "a token was made"


def _is_in(token: Token, named: set[str], before: list[Token]) -> bool:
    holder = next((each for each in before if each.key == token.within), None)
    return token.key in named or (holder is not None and _is_in(holder, named, before))


def _standing(case: Case) -> list[Token]:
    return [token for token in case.run.tokens() if token.kind not in ("boundary", "handler")]


def _act(case: Case, data: st.DataObject) -> None:
    element = data.draw(st.sampled_from(sorted({*case.open, *case.listening})))
    case.trigger(element) if element in case.listening else case.complete(element)

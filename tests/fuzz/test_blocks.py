"""Every process that can be built of blocks does what its blocks say, whoever acts in whatever order."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn.check import CheckContext, check
from engine.spiff import Run
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

"""Processes of any shape: no token is lost or made, and one that can never go on is said to be so, not waited for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.bpmn.check import CheckContext, check
from engine.spiff import KernelError
from tests.fuzz.nets import Graph, Net, graphs
from tests.support.kernel import Case

THOUSAND = settings(
    max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SAID = {"never-ends", "dead-end", "end-unknown"}
"""What the checker says of a process that may not end."""
LONGEST_WALK, MOST_TOKENS = 25, 30


@THOUSAND
@given(graph=graphs(), data=st.data())
def test_tokens_move_as_the_standard_says_in_a_process_of_any_shape(graph: Graph, data: st.DataObject) -> None:
    drawn = graph.diagram()
    findings = check(drawn, CheckContext())
    rules = {found.rule for found in findings if found.severity == "error" or found.rule in SAID}
    assert rules <= SAID
    picks = data.draw(st.fixed_dictionaries({node: st.integers(0, ways - 1) for node, ways in graph.choices().items()}))
    net = Net(graph, picks)
    net.begin()
    if net.is_dead:
        assert rules, f"the checker did not see that {graph} can stop"
        with pytest.raises(KernelError, match="never come"):
            Case(drawn, **_variables(picks))
        return
    case = Case(drawn, **_variables(picks))
    for _ in range(LONGEST_WALK):
        assert case.open == net.open
        if not net.open:
            assert case.status == "completed"
            assert "never-ends" not in rules, "it does end"
            return
        assume(len(net.open) < MOST_TOKENS)
        task = data.draw(st.sampled_from(net.open))
        net.complete(task)
        if net.is_dead:
            assert rules, f"the checker did not see that {graph} can stop"
            with pytest.raises(KernelError, match="never come"):
                case.complete(task)
            return
        case.complete(task)


def _variables(picks: dict[str, int]) -> dict[str, object]:
    return {f"pick_{node}": choice for node, choice in picks.items()}

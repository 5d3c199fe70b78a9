"""A diagram without a picture gets one, and means what it meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.bpmn.imports.picture import drawn
from engine.bpmn.read import read

PROCESSES = sorted((Path(__file__).parents[2] / "processes").glob("*.bpmn"))


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_a_diagram_without_a_picture_gets_one_of_all_that_it_has(path: Path) -> None:
    own = path.read_bytes()
    assert drawn(own) == own, "a picture that somebody has drawn stays"
    plain = re.sub(rb"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", b"", own, flags=re.DOTALL)
    made = drawn(plain)
    shown = set(re.findall(r'<bpmndi:BPMN(?:Shape|Edge) [^>]*bpmnElement="([^"]+)"', made.decode()))
    meant, had = read(made), read(plain)
    for key, process in had.processes.items():
        nodes = {node.id for node in process.scope.walk()}
        assert nodes <= shown
        assert {node.id for node in meant.processes[key].scope.walk()} == nodes
    places = re.findall(r'<dc:Bounds (x="[^"]+" y="[^"]+")', made.decode())
    assert len(set(places)) == len(places), "nothing lies on something else"


def test_what_is_no_diagram_or_hides_its_end_is_left_as_it_is() -> None:
    for data in (
        b"<a/>",
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
        b'<d xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"/></d><!-- </d -->',
    ):
        assert drawn(data) == data

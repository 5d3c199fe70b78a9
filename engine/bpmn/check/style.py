"""Style: bpmnlint's rules, by the `bpmn-io` library (a Python transposition of bpmnlint 11). Always advice.

Traps of the library, each met here: some rules take time in the square of their elements and cannot be stopped, so large
diagrams are left out; a linter remembers ids from one file to the next, so each file gets its own; edges are read from
`incoming` and `outgoing`, which the standard lets files leave out, so they are written anew. docs/decisions/0008 has the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.bpmn.check.catalogue import STYLE
from engine.bpmn.check.finding import Finding, about_file, between, found
from engine.bpmn.model import NAMESPACE, Unknown
from engine.bpmn.xml import line_of, parse

MAX_ELEMENTS = 8_000
MAX_SHAPES = 600
MAX_NAMED = 300
"""Messages, signals, errors and escalations."""
_SAID = {
    "end-event-required": "%(element)s has no end event.",
    "fake-join": "Ways meet at %(element)s without a gateway.",
    "global": "%(element)s is not used, has no name, or has that of another.",
    "Element is missing name": "%(element)s has no name.",
    "Element is unused": "%(element)s is not used.",
    "Element name is not unique": "%(element)s has the name of another.",
    "label-required": "%(element)s has no label.",
    "no-bpmndi": "%(element)s is not drawn.",
    "no-duplicate-sequence-flows": "%(element)s is a second flow between the same two.",
    "Duplicate outgoing sequence flows": "Two flows lead from %(element)s to the same place.",
    "Duplicate incoming sequence flows": "Two flows lead to %(element)s from the same place.",
    "no-gateway-join-fork": "The gateway %(element)s joins and forks.",
    "no-implicit-split": "Ways part at %(element)s without a gateway.",
    "no-overlapping-elements": "%(element)s is drawn on top of something else.",
    "Element is outside of parent boundary": "%(element)s is drawn outside of what holds it.",
    "single-blank-start-event": "%(element)s has several start events without trigger.",
    "superfluous-gateway": "The gateway %(element)s neither joins nor forks.",
    "superfluous-label": "The flow %(element)s has a label, and is not chosen.",
    "superfluous-termination": "The terminate end event %(element)s ends nothing else.",
}
"""What each rule says of an element; under bpmnlint's own words where it says several things."""
_SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"
_NAMED = tuple(f"{{{NAMESPACE}}}{name}" for name in ("message", "signal", "error", "escalation"))
_SEQUENCE_FLOW = f"{{{NAMESPACE}}}sequenceFlow"
_WAYS = tuple(f"{{{NAMESPACE}}}{name}" for name in ("incoming", "outgoing"))


@lru_cache(maxsize=8)
def check_style(content: bytes) -> tuple[Finding, ...]:
    """What bpmnlint would say of a file that has been read without error.

    It depends on nothing else and takes longer than all our own rules: who has drawn, and then looks at what putting it
    in use would mean, does not wait for it twice.
    """
    return tuple(_style(parse(content)))


def _style(root: etree._Element) -> Iterator[Finding]:
    shapes = sum(1 for _ in root.iter(_SHAPE))
    named = sum(1 for _ in root.iter(*_NAMED))
    if shapes > MAX_SHAPES or named > MAX_NAMED or sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        yield about_file("style", "The diagram is too large for its style to be looked at.")
        return
    by_id = {str(element.get("id")): element for element in root.iter(etree.Element) if element.get("id")}
    _write_ways(root, by_id)
    for rule, reports in _reports(root, has_drawing=shapes > 0).items():
        for report in reports:
            element = by_id.get(str(report.get("id")))
            if element is not None:
                at = Unknown(str(element.get("id")), "", _name(element, by_id), line_of(element))
                yield found(at, rule, _SAID.get(report["message"], _SAID[rule]))


def _name(element: etree._Element, by_id: Mapping[str, etree._Element]) -> str:
    """As people know it: a flow without a name by those of its ends."""
    name = _own_name(element)
    ends = [by_id.get(element.get(end, "")) for end in ("sourceRef", "targetRef")]
    return name or between(*(_own_name(end) for end in ends if end is not None))


def _own_name(element: etree._Element) -> str:
    return " ".join(element.get("name", "").split())


def _write_ways(root: etree._Element, by_id: Mapping[str, etree._Element]) -> None:
    for element in list(root.iter(*_WAYS)):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for flow in root.iter(_SEQUENCE_FLOW):
        for end, way in (("targetRef", _WAYS[0]), ("sourceRef", _WAYS[1])):
            node = by_id.get(flow.get(end, ""))
            if node is not None and flow.get("id"):
                etree.SubElement(node, way).text = flow.get("id")


def _reports(root: etree._Element, *, has_drawing: bool) -> Mapping[str, list[dict[str, Any]]]:
    from bpmn_io.bpmn_moddle.simple import create_moddle  # a fifth of a second, and only deploying needs it
    from bpmn_io.lint import Linter
    from bpmn_io.lint.resolver import StaticResolver
    from bpmn_io.lint.rules import RULES
    from bpmn_io.moddle_xml.read import ParseError

    try:
        read = create_moddle().from_xml(etree.tostring(root, encoding="unicode"))
    except ParseError:
        return {}  # what moddle cannot read and we can has no style
    chosen = [name for name in STYLE if name in RULES and (has_drawing or name != "no-bpmndi")]
    resolver = StaticResolver({f"rule:bpmnlint/{name}": RULES[name] for name in chosen})
    linter = Linter(config={"rules": dict.fromkeys(chosen, "warn")}, resolver=resolver)
    reports: Mapping[str, list[dict[str, Any]]] = linter.lint(read.root_element)
    return reports

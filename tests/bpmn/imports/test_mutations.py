"""Foreign diagrams broken at random: they give findings or run, and what is written down is what was read."""

from __future__ import annotations

import copy
import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.check import check, opened
from engine.bpmn.imports import imported
from engine.bpmn.model import Diagram
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable
from tests.bpmn.test_mutations import walk
from tests.cli.test_import import CAMUNDA_7, CAMUNDA_8

ROOTS = [etree.fromstring(text.encode()) for text in (CAMUNDA_7, CAMUNDA_8)]
ELEMENTS: list[Any] = [element for root in ROOTS for element in root.iter("*")]
SPACES = [space for root in ROOTS for space in root.nsmap.values() if space]
NAMES = sorted({str(name) for element in ELEMENTS for name in element.attrib} | {
    f"{{{space}}}{word}" for space in SPACES for word in (
        "assignee", "candidateUsers", "class", "expression", "delegateExpression", "resultVariable", "collection", "formKey", "type", "variables",
        "source", "target", "calledElementVersionTag", "decisionRef", "versionTag", "processId", "script", "in", "id", "name",
    )
})  # fmt: skip
TAGS = sorted({str(element.tag) for element in ELEMENTS})
VALUES = [
    "", "=", "${", "${}", "${a", "${a.b(c)}", "#{x == 'y'}", "${!a}P${b}D", "=1 +", "=[1]", "=null", "a,b", ":", "embedded:app:x.html", "all", "x y", "é\"'<&>", "true",
    "${" + "(" * 99, "a" * 300, "${a}\n", "]]>",
]  # fmt: skip


def mutate(data: st.DataObject, root: etree._Element) -> None:
    """One slip of a pen, in anybody's words."""
    elements: list[Any] = list(root.iter("*"))[1:]
    if not elements:
        return
    one, other = data.draw(st.sampled_from(elements)), data.draw(st.sampled_from(elements))
    match data.draw(
        st.sampled_from(["drop", "double", "tag", "move", "attribute", "attribute", "attribute", "lose", "text"])
    ):
        case "drop":
            one.getparent().remove(one)
        case "double":
            one.addnext(copy.deepcopy(one))
        case "tag":
            one.tag = data.draw(st.sampled_from(TAGS))
        case "move":
            if one not in list(other.iterancestors()) and one is not other:
                other.append(one)
        case "attribute":
            one.set(data.draw(st.sampled_from(NAMES)), data.draw(st.sampled_from(VALUES)))
        case "lose":
            if one.attrib:
                del one.attrib[data.draw(st.sampled_from(sorted(one.attrib)))]
        case "text":
            one.text = data.draw(st.sampled_from(VALUES))


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_foreign_diagram_with_slips_gives_findings_or_runs(data: st.DataObject) -> None:
    root = copy.deepcopy(data.draw(st.sampled_from(ROOTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(data, root)
    broken = etree.tostring(root)
    findings = check(broken)
    assert all(found.sentence and found.hint for found in findings)
    try:
        written = imported(broken).content
        first, second = read(broken), read(written)
    except DiagramUnreadable:
        return
    assert said(first) == said(second)
    assert imported(written).content == written
    if not any(found.severity == "error" for found in findings):
        for process in opened(broken).processes:
            walk(process, data)


def said(diagram: Diagram) -> list[str]:
    """What a diagram says, wherever it stands in the file: what has no id is named by its line."""
    return [re.sub(r"line=\d+|\\x00[\w-]+|\\n|\s", "", str(process.scope)) for process in diagram.processes.values()]

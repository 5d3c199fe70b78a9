"""What BPMN 2.0 gives a meaning and is only a drawing here: input and output sets, and data states.

The reader of the diagram is told of each, where the standard would let something wait, fail or change.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.model import NAMESPACE, Foreign
from engine.bpmn.xml import line_of, text_of
from store.sentences import say

MAX_NAME = 200
_NEEDED = {
    "inputSet": (
        "dataInputRefs",
        "optionalInputRefs",
        say("says by an input set which data it needs, but begins without waiting for them: what is not there is null"),
        "Let what gives the data come before it, or wait for it at a conditional event.",
    ),
    "outputSet": (
        "dataOutputRefs",
        "optionalOutputRefs",
        say("says by an output set which data it must give, but ends without them too: what is not there is null"),
        "Ask for them in its form, or look at them in a gateway behind it.",
    ),
}
"""Kind of set -> its references, those of them that need not be there, what is done instead of waiting, the hint."""


def drawings(root: etree._Element) -> Iterator[Foreign]:
    """Every activity, process and data object that says what nothing is done about."""
    for specification in root.iter(f"{{{NAMESPACE}}}ioSpecification"):
        for kind, (references, optional, sentence, hint) in _NEEDED.items():
            sets = specification.findall(f"{{{NAMESPACE}}}{kind}")
            owner = specification.getparent()
            if owner is not None and any(_refs(each, references) - _refs(each, optional) for each in sets):
                yield _told(owner, line_of(sets[0]), "data-set", sentence, hint)
    for state in root.iter(f"{{{NAMESPACE}}}dataState"):
        owner = state.getparent()
        if owner is not None:
            name = " ".join(state.get("name", "").split())[:MAX_NAME] or say("without a name")
            sentence = say("has the state '%(name)s', which nothing sets and nothing looks at", name=name)
            yield _told(owner, line_of(state), "data-state", sentence, "")


def _refs(element: etree._Element, name: str) -> set[str]:
    return {text_of(found) for found in element.findall(f"{{{NAMESPACE}}}{name}")}


def _told(owner: etree._Element, line: int, rule: str, sentence: str, hint: str) -> Foreign:
    return Foreign(owner.get("id", ""), owner.get("name", ""), line, rule, sentence, hint)

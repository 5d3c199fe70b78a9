"""Words of BPMN itself that other engines read in a way of their own: resource roles, and expressions where names belong."""

from __future__ import annotations

import re

from lxml import etree

from engine.bpmn.imports import juel
from engine.bpmn.imports.draft import Draft, in_feel
from engine.bpmn.model import NAMESPACE
from engine.bpmn.xml import text_of
from store.sentences import say

_ROLES = ("potentialOwner", "humanPerformer", "performer")
_GROUP = re.compile(r"\s*(?:group|user)\(\s*([^()]*?)\s*\)\s*")
_NAMED = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}


def read(draft: Draft) -> None:
    """Say in our words what BPMN's own say of people, and tell of names that an expression would choose."""
    if draft.kind in ("userTask", "manualTask"):
        _people(draft)
    elif draft.kind == "callActivity" and juel.is_juel(draft.element.get("calledElement", "")):
        chosen_call(draft)
    elif (attribute := _NAMED.get(draft.kind)) is not None:
        _name(draft, draft.element.get(attribute, ""))


def chosen_call(draft: Draft) -> None:
    """A call is bound when a diagram is deployed; what an expression chooses could not be checked."""
    hint = "Draw a gateway and a call activity for each process."
    draft.refuse("calledElement", say("calls a process that an expression chooses"), hint)


def _name(draft: Draft, name: str) -> None:
    """Messages and their like find each other by their names as they are written."""
    if juel.is_juel(name) or name.startswith("="):
        sentence = say("has a name that an expression would give: %(value)s", value=name[:200])
        hint = "Give it a fixed name; who waits for a message is found by handslag:correlation."
        draft.refuse("name", sentence, hint)


def _people(draft: Draft) -> None:
    for word in _ROLES:
        for element in draft.element.iterchildren(f"{{{NAMESPACE}}}{word}"):
            if text := _role(element):
                draft.performer(word, text, in_feel(text))
                return


def _role(element: etree._Element) -> str:
    """The name of a resource, or an expression; `group(name)` is the name."""
    written = element.find(f"{{{NAMESPACE}}}resourceAssignmentExpression/{{{NAMESPACE}}}formalExpression")
    if written is not None:
        text = text_of(written)
        named = [_GROUP.fullmatch(part) for part in text.split(",")]
        return ",".join(part[1] for part in named if part) if all(named) else text
    ref = element.find(f"{{{NAMESPACE}}}resourceRef")
    if ref is None:
        return ""
    key = text_of(ref).rpartition(":")[2]
    resources = element.getroottree().getroot().iterchildren(f"{{{NAMESPACE}}}resource")
    return next((one.get("name", "") for one in resources if one.get("id") == key), "")

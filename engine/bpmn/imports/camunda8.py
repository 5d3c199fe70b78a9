"""The words of Camunda 8 (Zeebe) as ours. Its expressions are FEEL already, marked with `=` as ours are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from engine.bpmn.imports import standard
from engine.bpmn.imports.camunda7 import form
from engine.bpmn.imports.draft import Draft
from engine.bpmn.imports.pieces import quoted
from engine.bpmn.imports.words import ENGINES, meaning
from engine.bpmn.model import NAMESPACE
from engine.bpmn.xml import child_text
from engine.feel import parse
from store.errors import HandslagError
from store.sentences import say

_NAME = re.compile(r"\s*=?\s*([^\W\d]\w*)\s*")
CORRELATED = frozenset(
    f"{{{NAMESPACE}}}{name}" for name in ("intermediateCatchEvent", "boundaryEvent", "receiveTask", "startEvent")
)
"""Elements that wait for a message."""


def read(draft: Draft) -> None:
    """Say in our words what the element's words say."""
    for word, handler in _CHILDREN.items():
        for child in draft.children_of(word):
            handler(draft, child)


def correlation_keys(root: etree._Element) -> dict[str, str]:
    """The key that Camunda 8 writes at each message, by the message's id."""
    keys: dict[str, str] = {}
    for message in root.iterchildren(f"{{{NAMESPACE}}}message"):
        for held in message.iterfind(f"{{{NAMESPACE}}}extensionElements/{{*}}subscription"):
            if ENGINES.get(etree.QName(held).namespace or "") == "Camunda 8" and (key := held.get("correlationKey")):
                keys[message.get("id", "")] = key
    return keys


def correlate(draft: Draft, keys: Mapping[str, str]) -> None:
    """Give a catching event the correlation key that Camunda 8 writes at its message, by the message's id."""
    holder = draft.element
    definition = holder.find(f"{{{NAMESPACE}}}messageEventDefinition")
    ref = (definition if definition is not None else holder).get("messageRef", "")
    key = keys.get(ref.rpartition(":")[2])
    if key is None or holder.tag not in CORRELATED or _starts_process(holder):
        return
    simple = _NAME.fullmatch(key)
    draft.say("correlationKey", key, "correlation", name=simple[1] if simple else "correlationKey", value=_marked(key))


def _starts_process(element: etree._Element) -> bool:
    """At a start event of a process there is no instance yet whose key could be asked for."""
    parent = element.getparent()
    if element.get("instantiate") == "true":
        return True
    return (
        element.tag == f"{{{NAMESPACE}}}startEvent" and parent is not None and parent.get("triggeredByEvent") != "true"
    )


def _assignment(draft: Draft, child: etree._Element) -> None:
    draft.read.add("assignmentDefinition")
    words = [word for word in ("candidateGroups", "assignee", "candidateUsers") if child.get(word)]
    if not words:
        return
    word, value = words[0], child.get(words[0], "")
    draft.performer(word, value, _role(value.strip()))
    if word != "candidateGroups" and draft.said:
        sentence = say("is for a person, '%(name)s'; that is read as the name of a role", name=value[:100])
        draft.note(word, "other-engine", sentence, "Name the role that the person has with handslag:performer.")
    for other in words[1:]:
        said = meaning(other)
        draft.note(other, said.rule, said.told(draft.engine, [other]), said.hint)


def _role(text: str) -> str:
    """A role; a list of one in FEEL is that one, and of several their names."""
    if not text.startswith("="):
        return text
    try:
        expression = parse(text[1:])
        value = None if expression.free_names else expression.evaluate({})
    except HandslagError:
        return text
    names = value if isinstance(value, list) else [value]
    return ",".join(map(str, names)) if all(isinstance(name, str) for name in names) else text


def _form_definition(draft: Draft, child: etree._Element) -> None:
    draft.read.add("formDefinition")
    for word in ("formId", "formKey", "externalReference"):
        if value := child.get(word):
            form(draft, word, value)
            break
    if child.get("bindingType") == "versionTag":
        draft.refuse(
            "bindingType", say("asks for one version of its form"), "Take the newest: remove the binding here."
        )


def _schedule(draft: Draft, child: etree._Element) -> None:
    draft.read.add("taskSchedule")
    if value := child.get("dueDate"):
        written = value if value.strip().startswith("=") else f"=date and time({quoted(value.strip()).text})"
        draft.say("dueDate", value, "due", date=written)
    if value := child.get("followUpDate"):
        sentence = say("is to be taken up on %(value)s, which is not read", value=value[:100])
        draft.note("followUpDate", "other-engine", sentence, "Use a timer before it.")


def _mapping(draft: Draft, child: etree._Element) -> None:
    draft.read.add("ioMapping")
    for one in child.iterchildren("{*}input", "{*}output"):
        kind, name = etree.QName(one).localname, one.get("target", "")
        source = one.get("source", "").strip()
        if not _NAME.fullmatch(name) or name.startswith("="):
            sentence = say("writes to '%(name)s', which is no variable's name", name=name[:100])
            hint = say("Write the whole variable with handslag:%(kind)s, for example as a context.", kind=kind)
            draft.refuse(kind, sentence, hint)
        else:
            draft.say(kind, f"{name}: {source}", kind, name=name, value=source or "=null")


def _task_definition(draft: Draft, child: etree._Element) -> None:
    draft.read.add("taskDefinition")
    name = child.get("type", "").strip()
    if draft.kind not in ("serviceTask", "sendTask", "scriptTask"):
        rule = "other-engine-code" if draft.kind == "businessRuleTask" else "other-engine"
        sentence = say("is done by a job worker '%(name)s'; here the engine does it itself", name=name[:100])
        draft.note("taskDefinition", rule, sentence, "Draw a service task with an operation if more is to be done.")
    elif name.startswith("="):
        sentence = say("is done by a job worker that an expression chooses: %(value)s", value=name[:200])
        draft.refuse("taskDefinition", sentence, "Name one operation with handslag:operation.")
    elif name:
        draft.say("taskDefinition", name, "operation", name=name)


def _decision(draft: Draft, child: etree._Element) -> None:
    draft.read.add("calledDecision")
    ref = child.get("decisionId", "").strip()
    if ref.startswith("="):
        sentence = say("asks a decision that an expression chooses: %(value)s", value=ref[:200])
        draft.refuse("calledDecision", sentence, "Draw a gateway and a task for each decision.")
    elif draft.kind == "businessRuleTask":
        draft.say("calledDecision", ref, "decision", ref=ref, result=child.get("resultVariable"))
    if child.get("bindingType") == "versionTag":
        sentence = say("asks for one version of its decision")
        draft.refuse("bindingType", sentence, "Take the newest: remove the binding here.")


def _called_element(draft: Draft, child: etree._Element) -> None:
    draft.read.add("calledElement")
    key = child.get("processId", "").strip()
    if key.startswith("=") or child.get("processIdExpression"):
        standard.chosen_call(draft)
    elif key:
        draft.give("calledElement", key, "calledElement", key)
    binding = child.get("bindingType", "latest")
    tag = child.get("versionTag") if binding == "versionTag" else None
    inputs = "all" if child.get("propagateAllParentVariables", "true") != "false" else None
    # Zeebe's default is true for both; its output mappings stand instead of all variables, not beside them
    mapped = any(True for held in draft.children_of("ioMapping") for _ in held.iterchildren("{*}output"))
    outputs = "all" if child.get("propagateAllChildVariables", "true") != "false" and not mapped else None
    draft.say("calledElement", key, "call", binding=binding, versionTag=tag, inputs=inputs, outputs=outputs)


def _loop(draft: Draft, child: etree._Element) -> None:
    draft.read.add("loopCharacteristics")
    collection = child.get("inputCollection", "")
    draft.say(
        "loopCharacteristics",
        collection,
        "loop",
        collection=_marked(collection),
        element=child.get("inputElement"),
        output=child.get("outputCollection"),
        outputElement=child.get("outputElement"),
    )


def _script(draft: Draft, child: etree._Element) -> None:
    """An expression whose value a variable takes: an output of a task that runs nothing."""
    draft.read.add("script")
    name, expression = child.get("resultVariable"), child.get("expression", "")
    if draft.kind == "scriptTask" and name and child_text(draft.element, "script") is None:
        draft.say("script", expression, "output", name=name, value=_marked(expression))


def _subscription(draft: Draft, _child: etree._Element) -> None:
    draft.read.add("subscription")  # read where the message is waited for


def _version_tag(draft: Draft, child: etree._Element) -> None:
    if draft.kind == "process" and (value := child.get("value")):
        draft.give("versionTag", value, "handslag:versionTag", value)


def _marked(text: str) -> str:
    """FEEL with its mark, also where Camunda 8 lets it be left out."""
    return text if text.lstrip().startswith("=") else f"={text}"


_CHILDREN: Mapping[str, Callable[[Draft, etree._Element], None]] = {
    "assignmentDefinition": _assignment, "formDefinition": _form_definition, "taskSchedule": _schedule, "ioMapping": _mapping,
    "taskDefinition": _task_definition, "calledDecision": _decision, "calledElement": _called_element, "loopCharacteristics": _loop,
    "script": _script, "versionTag": _version_tag, "subscription": _subscription,
}  # fmt: skip

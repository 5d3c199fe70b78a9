"""The words of Camunda 7, which Flowable and Activiti share, as ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from lxml import etree

from engine.bpmn.imports import forms, juel
from engine.bpmn.imports.draft import Draft, in_feel
from engine.bpmn.imports.methods import COUNTERS
from engine.bpmn.imports.pieces import quoted
from engine.bpmn.xml import text_of
from store.sentences import say

_BEAN = re.compile(
    r"\s*[$#]\{\s*(?P<bean>[^\W\d]\w*)\s*(?:\.\s*(?P<method>[^\W\d]\w*)\s*\((?P<given>[^()]*)\)\s*)?\}\s*"
)
_FORM = re.compile(r"[\w.-]+")
_RESULTS = {
    "resultList": say("a list of results"),
    "singleResult": say("a map, also where the table has one output,"),
    "collectEntries": say("a list, also where one rule answers,"),
}
"""What `mapDecisionResult` makes of an answer, where that is not the answer itself (`singleEntry`)."""
_OPERATES = ("serviceTask", "sendTask", "scriptTask")


def read(draft: Draft) -> None:
    """Say in our words what the element's words say; what is left in `draft.words` is not read."""
    for word, handler in _ATTRIBUTES.items():
        if word in draft.attributes and word not in draft.read:
            handler(draft, draft.attributes[word])
    for word, child_handler in _CHILDREN.items():
        for child in draft.children_of(word):
            child_handler(draft, child)


def form(draft: Draft, word: str, value: str) -> None:
    """A form by its key: `camunda-forms:deployment:invoice.form` is the form `invoice`."""
    key = PurePosixPath(value.strip().rpartition(":")[2]).name.removesuffix(".form")
    if value.startswith(("embedded:", "app:")) or key.endswith((".html", ".jsf")) or not _FORM.fullmatch(key):
        sentence = say("has a form that only %(engine)s can show: %(value)s", engine=draft.engine, value=value[:200])
        hint = "Draw it with form-js, save it as forms/NAME.form and name it with handslag:form."
        draft.note(word, "other-engine", sentence, hint)
    elif draft.kind in ("userTask", "startEvent"):
        draft.say(word, value, "form", ref=key)


def _people(draft: Draft, _value: str) -> None:
    if draft.kind not in ("userTask", "manualTask"):
        return
    word = next(word for word in ("candidateGroups", "assignee", "candidateUsers") if word in draft.attributes)
    if word in draft.read:
        return
    value = draft.attributes[word]
    draft.performer(word, value, in_feel(value))
    if word != "candidateGroups" and word in draft.read and draft.said:
        sentence = say("is for a person, '%(name)s'; that is read as the name of a role", name=value[:100])
        draft.note(word, "other-engine", sentence, "Name the role that the person has with handslag:performer.")


def _form(draft: Draft, value: str) -> None:
    form(draft, "formKey" if "formKey" in draft.attributes else "formRef", value)
    if draft.attributes.get("formRefBinding") in ("latest", "deployment"):
        draft.read.add("formRefBinding")


def _fields(draft: Draft, _child: etree._Element) -> None:
    """Fields that stand in the task: its form has the task's id, and `handslag import` writes it."""
    key = draft.element.get("id", "")
    if "formData" in draft.read:
        return
    draft.read |= {"formData", "formProperty"}
    if draft.kind not in ("userTask", "startEvent") or not forms.is_name(key):
        return
    if found := forms.fields(draft.element):
        names = ", ".join(one.get("id", "") for one in found)
        draft.say("formData", names, "form", ref=key)
        sentence = say("has the fields of a form: %(names)s", names=names[:200])
        hint = say(
            "handslag import -o writes them as forms/%(key)s.form; deploy it together with the diagram.", key=key
        )
        draft.note("formData", "other-engine", sentence, hint)


def _due(draft: Draft, value: str) -> None:
    if draft.kind in ("userTask", "manualTask"):
        draft.say("dueDate", value, "due", date=_date(value))


def _date(value: str) -> str:
    """A due date; a text is a date in ISO 8601, or a duration from now."""
    text = value.strip()
    if juel.is_juel(text):
        return in_feel(text)
    if text.startswith("P"):
        return f"=now() + duration({quoted(text).text})"
    return f"=date and time({quoted(text).text})" if "T" in text else f"=date({quoted(text).text})"


def _decision(draft: Draft, value: str) -> None:
    if draft.kind != "businessRuleTask":
        return
    if juel.is_juel(value):
        sentence = say("asks a decision that an expression chooses: %(value)s", value=value[:200])
        draft.refuse("decisionRef", sentence, "Draw a gateway and a task for each decision.")
        return
    result = draft.attributes.get("resultVariable")
    if result is None and any(True for _ in draft.children_of("inputOutput")):
        result = "decisionResult"  # the name that Camunda gives it for output parameters
    draft.say("decisionRef", value, "decision", ref=value.strip(), result=result)
    draft.read |= {"resultVariable"}
    mode = draft.attributes.get("mapDecisionResult", "resultList")
    draft.read |= {"mapDecisionResult"}
    if draft.attributes.get("decisionRefBinding") == "latest":
        draft.read.add("decisionRefBinding")
    if there := _RESULTS.get(mode):
        sentence = say("gets the decision's answer as %(there)s in Camunda, and the answer itself here", there=there)
        draft.note("mapDecisionResult", "other-engine", sentence, "See what reads the result.")


def _call(draft: Draft, value: str) -> None:
    if draft.kind != "callActivity":
        return
    tag = draft.attributes.get("calledElementVersionTag")
    if value in ("latest", "deployment"):
        draft.say("calledElementBinding", value, "call", binding=value)
    elif value == "versionTag" and tag:
        draft.say("calledElementBinding", value, "call", binding=value, versionTag=tag)
        draft.read.add("calledElementVersionTag")


def _operation(draft: Draft, _value: str) -> None:
    """What is to be run: an external task's topic, a Java class or a bean becomes the name of an operation."""
    attributes = draft.attributes
    if draft.kind not in _OPERATES:
        hint = "Draw a service task with an operation of that name."
        sentence = say("is done by code of %(engine)s", engine=draft.engine)
        if draft.kind == "messageEventDefinition":
            sentence = say("sends its message by code of %(engine)s; here the engine sends it", engine=draft.engine)
        severity = "other-engine-code" if draft.kind == "businessRuleTask" else "other-engine"
        draft.note("type", severity, sentence, hint)
        draft.read |= {"type", "topic", "class", "delegateExpression", "expression", "resultVariable"}
        return
    for word in ("topic", "delegateExpression", "class", "expression"):
        if (value := attributes.get(word)) is not None:
            draft.read.add("type")
            _named_operation(draft, word, value)
            return
    if "type" in attributes:
        draft.say("type", attributes["type"], "operation", name=attributes["type"])


def _named_operation(draft: Draft, word: str, value: str) -> None:
    bean = _BEAN.fullmatch(value)
    name = value.strip()
    if bean is not None:
        name = bean["bean"] if bean["method"] is None else f"{bean['bean']}.{bean['method']}"
    elif juel.is_juel(value):
        sentence = say("is done by an expression of %(engine)s: %(value)s", engine=draft.engine, value=value[:200])
        draft.refuse(word, sentence, "Name an operation with handslag:operation.")
        return
    draft.say(word, value, "operation", name=name)
    if bean is not None and bean["given"]:
        sentence = say("gives '%(given)s' to '%(name)s'", given=bean["given"][:100], name=name)
        draft.note(word, "other-engine", sentence, "Give the operation what it needs with handslag:input.")
    if (result := draft.attributes.get("resultVariable")) is not None:
        sentence = say(
            "keeps what '%(name)s' gives as '%(result)s'; here an operation's results have names of their own",
            name=name,
            result=result[:100],
        )
        hint = say(
            'Write <handslag:output name="%(result)s" value="=NAME" />, with the name that the operation gives it.',
            result=result[:100],
        )
        draft.note("resultVariable", "other-engine", sentence, hint)


def _loop(draft: Draft, _value: str) -> None:
    collection = draft.attributes.get("collection")
    draft.read |= {"collection", "elementVariable"} & draft.attributes.keys()
    if draft.kind != "multiInstanceLoopCharacteristics" or collection is None:
        return
    written = in_feel(collection) if juel.is_juel(collection) else f"={collection.strip()}"
    draft.say("collection", collection, "loop", collection=written, element=draft.attributes.get("elementVariable"))


def _triggerable(draft: Draft, value: str) -> None:
    if value.strip().lower() == "true":
        sentence = say(
            "waits in %(engine)s until it is triggered, after its work is done; here it goes on", engine=draft.engine
        )
        draft.refuse("triggerable", sentence, "Draw a receive task behind it, and remove it here.")


def _skip(draft: Draft, value: str) -> None:
    sentence = say(
        "is passed over in %(engine)s where %(value)s holds; here it is always done",
        engine=draft.engine,
        value=value[:200],
    )
    draft.refuse("skipExpression", sentence, "Draw an exclusive gateway before it, and remove it here.")


def _raised(draft: Draft, child: etree._Element) -> None:
    """Of an external task: an error that it ends in where an expression holds."""
    sentence = say(
        "ends in an error in %(engine)s where %(value)s holds; here it does not",
        engine=draft.engine,
        value=child.get("expression", "")[:200],
    )
    hint = "Let the operation refuse with the error's code, or draw a gateway and an error end; remove it here."
    draft.refuse("errorEventDefinition", sentence, hint)


def _version_tag(draft: Draft, value: str) -> None:
    if draft.kind == "process":
        draft.give("versionTag", value, "handslag:versionTag", value)


def _in(draft: Draft, child: etree._Element) -> None:
    draft.read.add("in")
    target = child.get("target")
    if (key := child.get("businessKey")) is not None:
        sentence = say("gives what it calls the key '%(key)s'; here that belongs to the caller's case", key=key[:100])
        hint = "Nothing need be done where it is the caller's own key; else give it as a variable with handslag:input."
        draft.note("in", "other-engine", sentence, hint)
        return
    if child.get("variables") == "all":
        draft.say("in", "all", "call", binding="latest", inputs="all")
    elif target and (value := _given(child)) is not None:
        draft.say("in", child.get("source") or child.get("sourceExpression") or "", "input", name=target, value=value)


def _out(draft: Draft, child: etree._Element) -> None:
    draft.read.add("out")
    target = child.get("target")
    if child.get("variables") == "all":
        draft.say("out", "all", "call", binding="latest", outputs="all")
    elif target and (value := _given(child)) is not None:
        draft.say("out", child.get("source") or child.get("sourceExpression") or "", "output", name=target, value=value)


def _given(child: etree._Element) -> str | None:
    expression = child.get("sourceExpression")
    if expression is not None:
        return in_feel(expression)
    source = child.get("source", "").strip()
    return f"={COUNTERS[source].text if source in COUNTERS else source}" if source else None


def _input_output(draft: Draft, child: etree._Element) -> None:
    draft.read.add("inputOutput")
    for parameter in child.iterchildren("{*}inputParameter", "{*}outputParameter"):
        word, name = etree.QName(parameter).localname, parameter.get("name", "")
        kind = "input" if word == "inputParameter" else "output"
        value = _parameter(parameter)
        if value is None:
            sentence = say("computes '%(name)s' by a script of %(engine)s", name=name[:100], engine=draft.engine)
            draft.refuse(word, sentence, say("Write it in FEEL in handslag:%(kind)s.", kind=kind))
        elif name:
            draft.say(word, f"{name}: {text_of(parameter)}", kind, name=name, value=value)
    if any(one.kind == "output" for one in draft.said) and draft.kind in ("userTask", "serviceTask", "sendTask"):
        sentence = say("has output parameters: here nothing else of its result is written, there the rest is too")
        draft.note("outputParameter", "other-engine", sentence, "Write each name that is needed with handslag:output.")


def _parameter(element: etree._Element) -> str | None:
    """A parameter's value: a text, a list or a map. None for a script."""
    inner = next((one for one in element if isinstance(one.tag, str)), None)
    if inner is None:
        return in_feel(element.text or "")
    match etree.QName(inner).localname:
        case "list":
            items = [_item(one) for one in inner if isinstance(one.tag, str)]
            return None if None in items else f"=[{', '.join(item or '' for item in items)}]"
        case "map":
            entries = [(one.get("key", ""), _item(one)) for one in inner if isinstance(one.tag, str)]
            if any(value is None for _, value in entries):
                return None
            return f"={{{', '.join(f'{quoted(key).text}: {value}' for key, value in entries)}}}"
    return None


def _item(element: etree._Element) -> str | None:
    """An item of a list or map, as FEEL."""
    if any(isinstance(one.tag, str) for one in element):
        return None
    value = in_feel(element.text or "")
    return value.removeprefix("=") if value.startswith("=") else quoted(value).text


_ATTRIBUTES: Mapping[str, Callable[[Draft, str], None]] = {
    "candidateGroups": _people, "assignee": _people, "candidateUsers": _people,
    "formKey": _form, "formRef": _form, "dueDate": _due, "decisionRef": _decision,
    "calledElementBinding": _call, "versionTag": _version_tag,
    "topic": _operation, "delegateExpression": _operation, "class": _operation, "expression": _operation, "type": _operation,
    "collection": _loop, "elementVariable": _loop, "triggerable": _triggerable, "skipExpression": _skip,
}  # fmt: skip
_CHILDREN: Mapping[str, Callable[[Draft, etree._Element], None]] = {
    "in": _in, "out": _out, "inputOutput": _input_output, "formData": _fields, "formProperty": _fields,
    "errorEventDefinition": _raised,
}  # fmt: skip

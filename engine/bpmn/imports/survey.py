"""Goes through a diagram and finds what is said in other engines' words and expressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.imports import camunda7, camunda8, juel
from engine.bpmn.imports.draft import Change, Draft, owner
from engine.bpmn.imports.pieces import NotTranslatable
from engine.bpmn.imports.words import CAMUNDA_7_FAMILY, ENGINES, Meaning, meaning, tool
from engine.bpmn.model import EXTENSION_NAMESPACE, NAMESPACE, Foreign, Mapped
from engine.bpmn.xml import line_of, text_of

_EXPRESSIONS = {
    "conditionExpression", "condition", "timeDate", "timeDuration", "timeCycle", "loopCardinality", "completionCondition",
    "loopCondition",
}  # fmt: skip
"""Elements of BPMN whose text is an expression."""
_READABLE = ("feel", "juel")
"""Languages of an expression, in part of what tools write."""
_KNOWN = (
    NAMESPACE,
    EXTENSION_NAMESPACE,
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
)
_OF_TOOLS = Meaning("other-tool", "", "Nothing need be done.")


@dataclass(slots=True)
class Survey:
    """What a diagram says in other words than ours."""

    changes: list[Change] = field(default_factory=list)
    """What is to be written so that it is said in ours."""
    mapped: list[Mapped] = field(default_factory=list)
    """What becomes of each word that is read."""
    notes: list[Foreign] = field(default_factory=list)
    """What is not read, or not whole."""


def survey(root: etree._Element) -> Survey:
    """Everything foreign in a diagram. Total: what is not understood is a note."""
    found = Survey()
    tools: Counter[str] = Counter()
    keys = _correlation_keys(root)
    for element in root.iter(f"{{{NAMESPACE}}}*"):
        words, engine = _words(element, tools if element is not root else Counter())
        draft = Draft(element, engine or "Camunda 8", words[0], words[1])
        if engine in CAMUNDA_7_FAMILY:
            camunda7.read(draft)
        elif engine == "Camunda 8":
            camunda8.read(draft)
        if keys:
            camunda8.correlate(draft, keys)
        if juel.is_juel(element.get("calledElement", "")):
            camunda8.chosen_call(draft)
        found.notes += draft.notes
        found.notes += _unread(draft)
        found.mapped += draft.mapped
        change = draft.change()
        if etree.QName(element).localname in _EXPRESSIONS:
            change = _translated(element, found) or change
        if change is not None:
            found.changes.append(change)
    found.notes += _of_tools(tools, line_of(root))
    return found


def _words(
    element: etree._Element, tools: Counter[str]
) -> tuple[tuple[dict[str, str], list[etree._Element]], str | None]:
    """The foreign attributes and extension elements of an element, and the engine whose they are."""
    attributes: dict[str, str] = {}
    children: list[etree._Element] = []
    engine: str | None = None
    for written, value in element.attrib.items():
        name = str(written)
        if name.startswith("{"):
            namespace, _, local = name[1:].partition("}")
            engine = engine or ENGINES.get(namespace)
            if namespace in ENGINES:
                attributes[local] = str(value)
            elif namespace not in _KNOWN:
                tools[namespace] += 1
    for holder in element.iterchildren(f"{{{NAMESPACE}}}extensionElements"):
        for child in holder.iterchildren("*"):
            namespace = etree.QName(child).namespace or ""
            engine = engine or ENGINES.get(namespace)
            if namespace in ENGINES:
                children.append(child)
            elif namespace not in _KNOWN:
                tools[namespace] += 1
    return (attributes, children), engine


def _unread(draft: Draft) -> Iterator[Foreign]:
    """A note for each meaning that the words have that were not read."""
    by_meaning: dict[Meaning, list[str]] = {}
    for word in sorted(draft.words - draft.read):
        by_meaning.setdefault(meaning(word), []).append(word)
    key, name, line = owner(draft.element)
    for each, words in by_meaning.items():
        sentence = f"{each.sentence.format(engine=draft.engine)}: {', '.join(words)[:200]}"
        yield Foreign(key, name, line, each.rule, sentence, each.hint.format(engine=draft.engine))


def _translated(element: etree._Element, found: Survey) -> Change | None:
    """An expression of JUEL as FEEL. One that cannot be translated is left to the checker, which refuses it."""
    key, name, line = owner(element)
    language = element.get("language", "").lower()
    if language and not any(part in language for part in _READABLE):
        sentence = f"has an expression in the language '{language[:100]}', which is not run here"
        found.notes.append(Foreign(key, name, line, "other-engine-code", sentence, "Write it in FEEL."))
        return None
    text = text_of(element)
    if len(element) or not juel.is_juel(text):
        return None
    try:
        feel = f"={juel.to_feel(text)}"
    except NotTranslatable:
        return None
    word = etree.QName(element).localname
    found.mapped.append(Mapped(key, name, line, "JUEL", word, text[:200], feel[:300]))
    return Change(element, text=feel)


def _correlation_keys(root: etree._Element) -> dict[str, str]:
    """The key that Camunda 8 writes at each message, by the message's id."""
    keys: dict[str, str] = {}
    for message in root.iterchildren(f"{{{NAMESPACE}}}message"):
        for held in message.iterfind(f"{{{NAMESPACE}}}extensionElements/{{*}}subscription"):
            if ENGINES.get(etree.QName(held).namespace or "") == "Camunda 8" and (key := held.get("correlationKey")):
                keys[message.get("id", "")] = key
    return keys


def _of_tools(tools: Counter[str], line: int) -> Sequence[Foreign]:
    found = Counter[str]()
    for namespace, count in tools.items():
        found[tool(namespace)] += count
    return [
        Foreign("", "", line, _OF_TOOLS.rule, f"{count} marks of {name} are kept and mean nothing here", _OF_TOOLS.hint)
        for name, count in sorted(found.items())
    ]


def not_rewritable(root: etree._Element) -> Foreign:
    """The note of a file in whose encoding nothing can be added."""
    sentence = "speaks the words of another engine in an encoding in which nothing can be added"
    return Foreign("", "", line_of(root), "other-engine-code", sentence, "Save it as UTF-8.")


def unread(mapped: Sequence[Mapped]) -> list[Foreign]:
    """Notes of words that could be read as ours, but are not."""
    by_element: dict[tuple[str, str, int, str], list[str]] = {}
    for one in mapped:
        by_element.setdefault((one.id, one.name, one.line, one.engine), []).append(one.word)
    hint = "handslag import says it in the words of Handslag."
    return [
        Foreign(key, name, line, "other-engine", f"is said in the words of {engine}: {', '.join(words)[:200]}", hint)
        for (key, name, line, engine), words in by_element.items()
    ]

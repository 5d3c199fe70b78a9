"""Goes through a diagram and finds what is said in other engines' words and expressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.imports import camunda7, camunda8, juel, standard
from engine.bpmn.imports.draft import Change, Draft, owner
from engine.bpmn.imports.pieces import NotTranslatable
from engine.bpmn.imports.words import CAMUNDA_7_FAMILY, ENGINES, Meaning, meaning, tool
from engine.bpmn.model import EXTENSION_NAMESPACE, NAMESPACE, Foreign, Mapped
from engine.bpmn.xml import line_of, text_of
from store.sentences import say

_EXPRESSIONS = frozenset(f"{{{NAMESPACE}}}{name}" for name in (
    "conditionExpression", "condition", "timeDate", "timeDuration", "timeCycle", "loopCardinality", "completionCondition",
    "loopCondition",
))  # fmt: skip
"""Elements of BPMN whose text is an expression."""
_READABLE = ("feel", "juel")
"""Languages of an expression, in part of what tools write."""
_KNOWN = (
    NAMESPACE,
    EXTENSION_NAMESPACE,
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
)


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
    keys = camunda8.correlation_keys(root)
    for element in root.iter(f"{{{NAMESPACE}}}*"):
        if not element.attrib and len(element) == 0 and element.tag not in _EXPRESSIONS:
            continue  # `incoming` and its like, which are half of a file
        drafts = _drafts(element, tools if element is not root else Counter())
        for draft in drafts:
            if draft.engine in CAMUNDA_7_FAMILY:
                camunda7.read(draft)
            elif draft.engine == "Camunda 8":
                camunda8.read(draft)
                camunda8.correlate(draft, keys)
            else:
                standard.read(draft)
            found.notes += draft.notes
            found.notes += _unread(draft)
            found.mapped += draft.mapped
        change = _translated(element, found) or drafts[0].change()
        if change is not None:
            found.changes.append(change)
    found.notes += _of_tools(tools, line_of(root))
    return found


def _drafts(element: etree._Element, tools: Counter[str]) -> list[Draft]:
    """One for BPMN's own words and one for each engine's whose words the element has; they change the element together."""
    first = Draft(element, "BPMN")
    drafts = {"BPMN": first}

    def of(namespace: str) -> Draft | None:
        engine = ENGINES.get(namespace)
        if engine is not None:
            return drafts.setdefault(engine, Draft(element, engine, said=first.said, given=first.given))
        if namespace not in _KNOWN:
            tools[namespace] += 1
        return None

    for written, value in element.attrib.items():
        namespace, _, name = str(written).rpartition("}")
        if namespace and (draft := of(namespace[1:])):
            draft.attributes[name] = str(value)
    for holder in element.iterchildren(f"{{{NAMESPACE}}}extensionElements"):
        for child in holder.iterchildren("*"):
            if draft := of(etree.QName(child).namespace or ""):
                draft.children.append(child)
    if element.tag in camunda8.CORRELATED:  # their key stands at the message
        of("http://camunda.org/schema/zeebe/1.0")
    return list(drafts.values())


def _unread(draft: Draft) -> Iterator[Foreign]:
    """A note for each meaning that the words have that were not read."""
    by_meaning: dict[Meaning, list[str]] = {}
    for word in sorted(draft.words - draft.read):
        by_meaning.setdefault(meaning(word), []).append(word)
    key, name, line = owner(draft.element)
    for each, words in by_meaning.items():
        yield Foreign(key, name, line, each.rule, each.told(draft.engine, words), each.hint)


def _translated(element: etree._Element, found: Survey) -> Change | None:
    """An expression of JUEL as FEEL. One that cannot be translated is left to the checker, which refuses it."""
    if element.tag not in _EXPRESSIONS:
        return None
    key, name, line = owner(element)
    language = element.get("language", "").lower()
    if language and not any(part in language for part in _READABLE):
        sentence = say(
            "has an expression in the language '%(language)s', which is not run here", language=language[:100]
        )
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


def _of_tools(tools: Counter[str], line: int) -> Sequence[Foreign]:
    found = Counter[str]()
    for namespace, count in tools.items():
        found[tool(namespace)] += count
    return [
        Foreign("", "", line, "other-tool", _kept(name, count), "Nothing need be done.")
        for name, count in sorted(found.items())
    ]


def _kept(name: str, count: int) -> str:
    return say(
        "speaks to other tools too: %(count)s marks of %(name)s are kept and mean nothing here", count=count, name=name
    )


def not_rewritable(root: etree._Element) -> Foreign:
    """The note of a file in whose encoding nothing can be added."""
    sentence = say("speaks the words of another engine in an encoding in which nothing can be added")
    return Foreign("", "", line_of(root), "other-engine-code", sentence, "Save it as UTF-8.")


def unread(mapped: Sequence[Mapped]) -> list[Foreign]:
    """Notes of words that could be read as ours, but are not."""
    by_element: dict[tuple[str, str, int, str], list[str]] = {}
    for one in mapped:
        by_element.setdefault((one.id, one.name, one.line, one.engine), []).append(one.word)
    hint = "handslag import says it in the words of Handslag."
    return [
        Foreign(key, name, line, "other-engine", _worded(engine, words), hint)
        for (key, name, line, engine), words in by_element.items()
    ]


def _worded(engine: str, words: Sequence[str]) -> str:
    return say("is said in the words of %(engine)s: %(words)s", engine=engine, words=", ".join(words)[:200])

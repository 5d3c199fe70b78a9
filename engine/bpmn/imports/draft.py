"""What one element of a foreign diagram is to say in our words, while it is being found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.imports import juel
from engine.bpmn.imports.pieces import NotTranslatable, quoted
from engine.bpmn.model import EXTENSION_NAMESPACE, NAMESPACE, Foreign, Mapped
from engine.bpmn.xml import line_of
from store.sentences import say

_SEVERAL = ("input", "output", "correlation")
"""Extension elements of which one element may have several, by name."""


@dataclass(frozen=True, slots=True)
class Said:
    """One extension element of ours that is to be added."""

    kind: str
    attributes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        written = "".join(f" {name}={value!r}" for name, value in self.attributes)
        return f"handslag:{self.kind}{written}"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written at one element, and nothing else of the file."""

    element: etree._Element
    extensions: tuple[Said, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    """(name as it is written, value); a name that the element has already is left alone."""
    text: str | None = None
    """What is to stand in it instead of an expression of another language."""


@dataclass(slots=True)
class Draft:
    """An element, its words in another engine's namespace, and what has been made of them."""

    element: etree._Element
    engine: str
    attributes: dict[str, str] = field(default_factory=dict)
    """Foreign attributes by local name."""
    children: list[etree._Element] = field(default_factory=list)
    """Foreign extension elements."""
    said: list[Said] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    """Attributes of BPMN or of ours that the element gets."""
    read: set[str] = field(default_factory=set)
    """Words that have been understood."""
    mapped: list[Mapped] = field(default_factory=list)
    notes: list[Foreign] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The element's name in BPMN."""
        return etree.QName(self.element).localname

    @property
    def words(self) -> set[str]:
        """Every foreign word of the element."""
        return self.attributes.keys() | {etree.QName(child).localname for child in self.children}

    def children_of(self, word: str) -> Iterator[etree._Element]:
        """The foreign extension elements of a name."""
        return (child for child in self.children if etree.QName(child).localname == word)

    def say(self, word: str, value: str, kind: str, /, **attributes: str | None) -> None:
        """A word becomes an extension element of ours, unless the element says that already."""
        self.read.add(word)
        written = tuple((name, given) for name, given in attributes.items() if given is not None)
        made = Said(kind, written)
        if self._says(made):
            return
        earlier = next((one for one in self.said if one.kind == kind and kind not in _SEVERAL), None)
        if earlier is not None:  # `in` and `out` say parts of one call
            self.said.remove(earlier)
            known = dict(earlier.attributes)
            made = Said(kind, (*earlier.attributes, *(pair for pair in written if pair[0] not in known)))
        self.said.append(made)
        self._take_down(word, value, str(made))

    def give(self, word: str, value: str, name: str, written: str) -> None:
        """A word becomes an attribute, unless the element has it already."""
        self.read.add(word)
        if self.element.get(_clark(name)) is None and name not in self.given:
            self.given[name] = written
            self._take_down(word, value, f"{name}={written!r}")

    def note(self, word: str, rule: str, sentence: str, hint: str) -> None:
        """A word that is not read, or only in part; the sentence goes on after the element's name."""
        self.read.add(word)
        key, name, line = owner(self.element)
        self.notes.append(Foreign(key, name, line, rule, sentence, hint))

    def refuse(self, word: str, sentence: str, hint: str) -> None:
        """What must be mended, since it would be done otherwise here."""
        self.note(word, "other-engine-code", sentence, hint)

    def performer(self, word: str, value: str, role: str) -> None:
        """One role; `role` is a name, `body:name` or FEEL. Several cannot be said."""
        if role.startswith("="):
            self.say(word, value, "performer", role=role)
        elif "," in role:
            sentence = say("is for several: %(roles)s; a task here is for one role", roles=role[:200])
            self.note(word, "other-engine", sentence, "Name one role with handslag:performer, on the task or its lane.")
        else:
            body, _, name = role.rpartition(":")
            self.say(word, value, "performer", role=name.strip(), body=body.strip() or None)

    def change(self) -> Change | None:
        """What is to be written, if anything is."""
        if not (self.said or self.given):
            return None
        return Change(self.element, tuple(self.said), tuple(self.given.items()))

    def _says(self, made: Said) -> bool:
        holder = self.element.find(f"{{{NAMESPACE}}}extensionElements")
        own = holder.findall(f"{{{EXTENSION_NAMESPACE}}}{made.kind}") if holder is not None else []
        if made.kind not in _SEVERAL:
            return bool(own)
        return dict(made.attributes)["name"] in {one.get("name") for one in own}

    def _take_down(self, word: str, value: str, became: str) -> None:
        key, name, line = owner(self.element)
        self.mapped.append(Mapped(key, name, line, self.engine, word, value[:200], became[:300]))


def owner(element: etree._Element) -> tuple[str, str, int]:
    """(id, name) of the element or of the nearest around it that has an id, and the element's own line."""
    named: etree._Element | None = element
    while named is not None and not named.get("id"):
        named = named.getparent()
    found = named if named is not None else element
    return found.get("id", ""), found.get("name", ""), line_of(element)


def in_feel(text: str) -> str:
    """An attribute's value of ours from a text of Camunda 7: FEEL where it holds an expression, else itself.

    An expression that cannot be translated is kept as it is, marked as FEEL: the checker refuses it and says why.
    """
    stripped = text.strip()
    if juel.is_juel(stripped):
        try:
            return f"={juel.to_feel(stripped)}"
        except NotTranslatable:
            return f"={stripped}"
    if not stripped:
        return "=null"
    return f"={quoted(stripped).text}" if stripped.startswith("=") else stripped


def _clark(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{EXTENSION_NAMESPACE}}}{local}" if prefix else local

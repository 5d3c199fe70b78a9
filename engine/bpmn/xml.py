"""Hostile XML made harmless: bytes in, an lxml tree of bounded size, depth and count out, or a sentence.

No DOCTYPE at all (so no entities), no network, no DTD. libxml2 decodes whatever encoding the file declares.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.model import NAMESPACE
from store.errors import Invalid
from store.sentences import say, stopped_at

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 128
MAX_ELEMENTS = 100_000
MAX_ATTRIBUTES = 200
"""Of one element, and as many namespaces. Some readers take time in the square of them."""


class DiagramUnreadable(Invalid):
    """The file is not XML that we read, or not the XML that it should be."""

    code = "diagram_unreadable"

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class _Guard:
    """A parser target that stops at the first sign of too much, before a tree is built."""

    def __init__(self) -> None:
        self.depth = self.count = 0

    def start(self, _tag: str, attributes: Mapping[str, str], namespaces: Mapping[str, str]) -> None:
        if max(len(attributes), len(namespaces)) > MAX_ATTRIBUTES:
            raise DiagramUnreadable(
                say("An element has more than %(most)s attributes. No BPMN tool writes that.", most=MAX_ATTRIBUTES)
            )
        self.depth += 1
        self.count += 1
        if self.depth > MAX_DEPTH:
            raise DiagramUnreadable(
                say("The file nests elements more than %(most)s deep. No BPMN tool writes such a file.", most=MAX_DEPTH)
            )
        if self.count > MAX_ELEMENTS:
            raise DiagramUnreadable(
                say("The file has more than %(most)s elements. Split the diagram.", most=MAX_ELEMENTS)
            )

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise DiagramUnreadable(
            say("The file has a DOCTYPE. Remove it: diagrams need none, and it can hide an attack.")
        )

    def close(self) -> None:
        """Nothing is built."""


def parse(data: bytes) -> etree._Element:
    """The root element. Raises DiagramUnreadable with a sentence for anything else than harmless XML."""
    if len(data) > MAX_BYTES:
        raise DiagramUnreadable(say("The file is larger than %(most)s MB.", most=MAX_BYTES // 1024 // 1024))
    if not data.strip():
        raise DiagramUnreadable(say("The file is empty."))
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        etree.fromstring(data, etree.XMLParser(target=_Guard(), **options))  # type: ignore[arg-type]
        root = etree.fromstring(data, etree.XMLParser(**options))  # type: ignore[arg-type]
    except etree.XMLSyntaxError as error:
        line, column = error.position
        why = stopped_at(line, column, (error.msg or "").removesuffix(f", line {line}, column {column}"))
        raise DiagramUnreadable(say("The file is not well-formed XML: %(why)s.", why=why), line) from error
    except (ValueError, LookupError) as error:
        raise DiagramUnreadable(say("The letters of the file cannot be read. Save it as UTF-8.")) from error
    return root


def require_bpmn(root: etree._Element) -> None:
    """Raise DiagramUnreadable for XML of another kind than BPMN 2.0."""
    if root.tag != f"{{{NAMESPACE}}}definitions":
        raise DiagramUnreadable(
            say("The file is XML but not BPMN 2.0. Save it as BPMN 2.0 from a modelling tool."), line_of(root)
        )


def line_of(element: etree._Element) -> int:
    """The line on which an element stands; 0 when it is not known."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def text_of(element: etree._Element) -> str:
    """The text in an element, without the spaces around it."""
    return "".join(str(part) for part in element.itertext()).strip()


def flag(element: etree._Element, name: str, *, default: bool) -> bool:
    """A boolean attribute, as XML Schema writes them. Raises DiagramUnreadable for anything else."""
    written = element.get(name)
    if written is None:
        return default
    match written.strip().lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
    told = say("The attribute %(name)s is '%(value)s', neither true nor false.", name=name, value=written[:50])
    raise DiagramUnreadable(told, line_of(element))


def choice(element: etree._Element, name: str, *allowed: str) -> str:
    """An attribute with one of a few values; the first is the default. Raises DiagramUnreadable for anything else."""
    written = element.get(name, allowed[0])
    for value in allowed:
        if written.strip().lower() == value.lower():
            return value
    told = say(
        "The attribute %(name)s is '%(value)s', and not one of %(known)s.",
        name=name,
        value=written[:50],
        known=", ".join(allowed),
    )
    raise DiagramUnreadable(told, line_of(element))


def child_text(parent: etree._Element, name: str) -> str | None:
    """The text of a BPMN child element, None when there is none. Raises DiagramUnreadable where several say one thing."""
    found = parent.findall(f"{{{NAMESPACE}}}{name}")
    if len(found) > 1 and name != "documentation":
        told = say("An element has %(count)s '%(name)s', where one is allowed.", count=len(found), name=name)
        raise DiagramUnreadable(told, line_of(found[1]))
    return text_of(found[0]) if found else None

"""Writes changes into the bytes of a file; every byte that is not changed stays as it is.

libxml2 keeps no columns, so expat says where each element begins and ends; it reads the same elements in the same order.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from engine.bpmn.imports.draft import Change, Said
from engine.bpmn.model import EXTENSION_NAMESPACE, NAMESPACE

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_INDENTATION = re.compile(rb"(?:\A|\n)([ \t]*)\Z")


class NotRewritable(Exception):
    """The encoding of a file is one that cannot be written back byte for byte."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What takes the place of some bytes of a file that is read as UTF-8."""

    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class _Span:
    """Where an element stands: its start tag, and the end tag that begins at `close` (None: it is an empty tag)."""

    start: int
    opened: int
    close: int | None
    end: int


def rewritten(data: bytes, root: etree._Element, changes: Sequence[Change], *, layout: bool = False) -> bytes:
    """The file with the changes. With `layout` what is added stands on lines of its own, else no line moves.

    Raises NotRewritable.
    """
    codec = _codec(data, root)
    try:
        text = data.decode(codec)
        if text.encode(codec) != data:
            raise NotRewritable(codec)
        source = text.encode()
        found = edits(source, root, changes, layout=layout)
    except (UnicodeError, LookupError, expat.ExpatError) as problem:
        raise NotRewritable(codec) from problem
    return apply(source, found).decode().encode(codec, errors="xmlcharrefreplace")


def apply(source: bytes, found: Iterable[Edit]) -> bytes:
    """The source with edits, which do not overlap."""
    parts, position = [], 0
    for edit in sorted(found, key=lambda each: each.start):
        parts += [source[position : edit.start], edit.text]
        position = edit.end
    return b"".join([*parts, source[position:]])


def edits(source: bytes, root: etree._Element, changes: Sequence[Change], *, layout: bool) -> list[Edit]:
    """The changes as edits of the file's text in UTF-8."""
    places = _Places(source)
    spans = dict(zip(root.iter("*"), places.spans(), strict=True))
    prefix = _prefix(root, places.namespaces)
    return list(_Writer(source, root, spans, prefix, layout=layout).edits(changes))


def _codec(data: bytes, root: etree._Element) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    declared: str | None = root.getroottree().docinfo.encoding
    return declared or "utf-8"


class _Places:
    """Where each element stands, in the order of their start tags. The source is UTF-8, whatever it declares."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.namespaces: dict[str, set[str]] = {}
        """Every prefix that is declared anywhere, and for what."""
        self._starts: list[int] = []
        self._closes: list[int] = []
        self._open: list[int] = []
        self._events: list[int] = []
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._finish
        parser.DefaultHandler = self._other
        parser.Parse(source, True)
        self._events.append(len(source))

    def spans(self) -> list[_Span]:
        return [self._span(start, close) for start, close in zip(self._starts, self._closes, strict=True)]

    def _span(self, start: int, close: int) -> _Span:
        opened = self._events[bisect_right(self._events, start)]
        if self.source[opened - 2 : opened] == b"/>":
            return _Span(start, opened, None, opened)
        return _Span(start, opened, close, self.source.index(b">", close) + 1)

    def _begin(self, _name: str, attributes: Mapping[str, str]) -> None:
        self._open.append(len(self._starts))
        self._starts.append(self._parser.CurrentByteIndex)
        self._closes.append(0)
        self._events.append(self._parser.CurrentByteIndex)
        for name, value in attributes.items():
            if name.startswith("xmlns:"):
                self.namespaces.setdefault(name.removeprefix("xmlns:"), set()).add(value)

    def _finish(self, _name: str) -> None:
        self._closes[self._open.pop()] = self._parser.CurrentByteIndex
        self._events.append(self._parser.CurrentByteIndex)

    def _other(self, _data: str) -> None:
        self._events.append(self._parser.CurrentByteIndex)


class _Writer:
    """Turns changes into edits, in the style of the file."""

    def __init__(
        self,
        source: bytes,
        root: etree._Element,
        spans: Mapping[etree._Element, _Span],
        prefix: tuple[str, bool],
        *,
        layout: bool,
    ) -> None:
        self.source, self.root, self.spans, self.layout = source, root, spans, layout
        self.newline = b"\r\n" if b"\r\n" in source else b"\n"
        self.prefix, self.declared = prefix

    def edits(self, changes: Sequence[Change]) -> Iterator[Edit]:
        by_element = {change.element: change for change in changes}
        uses_prefix = any(change.extensions or _own_attributes(change) for change in changes)
        if uses_prefix and not self.declared:
            change = by_element.get(self.root, Change(self.root))
            declaration = (f"xmlns:{self.prefix}", EXTENSION_NAMESPACE)
            by_element[self.root] = Change(self.root, change.extensions, (declaration, *change.attributes), change.text)
        for change in by_element.values():
            yield from self._of(change)

    def _of(self, change: Change) -> Iterator[Edit]:
        span = self.spans[change.element]
        attributes = b"".join(self._attribute(name, value) for name, value in change.attributes)
        if change.text is not None and span.close is not None:
            yield Edit(span.opened, span.close, escape(change.text).encode())
        holder = change.element.find(f"{{{NAMESPACE}}}extensionElements")
        inside = self._extensions(change) if change.extensions and holder is None else b""
        if change.extensions and holder is not None:
            yield self._into(holder, change.extensions)
        if span.close is None and inside:
            tag = _tag(change.element).encode()
            text = attributes + b">" + inside + self._line(change.element, 0) + b"</" + tag + b">"
            yield Edit(span.opened - 2, span.opened, text)
            return
        if attributes:
            at = span.opened - (2 if span.close is None else 1)
            yield Edit(at, at, attributes)
        if inside:
            at = self._behind_documentation(change.element)
            yield Edit(at, at, inside)

    def _attribute(self, name: str, value: str) -> bytes:
        own = name.removeprefix("handslag:")
        written = name if own == name else f"{self.prefix}:{own}"
        return f" {written}={quoteattr(value)}".encode()

    def _extensions(self, change: Change) -> bytes:
        """`extensionElements` with what is to be said, in the prefix of its element."""
        owner = _tag(change.element)
        tag = f"{owner.rpartition(':')[0]}:extensionElements" if ":" in owner else "extensionElements"
        line, inner = self._line(change.element, 1), self._line(change.element, 2)
        written = b"".join(inner + self._said(one) for one in change.extensions)
        return line + f"<{tag}>".encode() + written + line + f"</{tag}>".encode()

    def _into(self, holder: etree._Element, extensions: Sequence[Said]) -> Edit:
        span = self.spans[holder]
        written = b"".join(self._line(holder, 1) + self._said(one) for one in extensions)
        if span.close is not None:
            return Edit(span.opened, span.opened, written)
        closing = b">" + written + self._line(holder, 0) + f"</{_tag(holder)}>".encode()
        return Edit(span.opened - 2, span.opened, closing)

    def _said(self, one: Said) -> bytes:
        written = "".join(f" {name}={quoteattr(value)}" for name, value in one.attributes)
        return f"<{self.prefix}:{one.kind}{written} />".encode()

    def _line(self, element: etree._Element, deeper: int) -> bytes:
        """A new line that is indented as an element is, and by two spaces for each level inside it.

        Nothing where the element does not begin its line.
        """
        start = self.spans[element].start
        before = _INDENTATION.search(self.source[max(0, start - 200) : start]) if self.layout else None
        return self.newline + before[1] + b"  " * deeper if before else b""

    def _behind_documentation(self, element: etree._Element) -> int:
        """The schema wants documentation first, then extension elements."""
        said = element.findall(f"{{{NAMESPACE}}}documentation")
        return self.spans[said[-1]].end if said else self.spans[element].opened


def _own_attributes(change: Change) -> bool:
    return any(name.startswith("handslag:") for name, _ in change.attributes)


def _tag(element: etree._Element) -> str:
    """The name of an element as it is written."""
    name = etree.QName(element).localname
    return f"{element.prefix}:{name}" if element.prefix else name


def _prefix(root: etree._Element, namespaces: Mapping[str, set[str]]) -> tuple[str, bool]:
    """A prefix for our namespace, and whether the root declares it for all of the file."""
    for prefix, namespace in root.nsmap.items():
        if namespace == EXTENSION_NAMESPACE and prefix and namespaces[prefix] == {namespace}:
            return prefix, True
    numbered = ("handslag", *(f"handslag{number}" for number in range(2, len(namespaces) + 3)))
    return next(name for name in numbered if name not in namespaces), False

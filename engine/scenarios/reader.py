"""YAML of a scenario as plain values, each with the line it stands on.

The file is hostile until it is read: its size, depth and number of values are bounded, names for repeated parts (anchors),
tags and several documents are refused, and a key that stands twice is a mistake and not a wish. The values are built from
the parser's events and not by a constructor, since only so the lines are known; dates become dates, numbers decimals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from engine.feel import from_json
from store import clock
from store.errors import Invalid
from store.sentences import say, stopped_at

if TYPE_CHECKING:
    from engine.feel import Value

MAX_BYTES = 500_000
MAX_DEPTH = 20
MAX_VALUES = 20_000

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value."""


class Unreadable(Invalid):
    """A scenario file is not as it must be; `line` is where, and `mistakes` are all that were found, each with its line."""

    code = "scenario_unreadable"

    def __init__(self, sentence: str, line: int = 1, more: Iterable[Unreadable] = ()) -> None:
        super().__init__(sentence)
        self.line = line
        self.mistakes: tuple[tuple[int, str], ...] = (
            (line, sentence),
            *(each for one in more for each in one.mistakes),
        )


@dataclass(slots=True)
class Document:
    """What a file says, and on which line each value begins."""

    value: Value = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Iterable[str | int]) -> int:
        """The line of a value, or of what holds it."""
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    holds: list[Any] | dict[str, Any]
    path: Path
    key: str | None = None
    key_line: int = 0


class _Builder:
    def __init__(self, yaml: YAML) -> None:
        self.resolver: Any = yaml.resolver
        self.document = Document()
        self.open: list[_Open] = []
        self.begun = self.values = 0

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1
        match event:
            case DocumentStartEvent():
                self.begun += 1
                if self.begun > 1 or event.version or event.tags:
                    sentence = say("A file holds one document, without directives (lines that begin with % or ---).")
                    raise Unreadable(sentence, line)
            case AliasEvent():
                raise Unreadable(say("Write repeated parts out: names for them (& and *) are not read."), line)
            case NodeEvent() if event.anchor or getattr(event, "tag", None):
                sentence = say("Names for repeated parts (&) and tags (!) are not read. Put the text in quotes.")
                raise Unreadable(sentence, line)
            case ScalarEvent():
                self._scalar(event, line)
            case MappingStartEvent():
                self._begin({}, line)
            case SequenceStartEvent():
                self._begin([], line)
            case CollectionEndEvent():
                self.open.pop()

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        top = self.open[-1] if self.open else None
        if top is None or top.key is not None or isinstance(top.holds, list):
            self._put(self._value(event, line), line)
        elif event.value in top.holds:
            raise Unreadable(say("'%(name)s' stands twice. Keep one of them.", name=event.value), line)
        else:
            top.key, top.key_line = event.value, line

    def _begin(self, holds: list[Any] | dict[str, Any], line: int) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise Unreadable(say("The values lie more than %(most)s deep in each other.", most=MAX_DEPTH), line)
        path = self._put(holds, line)
        self.open.append(_Open(holds, path))

    def _put(self, value: Any, line: int) -> Path:
        self.values += 1
        if self.values > MAX_VALUES:
            sentence = say("The file has more than %(most)s values. Make several files of it.", most=MAX_VALUES)
            raise Unreadable(sentence, line)
        if not self.open:
            self.document.value = value
            return ()
        top = self.open[-1]
        if isinstance(top.holds, list):
            path: Path = (*top.path, len(top.holds))
            top.holds.append(value)
        elif top.key is None:
            sentence = say("A name is a text, not a list or mapping. Put braces or brackets in quotes.")
            raise Unreadable(sentence, line)
        else:
            path, line = (*top.path, top.key), top.key_line
            top.holds[top.key], top.key = value, None
        self.document.lines[path] = line
        return path

    def _value(self, event: ScalarEvent, line: int) -> Value:
        """A plain text may be a number, a date, true, false or nothing (YAML 1.2's core schema); in quotes it is a text."""
        tag = str(self.resolver.resolve(ScalarNode, event.value, event.implicit)).rpartition(":")[2]
        try:
            match tag:
                case "null":
                    return None
                case "bool":
                    return str(event.value).lower() == "true"
                case "int":
                    return from_json(int(event.value, 10))
                case "float":
                    return from_json(Decimal(event.value))
                case "timestamp":
                    return _date(event.value)
        except (ValueError, ArithmeticError, Invalid) as error:
            sentence = say(
                "'%(value)s' is no number or date. Put it in quotes if it is a text.", value=event.value[:50]
            )
            raise Unreadable(sentence, line) from error
        return str(event.value)


def parse(data: bytes) -> Document:
    """What a file says. Raises Unreadable with the line."""
    if len(data) > MAX_BYTES:
        raise Unreadable(say("The file is larger than %(most)s kB. Make several files of it.", most=MAX_BYTES // 1000))
    yaml = YAML(typ="safe", pure=True)
    try:
        text = data.decode()
        builder = _Builder(yaml)
        for event in yaml.parse(text):
            builder.take(event)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(say("The file is not UTF-8. Save it as UTF-8."), line) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        why = stopped_at(line, column, error.problem or error.context)
        raise Unreadable(say("The file is not YAML: %(why)s.", why=why), line) from error
    except YAMLError as error:
        raise Unreadable(say("The file is not YAML: it holds characters that no text has.")) from error
    return builder.document


def _date(text: str) -> date | datetime:
    """A date, or an instant; one without a zone is Swedish time."""
    if len(text) == len("2026-03-02"):
        return date.fromisoformat(text)
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=clock.STOCKHOLM)

# ruff: noqa: ARG001 - every built-in is given the run
"""String functions (DMN 1.3 §10.3.4.3). Patterns are searched with a time limit, since any can be made to run for ever."""

from __future__ import annotations

from decimal import Decimal

import regex

from engine.feel.builtins.registry import builtin
from engine.feel.patterns import compiled, replacement_pieces, searching
from engine.feel.scope import Run
from engine.feel.values import Value


@builtin("substring(string: string, start position: number, length?: number)")
def substring(run: Run, string: str, start: Decimal, length: Decimal | None = None) -> Value:
    first = int(start)
    if first == 0 or abs(first) > len(string) or (length is not None and length < 1):
        return None
    begin = first - 1 if first > 0 else len(string) + first
    return _made(run, string[begin:] if length is None else string[begin : begin + int(length)])


@builtin("string length(string: string)")
def string_length(run: Run, string: str) -> Value:
    return Decimal(len(string))


@builtin("upper case(string: string)")
def upper_case(run: Run, string: str) -> Value:
    run.make(len(string))
    return string.upper()


@builtin("lower case(string: string)")
def lower_case(run: Run, string: str) -> Value:
    run.make(len(string))
    return string.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(run: Run, string: str, match: str) -> Value:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return _made(run, before) if found else ""


@builtin("substring after(string: string, match: string)")
def substring_after(run: Run, string: str, match: str) -> Value:
    return _made(run, string.partition(match)[2]) if match else string


@builtin("contains(string: string, match: string)")
def contains(run: Run, string: str, match: str) -> Value:
    return match in string


@builtin("starts with(string: string, match: string)")
def starts_with(run: Run, string: str, match: str) -> Value:
    return string.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(run: Run, string: str, match: str) -> Value:
    return string.endswith(match)


@builtin("matches(input: string, pattern: string, flags?: string)")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> Value:
    with searching(run, pattern) as seconds:
        searched = compiled(pattern, flags or "")
        return None if searched is None else searched.search(text, timeout=seconds) is not None


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string)")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    pieces = replacement_pieces(replacement, flags or "")
    parts: list[str] = []
    position = 0
    with searching(run, pattern) as seconds:
        searched = compiled(pattern, flags or "")
        if searched is None or pieces is None or searched.search("") is not None:
            return None  # a pattern that fits nothing at all is an error of XPath
        for found in searched.finditer(text, timeout=seconds):
            parts.append(text[position : found.start()])
            for piece in pieces:
                part = piece if isinstance(piece, str) else _group(found, piece)
                run.make(len(part))
                parts.append(part)
            position = found.end()
    run.make(len(text))
    return "".join([*parts, text[position:]])


@builtin("split(string: string, delimiter: string)")
def split(run: Run, string: str, delimiter: str) -> Value:
    parts: list[Value] = []
    position = 0
    with searching(run, delimiter) as seconds:
        searched = compiled(delimiter, "")
        if searched is None or not delimiter:
            return None
        for found in searched.finditer(string, timeout=seconds):
            if found.end() > found.start():
                parts.append(string[position : found.start()])
                position = found.end()
                run.make(1)
    run.make(len(string))
    return [*parts, string[position:]]


@builtin("string join(list: list, delimiter?: string)")
def string_join(run: Run, items: list[Value], delimiter: str | None = None) -> Value:
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) != sum(item is not None for item in items):
        return None
    run.make(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)


def _group(found: regex.Match[str], number: int) -> str:
    return found[number] or "" if number <= len(found.groups()) else ""


def _made(run: Run, text: str) -> str:
    run.make(len(text))
    return text

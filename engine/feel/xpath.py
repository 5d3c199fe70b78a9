r"""Patterns of XPath 3.1 (F&O §5.6.1, XML Schema part 2 §G) in the words of Python's `regex`.

The two differ in what they forbid (lookahead, `a++`, `[[:alpha:]]`, a bare `]`) and in a few meanings (`.`, `$`, `\i`, blocks).
A pattern that XPath does not know is none here, so that a table decides the same in any DMN engine.
"""

from __future__ import annotations

import regex

_PIECE = regex.compile(
    r"""(?P<property>\\[pP]\{[A-Za-z0-9_-]+\}) | (?P<escape>\\.) | (?P<count>\{\d+(?:,\d*)?\})
    | (?P<minus>-\[\^?) | (?P<open>\[\^?) | (?P<group>\(\?:) | (?P<mark>.)""",
    regex.VERBOSE | regex.DOTALL,
)
_SPACES = " \t\n\r"
_ESCAPES = {mark: f"\\{mark}" for mark in "nrt\\|.-^?*+{}$()[]dDwW"} | {
    "s": r"[ \t\n\r]", "S": r"[^ \t\n\r]", "i": r"[_:\p{L}]", "I": r"[^_:\p{L}]",
    "c": r"[-._:\p{L}\p{N}]", "C": r"[^-._:\p{L}\p{N}]",
}  # fmt: skip
_NOTHING, _ATOM, _QUANTIFIED, _LAZY = range(4)
"""What stands before, for a quantifier: it needs an atom, and may itself only be made lazy."""


class _NoPatternError(Exception):
    """XPath does not know this."""


def translated(pattern: str, flags: str) -> str | None:
    """The pattern for `regex` (VERSION1); None where XPath knows no such pattern."""
    try:
        return _Translation(flags).of(_without_spaces(pattern) if "x" in flags else pattern)
    except _NoPatternError:
        return None


def _without_spaces(pattern: str) -> str:
    """Without the spaces that stand outside of classes."""
    kept: list[str] = []
    classes = 0
    escaped = False
    for mark in pattern:
        if mark in _SPACES and not classes:
            continue
        if not escaped:
            classes += (mark == "[") - (mark == "]")
        escaped = mark == "\\" and not escaped
        kept.append(mark)
    return "".join(kept)


class _Translation:
    def __init__(self, flags: str) -> None:
        self.end = "$" if "m" in flags else r"\Z"
        self.any = "." if "s" in flags else r"[^\n\r]"
        self.classes = 0
        self.before = _NOTHING

    def of(self, pattern: str) -> str:
        parts: list[str] = []
        opened = ""
        for found in _PIECE.finditer(pattern):
            kind, text = found.lastgroup or "", found.group()
            if text == "]" and opened:
                raise _NoPatternError  # an empty class
            parts.append(self._within(kind, text) if self.classes else self._outside(kind, text))
            opened = text if kind in ("open", "minus") and self.classes else ""
        if self.classes:
            raise _NoPatternError
        return "".join(parts)

    def _within(self, kind: str, text: str) -> str:
        """A piece of a class."""
        match kind:
            case "property" | "escape":
                return self._escape(text)
            case "minus":
                self.classes += 1
                return f"-{text}"
            case "open":
                raise _NoPatternError
        if text == "]":
            self.classes -= 1
        return f"\\{text}" if text in "&|~" else text

    def _outside(self, kind: str, text: str) -> str:
        if kind == "count" or text in ("*", "+", "?"):
            return self._quantifier(text)
        if text in ("]", "{", "}"):
            raise _NoPatternError
        self.before = _NOTHING if kind == "group" or text in ("(", "|") else _ATOM
        match kind:
            case "property" | "escape":
                return f"\\{text[1]}" if text[1] in "123456789" else self._escape(text)
            case "open" | "minus":  # outside of a class, a minus is one
                self.classes += 1
                return text
        return {"$": self.end, ".": self.any}.get(text, text)

    def _quantifier(self, text: str) -> str:
        if self.before == _ATOM:
            self.before = _QUANTIFIED
        elif self.before == _QUANTIFIED and text == "?":
            self.before = _LAZY
        else:
            raise _NoPatternError
        return text

    def _escape(self, text: str) -> str:
        if text[1] in "pP":
            if len(text) == 2:
                raise _NoPatternError
            return text.replace("{Is", "{In")  # XPath's Is is a block, as regex's In
        if text[1] not in _ESCAPES:
            raise _NoPatternError
        return _ESCAPES[text[1]]

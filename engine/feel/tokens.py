"""Text to tokens (DMN 1.3 §10.3.1.2). What is one name is left to the parser, since FEEL's names may hold spaces."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_TEXT
from store.sentences import say

_SPACE = "\\s\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_TOKEN = re.compile(
    rf"""(?P<space>[{_SPACE}]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<name>(?:[^\W\d]|[?_]|[\U00010000-\U000EFFFF])(?:\w|[?\u00b7\u0300-\u036f\u203f\u2040]|[\U00010000-\U000EFFFF])*)
    |(?P<symbol>\.\.|\*\*|<=|>=|!=|->|[][(){{}},:.+*/<>=@'-])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Token(NamedTuple):
    """A piece of text and where it stands; `kind` is number, string, name, symbol or end."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens and one of kind `end`. Raises FeelSyntaxError for what can be no part of an expression."""
    if len(text) > MAX_TEXT:
        sentence = say(
            "The expression has %(count)s characters; at most %(most)s are read.", count=len(text), most=MAX_TEXT
        )
        raise FeelSyntaxError(sentence, line=1, column=1, hint="Split it into several decisions or variables.")
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise syntax_error(text, position, *_unreadable(text[position:]))
        kind = found.lastgroup or ""
        if kind != "space":
            tokens.append(Token(kind, found.group(), position, found.end()))
        position = found.end()
    tokens.append(Token("end", "", position, position))
    return tokens


def unquote(text: str) -> str:
    """The string that a string token means."""
    if "\\" not in text:
        return text[1:-1]
    plain = _ESCAPE.sub(_unescape, text[1:-1])
    return _SURROGATES.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), plain)


def syntax_error(text: str, position: int, sentence: str, hint: str) -> FeelSyntaxError:
    """An error that points at a place of the text."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    told = say("%(what)s (line %(line)s, column %(column)s)", what=sentence, line=line, column=column)
    return FeelSyntaxError(told, line=line, column=column, hint=hint)


def _unreadable(rest: str) -> tuple[str, str]:
    if rest.startswith('"'):
        return say("A string is not ended."), 'End it with ". A quote inside a string is written \\".'
    if rest.startswith("/*"):
        return say("A comment is not ended."), "End it with */."
    return say("'%(what)s' cannot stand here.", what=rest[0]), "docs/dmn.md says what an expression may hold."


def _unescape(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code is None:
        return _SIMPLE_ESCAPES.get(found[3], found[3] if found[3] in "\"\\'/" else found[0])
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else found[0]

"""Parts of FEEL that are being put together, and what cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.feel.cursor import RESERVED
from store.errors import Invalid
from store.sentences import say

CONDITIONAL, OR, AND, COMPARE, ADD, MULTIPLY, POWER, UNARY, PRIMARY = range(9)
"""How strongly FEEL's operators bind, the weakest first."""
MAX_LENGTH = 20_000
"""Characters of what is put together: some methods say their owner twice."""
_OTHER_TYPE = re.compile(r"\s*(true|false|[+-]?\d+(\.\d+)?)\s*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d]\w*")


class NotTranslatable(Invalid):
    """An expression that FEEL cannot say with the same meaning. `hint` says what to write instead."""

    code = "not_translatable"

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an expression: its FEEL, and how strongly its outermost operator binds."""

    text: str
    power: int
    literal: str | None = None
    """The text that it is, where it is one in quotes."""
    path: str | None = None
    """The name that it is, or names with dots."""
    is_boolean: bool = False
    """Whether it is true or false, never null."""
    opposite: str | None = None
    """What is true where it is not."""

    def __post_init__(self) -> None:
        if len(self.text) > MAX_LENGTH:
            raise NotTranslatable("It becomes too long in FEEL.", "Write it in FEEL, in shorter steps.")

    def within(self, power: int) -> str:
        """Its FEEL as an operand of an operator: in brackets where it binds more weakly."""
        return self.text if self.power >= power else f"({self.text})"

    @property
    def reads_as_other(self) -> bool:
        """Whether it is a text such as 'true' or '5', which JUEL compares with booleans and numbers."""
        return self.literal is not None and _OTHER_TYPE.fullmatch(self.literal) is not None

    def member(self, key: str) -> Piece:
        """A property of it."""
        known = name(key)
        path = f"{self.path}.{key}" if self.path is not None else None
        return Piece(f"{self.within(PRIMARY)}.{known.text}", PRIMARY, path=path)


def name(text: str) -> Piece:
    """A variable or a property. Raises NotTranslatable for what is no name in FEEL."""
    if text in RESERVED or not _NAME.fullmatch(text):
        raise NotTranslatable(say("'%(name)s' cannot be a name in FEEL.", name=text), "Give the variable another name.")
    return Piece(text, PRIMARY, path=text)


def quoted(text: str) -> Piece:
    """A text in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return Piece(f'"{escaped}"', PRIMARY, literal=text)


def joined(function: str, *arguments: Piece, is_boolean: bool = False) -> Piece:
    """A call of one of FEEL's functions."""
    return Piece(f"{function}({', '.join(each.text for each in arguments)})", PRIMARY, is_boolean=is_boolean)

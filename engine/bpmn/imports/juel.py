"""JUEL, the expressions of Camunda 7, Flowable and Activiti (`${amount > 1000 && !urgent}`), said in FEEL.

A small Pratt parser for the Unified Expression Language 2.2 (JSR 245) that gives FEEL at once: each rule of the grammar returns
a `Piece`, which knows how strongly its outermost operator binds. What FEEL cannot say with the same meaning is
refused, never guessed. See docs/decisions/0012-imports.md.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.bpmn.imports.methods import function, member, method, variable
from engine.bpmn.imports.pieces import (
    ADD,
    AND,
    COMPARE,
    CONDITIONAL,
    MULTIPLY,
    OR,
    PRIMARY,
    UNARY,
    NotTranslatable,
    Piece,
    joined,
    quoted,
)
from engine.feel import parse
from engine.feel.errors import FeelSyntaxError
from store.sentences import say

MAX_TEXT = 10_000
"""Characters of one expression; nobody writes more in an attribute."""
MAX_NESTING = 30
_OPENING = re.compile(r"[$#]\{")
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$]))
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[^\W\d][\w$]*)
    |(?P<symbol>==|!=|<=|>=|&&|\|\||[][(){}?:.,+*/%<>!-])
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
"""JUEL's operators of two values, those that bind weakest first. FEEL has one level for all comparisons."""
_LEVEL = {operator: level for level, operators in enumerate(_LEVELS, 1) for operator in operators}
_POWERS = (OR, AND, COMPARE, COMPARE, ADD, MULTIPLY)
"""For each level how strongly FEEL's operators bind."""
_FEEL = {"||": "or", "&&": "and", "==": "="}
_LITERALS = {"true": "true", "false": "false", "null": "null"}


class Token(NamedTuple):
    """A piece of text; `kind` is number, string, name, symbol or end."""

    kind: str
    text: str


def is_juel(text: str) -> bool:
    """Whether a text holds an expression of JUEL."""
    return _OPENING.search(text) is not None


def to_feel(text: str) -> str:
    """The text as one FEEL expression, without the leading `=`: text around expressions is joined to their values.

    Raises NotTranslatable with a sentence and a hint.
    """
    if len(text) > MAX_TEXT:
        raise NotTranslatable(
            say("It has %(count)s characters; at most %(most)s are read.", count=len(text), most=MAX_TEXT), "Split it."
        )
    pieces = _pieces(text.strip())
    found = pieces[0].text if len(pieces) == 1 else _concatenated(pieces)
    try:
        parse(found)
    except FeelSyntaxError as problem:
        raise NotTranslatable("FEEL cannot say it.", "Write it in FEEL, in shorter steps.") from problem
    return found


def explained(text: str) -> tuple[str, str]:
    """(why it cannot stand where FEEL is read, what to write instead) of an expression that was left as it is."""
    try:
        return say("It is written in JUEL."), say("Write it in FEEL: %(feel)s", feel=f"={to_feel(text)}")
    except NotTranslatable as problem:
        return problem.message, problem.hint


def _pieces(text: str) -> list[Piece]:
    pieces, position = [], 0
    while opening := _OPENING.search(text, position):
        if opening.start() > position:
            pieces.append(quoted(text[position : opening.start()]))
        tokens, position = _tokens(text, opening.end())
        pieces.append(_Parser(tokens).whole())
    if position < len(text) or not pieces:
        pieces.append(quoted(text[position:]))
    return pieces


def _concatenated(pieces: list[Piece]) -> str:
    return " + ".join(piece.text if piece.literal is not None else f"string({piece.text})" for piece in pieces)


def _tokens(text: str, position: int) -> tuple[list[Token], int]:
    """The tokens up to the brace that closes the expression, and the position behind it."""
    tokens: list[Token] = []
    while found := _TOKEN.match(text, position):
        position = found.end()
        if found.group() == "}":
            return [*tokens, Token("end", say("the end"))], position
        if found.lastgroup != "space":
            tokens.append(Token(found.lastgroup or "", _WORDS.get(found.group(), found.group())))
    if position < len(text):
        raise NotTranslatable(say("'%(text)s' cannot stand in it.", text=text[position]), "Write it in FEEL.")
    raise NotTranslatable("It is not ended with '}'.", "Write it in FEEL.")


class _Parser:
    """One `${…}` being read."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    def whole(self) -> Piece:
        found = self.conditional()
        if self.token.kind != "end":
            raise self.error(
                say("'%(text)s' cannot follow '%(before)s'.", text=self.token.text, before=found.text[:100])
            )
        return found

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def accept(self, text: str) -> bool:
        """Step over a symbol if it stands here; a string of the same letters is none."""
        if self.token.text == text and self.token.kind in ("symbol", "name"):
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.error(say("'%(text)s' is missing; %(found)s stands there.", text=text, found=self.token.text))

    def error(self, sentence: str) -> NotTranslatable:
        return NotTranslatable(sentence, "Write it in FEEL.")

    def conditional(self) -> Piece:
        """`a ? b : c`"""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.error(say("It is nested more than %(most)s levels deep.", most=MAX_NESTING))
        found = self.binary(1)
        if self.accept("?"):
            then = self.conditional()
            self.expect(":")
            other = self.conditional()
            found = Piece(f"if {found.text} then {then.text} else {other.text}", CONDITIONAL)
        self.depth -= 1
        return found

    def binary(self, least: int) -> Piece:
        """What stands here, with all operators that bind at least as strongly."""
        left = self.unary()
        while self.token.kind in ("symbol", "name") and (level := _LEVEL.get(self.token.text, 0)) >= least:
            operator = self.token.text
            self.position += 1
            left = _operation(operator, left, self.binary(level + 1), _POWERS[level - 1])
        return left

    def unary(self) -> Piece:
        """`!a`, `-a`, `empty a`"""
        if self.depth > MAX_NESTING:
            raise self.error(say("It is nested more than %(most)s levels deep.", most=MAX_NESTING))
        if self.token.kind in ("symbol", "name") and self.token.text in ("!", "-", "empty"):
            operator = self.token.text
            self.position += 1
            self.depth += 1
            inner = self.unary()
            self.depth -= 1
            if operator == "-":
                return Piece(f"-{inner.within(UNARY)}", UNARY)
            return _not(inner) if operator == "!" else method(inner, "isEmpty", [])
        return self.postfix()

    def postfix(self) -> Piece:
        """Properties, items and calls behind a value."""
        found = self.primary()
        while True:
            if self.accept("."):
                found = self.member(found)
            elif self.accept("["):
                key = self.conditional()
                self.expect("]")
                found = method(found, "get", [key])
            else:
                return found

    def member(self, owner: Piece) -> Piece:
        """A property or a call of a method."""
        if self.token.kind != "name":
            raise self.error(say("A name is missing after '%(before)s.'.", before=owner.text[:100]))
        key = self.token.text
        self.position += 1
        return method(owner, key, self.arguments()) if self.accept("(") else member(owner, key)

    def arguments(self) -> list[Piece]:
        """What stands in the brackets of a call."""
        found: list[Piece] = []
        while not self.accept(")"):
            if found:
                self.expect(",")
            found.append(self.conditional())
        return found

    def primary(self) -> Piece:
        """A literal, a name, a call of a function or a bracket."""
        token = self.token
        self.position += token.kind != "end"
        match token.kind:
            case "number":
                return Piece(token.text, PRIMARY)
            case "string":
                return quoted(re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL))
            case "name" if token.text in _LITERALS:
                return Piece(_LITERALS[token.text], PRIMARY)
            case "name":
                if self.accept("("):
                    return function(token.text, self.arguments())
                return variable(token.text)
            case "symbol" if token.text == "(":
                found = self.conditional()
                self.expect(")")
                return found
            case _:
                raise self.error(say("A value is missing; %(found)s stands there.", found=token.text))


def _operation(operator: str, left: Piece, right: Piece, power: int) -> Piece:
    if operator == "%":
        quotient = f"round down({left.within(MULTIPLY)} / {right.within(UNARY)}, 0)"
        return Piece(f"{left.within(ADD)} - {right.within(UNARY)} * {quotient}", ADD)
    if power == COMPARE:
        return _comparison(operator, left, right)
    if power in (ADD, MULTIPLY) and (left.literal is not None or right.literal is not None):
        text = (left if left.literal is not None else right).text[:100]
        sentence = say("It calculates with the text %(text)s.", text=text)
        raise NotTranslatable(sentence, 'Texts are joined in FEEL: "a" + "b". Numbers are written without quotes.')
    feel = _FEEL.get(operator, operator)
    return Piece(f"{left.within(power)} {feel} {right.within(power + 1)}", power)


def _comparison(operator: str, left: Piece, right: Piece) -> Piece:
    """JUEL compares `5 == '5'` and `true == 'true'` as true; FEEL would not, so what may be meant so is made a text."""
    first, second = left, right
    if operator in ("==", "!="):
        if second.reads_as_other:
            first = joined("string", first)
        elif first.reads_as_other:
            second = joined("string", second)
    elif left.literal is not None or right.literal is not None:
        raise NotTranslatable(say("It asks which of two texts is greater."), "Compare numbers or dates.")
    one, other = first.within(ADD), second.within(ADD)
    negated = {"==": "!=", "!=": "="}.get(operator)
    opposite = f"{one} {negated} {other}" if negated else None
    return Piece(f"{one} {_FEEL.get(operator, operator)} {other}", COMPARE, opposite=opposite)


def _not(inner: Piece) -> Piece:
    """JUEL takes null for false, so that its negation is true; FEEL's `not(null)` is null."""
    if inner.power == PRIMARY and inner.text in ("true", "false"):
        return Piece("false" if inner.text == "true" else "true", PRIMARY)
    if inner.opposite is not None:
        return Piece(inner.opposite, COMPARE)
    if inner.is_boolean:
        return joined("not", inner, is_boolean=True)
    return Piece(f"{inner.within(ADD)} != true", COMPARE)

"""Where the parser stands in the tokens, and the names that it knows. See docs/decisions/0003-feel-parser.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_NESTING
from engine.feel.tokens import Token, syntax_error, tokenize
from engine.feel.types import Type
from store.sentences import quoted, say

STOP_WORDS = frozenset({"and", "or", "in", "between", "instance", "then", "else", "return", "satisfies"})
RESERVED = STOP_WORDS | {"if", "for", "some", "every", "function", "true", "false", "null"}
_MAX_NAME_TOKENS = 30
_BUILTINS_WITH_STOP_WORDS = ("date and time", "years and months duration")


class Names:
    """Known names of more than one token, by those tokens; a name with more than 30 is not looked for."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: dict[tuple[str, ...], str] = {}
        self._lengths: dict[str, list[int]] = {}
        """How many tokens the names have that begin with a token, the longest first."""
        for name in names:
            self.learn(name)

    def learn(self, name: str) -> None:
        """Know a name, so that it is read as one."""
        if name.isidentifier():
            return
        try:
            tokens = tuple(token.text for token in tokenize(name)[:-1])
        except FeelSyntaxError:
            return  # such a name can be given as a key, but not be written in an expression
        if 1 < len(tokens) <= _MAX_NAME_TOKENS and tokens[0] not in RESERVED:
            self._names[tokens] = name
            lengths = {*self._lengths.get(tokens[0], ()), len(tokens)}
            self._lengths[tokens[0]] = sorted(lengths, reverse=True)

    def at(self, tokens: list[Token], position: int) -> tuple[int, str]:
        """How many tokens the longest name takes that stands at a position, and that name; 0 where there is none."""
        for length in self._lengths.get(tokens[position].text, ()):
            window = tuple(token.text for token in tokens[position : position + length])
            if window in self._names:
                return length, self._names[window]
        return 0, ""


class Cursor:
    """Tokens and a position; names with spaces are put together here."""

    def __init__(self, text: str, names: Names, types: Mapping[str, Type]) -> None:
        self.text = text
        self.types = types
        self.tokens = tokenize(text)
        self.position = 0
        self.depth = 0
        self.locals: list[frozenset[str]] = []
        self.free: set[str] = set()
        self.called: set[str] = set()
        self.read: set[str] = set()
        """Every name that was read, local or not."""
        self._given = names
        self._own = Names()

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def peek(self, offset: int = 1) -> Token:
        """A token further on."""
        return self.tokens[min(self.position + offset, len(self.tokens) - 1)]

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these symbols or words."""
        token = self.tokens[self.position]
        return token.text in texts and token.kind in ("symbol", "name")

    def accept(self, text: str) -> bool:
        """Step over the next token if it is this one."""
        if self.at(text):
            self.position += 1
            return True
        return False

    def expect(self, text: str, after: str) -> None:
        """Step over a token that must come."""
        if not self.accept(text):
            sentence = say(
                "'%(what)s' is missing %(after)s; %(found)s stands there.", what=text, after=after, found=self._found()
            )
            raise self.error(sentence, say("Write '%(what)s' there.", what=text))

    def advance(self) -> Token:
        """Step over the next token, whatever it is."""
        token = self.token
        self.position += token.kind != "end"
        return token

    def _found(self) -> str:
        return quoted(self.token.text[:50]) if self.token.kind != "end" else say("the end")

    def error(self, sentence: str, hint: str) -> FeelSyntaxError:
        """An error at the next token."""
        return syntax_error(self.text, self.token.start, sentence, hint)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper, within the limit."""
        self.depth += 1
        self.limit(0)
        yield
        self.depth -= 1

    def limit(self, more: int) -> None:
        """Refuse what is too deep; a chain such as `a.b.c` makes a tree as deep as the chain is long."""
        if self.depth + more > MAX_NESTING:
            sentence = say("The expression is nested more than %(most)s levels deep.", most=MAX_NESTING)
            raise self.error(sentence, "Split it into several variables or decisions.")

    @contextmanager
    def scoped(self, *names: str) -> Iterator[None]:
        """Names that are bound inside."""
        for name in names:
            self.learn(name)
        self.locals.append(frozenset(names))
        yield
        self.locals.pop()

    def learn(self, name: str) -> None:
        """Know a name that the text itself declares."""
        self._own.learn(name)

    def name(self) -> str:
        """The longest known name that stands here, else all words up to one that cannot be part of a name."""
        known = self._known_name()
        if known is not None:
            return known
        if self.token.kind != "name" or self.token.text in RESERVED:
            sentence = say("A name or a value is missing; %(found)s stands there.", found=self._found())
            raise self.error(sentence, "Write a name or a value there.")
        words = [self.advance().text]
        while self.token.kind == "name" and self.token.text not in STOP_WORDS:
            words.append(self.advance().text)
        return " ".join(words)

    def use(self, name: str) -> None:
        """Remember that a variable or function is read."""
        self.read.add(name)
        if not any(name in names for names in self.locals):
            self.free.add(name)

    def declared_name(self, *ends: str) -> str:
        """A new name, which is all the text up to one of these tokens."""
        first = self.token
        if first.kind == "string":
            self.advance()
            return first.text
        if first.kind != "name":
            raise self.error(say("A name is missing."), "A name begins with a letter.")
        last = first
        while not self.at(*ends) and self.token.kind != "end":
            last = self.advance()
        return " ".join(self.text[first.start : last.end].split())

    def _known_name(self) -> str | None:
        length, known = max(self._own.at(self.tokens, self.position), self._given.at(self.tokens, self.position))
        if length:
            self.position += length
            return known
        for name in _BUILTINS_WITH_STOP_WORDS:
            words = name.split()
            if [self.peek(index).text for index in range(len(words) + 1)] == [*words, "("]:
                self.position += len(words)
                return name
        return None

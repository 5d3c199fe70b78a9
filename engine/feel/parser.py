"""A Pratt parser for FEEL (DMN 1.3 §10.3.1.2). See docs/decisions/0003-feel-parser.md for why it is our own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import DecimalException

from engine.feel import tree, unary
from engine.feel.cursor import Cursor, Names
from engine.feel.functions import Parameter
from engine.feel.temporal import parse_at
from engine.feel.tokens import unquote
from engine.feel.tree import Node
from engine.feel.typeparser import parse_type
from engine.feel.types import ANY, Type
from engine.feel.values import DECIMAL
from store.sentences import say

_COMPARISONS = ("=", "!=", "<=", ">=", "<", ">")
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER = range(1, 7)
_POWERS = dict.fromkeys(_COMPARISONS, _COMPARE) | {
    "or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE,
    "+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY, "**": _POWER,
}  # fmt: skip


class Parser(Cursor):
    """One text being parsed."""

    def __init__(self, text: str, names: Names, types: Mapping[str, Type]) -> None:
        super().__init__(text, names, types)
        self._filters = True
        """Off at the end of a range, where `[` closes it: `]1..3[`."""

    def whole(self) -> Node:
        """The expression that is the whole text."""
        if self.token.kind == "end":
            raise self.error(say("The expression is empty."), "Write a value, a name or a comparison.")
        node = self.expression()
        self.finish()
        return node

    def finish(self) -> None:
        """Nothing may follow."""
        if self.token.kind != "end":
            sentence = say("'%(what)s' cannot follow here.", what=self.token.text[:50])
            raise self.error(sentence, "An operator such as 'and' or '+' may be missing before it.")

    def whole_tests(self) -> unary.UnaryTests:
        """The unary tests that are the whole text."""
        if self.token.kind == "end" or (self.at("-") and self.peek().kind == "end"):
            return unary.UnaryTests(())
        start = self.position
        if self.at("not") and self.peek().text == "(":
            self.position += 2
            tests = self._tests()
            self.expect(")", say("after the tests of 'not('"))
            if self.token.kind == "end":
                return unary.UnaryTests(tests, negated=True)
            self.position = start  # such as `not(a) or b`: an expression, not a negated test
        tests = self._tests()
        self.finish()
        return unary.UnaryTests(tests)

    def expression(self) -> Node:
        """An expression of any kind."""
        with self.nested():
            filters, self._filters = self._filters, True
            node = self._binary(_OR)
            self._filters = filters
            return node

    def _binary(self, least: int) -> Node:
        """What stands here, with all operators that bind at least as strongly."""
        node = self._unary()
        length = 0
        while (power := self._power()) >= least:
            length += 1
            self.limit(length)
            if power in (_OR, _AND):
                node = self._junction(node, power)
            elif power == _COMPARE:
                node = self._comparison(node)
            else:
                node = self._chain(node, power)
        return node

    def _power(self) -> int:
        """How strongly the operator that stands here binds; 0 for what is none."""
        return _POWERS.get(self.token.text, 0) if self.token.kind in ("symbol", "name") else 0

    def _junction(self, first: Node, power: int) -> Node:
        items = [first]
        while self._power() == power:
            self.advance()
            items.append(self._binary(power + 1))
        return tree.Junction(stop=power == _OR, items=tuple(items))

    def _chain(self, first: Node, power: int) -> Node:
        rest = []
        while self._power() == power:
            rest.append((self.advance().text, self._binary(power + 1)))
        return tree.Calculation(first, tuple(rest))

    def _comparison(self, left: Node) -> Node:
        operator = self.advance().text
        if operator == "in":
            return unary.In(left, self._in_tests())
        right = self._binary(_ADD)
        if operator == "between":
            self.expect("and", say("after the lower end of 'between'"))
            return tree.Between(left, right, self._binary(_ADD))
        return tree.Comparison(operator, left, right)

    def _in_tests(self) -> tuple[unary.Test, ...]:
        if not self.at("(") or self._is_range():
            return (self._test(),)
        self.advance()
        tests = self._tests()
        self.expect(")", say("after the tests of 'in'"))
        return tests

    def _is_range(self) -> bool:
        """Whether the bracket that opens here holds `..` at its own level."""
        level = 0
        for token in self.tokens[self.position :]:
            if token.kind != "symbol":
                continue
            if token.text in "([{":
                level += 1
            elif token.text in ")]}":
                level -= 1
                if level <= 0:
                    return False
            elif level == 1 and token.text == ",":
                return False
            elif level == 1 and token.text == "..":
                return True
        return False

    def _tests(self) -> tuple[unary.Test, ...]:
        tests = [self._test()]
        while self.accept(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> unary.Test:
        if self.token.kind == "symbol" and self.token.text in _COMPARISONS:
            operator = self.advance().text
            return unary.Test(self._binary(_ADD), operator)
        before, self.read = self.read, set()
        node = self.expression()
        asks_input = "?" in self.read
        self.read |= before
        return unary.Test(node, asks_input=asks_input)

    def _unary(self) -> Node:
        if self.accept("-"):
            with self.nested():
                return tree.Negation(self._unary())
        node = self._postfix(self._primary())
        if self.at("instance") and self.peek().text == "of":
            self.position += 2
            return tree.InstanceOf(node, parse_type(self))
        return node

    def _postfix(self, node: Node) -> Node:
        length = 0
        while True:
            if self.accept("."):
                node = tree.Path(node, self.name())
            elif self._filters and self.accept("["):
                node = self._filter(node)
            elif self.accept("("):
                node = self._call(node)
            else:
                return node
            length += 1
            self.limit(length)

    def _filter(self, node: Node) -> Node:
        free = set(self.free)
        condition = self.expression()
        self.free = free  # names in a filter may be those of the items
        self.expect("]", say("after a filter"))
        return tree.Filter(node, condition)

    def _call(self, function: Node) -> Node:
        if isinstance(function, tree.Name):
            self.called.add(function.name)
        args: list[Node] = []
        names: list[str] = []
        while not self.at(")"):
            if self._is_named():
                names.append(self.declared_name(":"))
                self.expect(":", say("after the name of a parameter"))
            args.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")", say("after the arguments of a function"))
        if names and len(names) != len(args):
            raise self.error(say("Some arguments have a name and some have not."), "Name all of them or none.")
        return tree.Call(function, tuple(args), tuple(names) if names else None)

    def _is_named(self) -> bool:
        offset = 0
        while self.peek(offset).kind == "name":
            offset += 1
        return offset > 0 and self.peek(offset).text == ":"

    def _primary(self) -> Node:
        token = self.token
        match token.kind:
            case "number":
                return self._number()
            case "string":
                self.advance()
                return tree.Literal(unquote(token.text))
            case "name":
                return self._word()
        match token.text:
            case "(":
                return self._bracket()
            case "[" | "]":
                return self._list()
            case "{":
                return self._context()
            case "@":
                return self._at_literal()
        return self._name()

    def _name(self) -> Node:
        name = self.name()
        self.use(name)
        return tree.Name(name)

    def _word(self) -> Node:
        match self.token.text:
            case "true" | "false" | "null":
                return tree.Literal({"true": True, "false": False, "null": None}[self.advance().text])
            case "if":
                return self._if()
            case "for":
                return self._for()
            case "some" | "every":
                return self._quantified()
            case "function":
                return self._function()
        return self._name()

    def _number(self) -> Node:
        try:
            return tree.Literal(DECIMAL.create_decimal(self.token.text))
        except DecimalException as error:
            raise self.error(say("The number is too large."), "A number has up to 34 digits.") from error
        finally:
            self.advance()

    def _at_literal(self) -> Node:
        self.expect("@", say("before a date"))
        token = self.token
        if token.kind != "string":
            raise self.error(say("A text is missing after '@'."), 'Write for example @"2027-04-08".')
        self.advance()
        return tree.Literal(parse_at(unquote(token.text)))

    def _if(self) -> Node:
        self.advance()
        condition = self.expression()
        self.expect("then", say("after the condition of 'if'"))
        then = self.expression()
        self.expect("else", say("after 'then'"))
        return tree.If(condition, then, self.expression())

    def _iterators(self, end: str) -> list[tree.Iterator]:
        iterators = []
        while True:
            name = self.declared_name("in")
            self.expect("in", say("after the name"))
            source = self.expression()
            last = self.expression() if self.accept("..") else None
            iterators.append(tree.Iterator(name, source, last))
            self.learn(name)
            self.locals.append(frozenset({name}))
            if not self.accept(","):
                self.expect(end, say("after the list"))
                return iterators

    def _for(self) -> Node:
        self.advance()
        iterators = self._iterators("return")
        before, self.read = self.read, set()
        with self.scoped("partial"):
            body = self.expression()
        reads_partial = "partial" in self.read
        self.read |= before
        del self.locals[-len(iterators) :]
        return tree.For(tuple(iterators), body, reads_partial)

    def _quantified(self) -> Node:
        stop = self.advance().text == "some"
        iterators = self._iterators("satisfies")
        condition = self.expression()
        del self.locals[-len(iterators) :]
        return tree.Quantified(stop, tuple(iterators), condition)

    def _function(self) -> Node:
        self.advance()
        self.expect("(", say("after 'function'"))
        parameters = []
        while not self.at(")"):
            name = self.declared_name(",", ":", ")")
            parameters.append(Parameter(name, parse_type(self) if self.accept(":") else ANY))
            if not self.accept(","):
                break
        self.expect(")", say("after the parameters"))
        if self.at("external"):
            raise self.error(
                say("An external function cannot be called."), "Write it in FEEL, or ask for an operation."
            )
        with self.scoped(*(parameter.name for parameter in parameters)):
            return tree.FunctionOf(tuple(parameters), self.expression())

    def _context(self) -> Node:
        self.advance()
        entries: list[tuple[str, Node]] = []
        seen: set[str] = set()
        while not self.at("}"):
            quoted = self.token.kind == "string"
            key = self.declared_name(":")
            key = unquote(key) if quoted else key
            if key in seen:
                raise self.error(
                    say("The context has two entries '%(name)s'.", name=key), "Give each entry a name of its own."
                )
            seen.add(key)
            self.expect(":", say("after '%(name)s'", name=key))
            entries.append((key, self.expression()))
            self.learn(key)
            self.locals.append(frozenset({key}))
            if not self.accept(","):
                break
        self.expect("}", say("at the end of the context"))
        if entries:
            del self.locals[-len(entries) :]
        return tree.ContextOf(tuple(entries))

    def _bracket(self) -> Node:
        self.advance()
        if self.token.kind == "symbol" and self.token.text in _COMPARISONS:
            node = self._open_range(self.advance().text)
            self.expect(")", say("after a range"))
            return node
        node = self.expression()
        if self.accept(".."):
            return self._range(node, start_included=False)
        self.expect(")", say("after the expression in brackets"))
        return node

    def _open_range(self, operator: str) -> Node:
        end = self._binary(_ADD)
        if operator == "=":
            return tree.RangeOf(end, end, start_included=True, end_included=True)
        if operator == "!=":
            raise self.error(say("A range cannot be 'not equal'."), "Use not(…) around the test.")
        if operator in (">", ">="):
            return tree.RangeOf(end, None, operator == ">=", end_included=False)
        return tree.RangeOf(None, end, start_included=False, end_included=operator == "<=")

    def _list(self) -> Node:
        opened = self.advance().text
        items: list[Node] = []
        while not self.at("]"):
            items.append(self.expression())
            if len(items) == 1 and self.accept(".."):
                return self._range(items[0], start_included=opened == "[")
            if not self.accept(","):
                break
        self.expect("]", say("at the end of the list"))
        if opened == "]":
            raise self.error(say("']' opens a range, but no '..' follows."), "Write it as ]1..10[ or (1..10).")
        return tree.ListOf(tuple(items))

    def _range(self, start: Node, *, start_included: bool) -> Node:
        filters, self._filters = self._filters, False
        end = self._binary(_ADD)
        self._filters = filters
        if not self.at("]", ")", "["):
            raise self.error(say("The range is not ended."), "End it with ']' or ')'.")
        return tree.RangeOf(start, end, start_included, self.advance().text == "]")


def parsed(text: str, names: Names, *, as_tests: bool, types: Mapping[str, Type] | None = None) -> tuple[Node, Parser]:
    """The tree of a text and the parser that read it; `types` are a model's own. Raises FeelSyntaxError."""
    parser = Parser(text, names, types or {})
    try:
        node: Node = parser.whole_tests() if as_tests else parser.whole()
    except RecursionError as error:  # only where the caller's own stack was almost used up
        raise parser.error(say("The expression is nested too deeply."), "Split it into several variables.") from error
    return node, parser

"""Types as they are written after `instance of` and in parameters."""

from __future__ import annotations

from engine.feel.cursor import Cursor
from engine.feel.types import TYPE_NAMES, Type
from store.sentences import say

_LONG = ("days and time duration", "years and months duration", "date and time")


def parse_type(cursor: Cursor) -> Type:
    """The type that stands here. Raises FeelSyntaxError."""
    with cursor.nested():
        name = _name(cursor)
        match name:
            case "list" | "range":
                items: tuple[Type, ...] = ()
                if cursor.accept("<"):
                    items = (parse_type(cursor),)
                    cursor.expect(">", say("after the type of the items"))
                return Type(name, items)
            case "context":
                return Type("context", members=_members(cursor) if cursor.accept("<") else ())
            case "function":
                return _function(cursor)
        return cursor.types.get(name) or Type(name)


def _name(cursor: Cursor) -> str:
    for name in _LONG:
        words = name.split()
        if [cursor.peek(index).text for index in range(len(words))] == words:
            cursor.position += len(words)
            return name
    if cursor.accept("function"):  # a reserved word, and so no name
        return "function"
    name = cursor.name()
    while cursor.accept("."):
        name += "." + cursor.name()
    if name not in TYPE_NAMES and name not in cursor.types:
        raise cursor.error(
            say("'%(name)s' is not a type.", name=name), "Types are number, string, boolean, date, list and the like."
        )
    return name


def _members(cursor: Cursor) -> tuple[tuple[str, Type], ...]:
    members = []
    while not cursor.at(">"):
        name = cursor.declared_name(":")
        cursor.expect(":", say("after the name of an entry"))
        members.append((name, parse_type(cursor)))
        if not cursor.accept(","):
            break
    cursor.expect(">", say("after the entries' types"))
    return tuple(members)


def _function(cursor: Cursor) -> Type:
    if not cursor.accept("<"):
        return Type("function")
    items = []
    while not cursor.at(">"):
        items.append(parse_type(cursor))
        if not cursor.accept(","):
            break
    cursor.expect(">", say("after the parameters' types"))
    result = parse_type(cursor) if cursor.accept("->") else None
    return Type("function", tuple(items), result=result)

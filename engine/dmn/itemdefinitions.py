"""Item definitions from XML to types; one may be made of others, in any order, but never of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.dmn.boxed import Boxed, Xml, child, children, text_of
from engine.dmn.model import Model
from engine.dmn.types import ItemType
from engine.feel.types import ANY, TYPE_NAMES, Type
from store.sentences import say

_ANY = ItemType(ANY)
_MAX_DEPTH = 40


def item_types(root: Xml, boxed: Boxed, imported: Mapping[str, Model]) -> dict[str, ItemType]:
    """All types that the file may name: FEEL's own, its item definitions, those that it imports."""
    types = {name: ItemType(Type(name)) for name in TYPE_NAMES}
    types["Any"] = _ANY
    for prefix, model in imported.items():
        types |= {f"{prefix}.{name}": kind for name, kind in model.types.items()}
    definitions = {item.get("name", ""): item for item in children(root, "itemDefinition")}
    reader = _Reader(types, definitions, boxed)
    boxed.types = types
    for name, item in definitions.items():
        reader.named(name, item, 0)
    return types


class _Reader:
    def __init__(self, types: dict[str, ItemType], definitions: Mapping[str, Xml], boxed: Boxed) -> None:
        self.types = types
        self.definitions = definitions
        self.boxed = boxed
        self.open: set[str] = set()

    def named(self, name: str, at: Xml, depth: int) -> ItemType:
        """A type by its name."""
        plain = name if name in self.types or name in self.definitions else name.rpartition(":")[2]
        if plain in self.types:
            return self.types[plain]
        if plain not in self.definitions:
            self.boxed.add(
                at,
                "unknown-type",
                say("The type '%(name)s' is not defined.", name=name),
                "Define it as an item definition.",
            )
            return _ANY
        if plain in self.open or depth > _MAX_DEPTH:
            self.boxed.add(
                at, "type-cycle", say("The type '%(name)s' is made of itself.", name=name), "Break the circle."
            )
            return _ANY
        self.open.add(plain)
        self.types[plain] = self._read(self.definitions[plain], depth + 1)
        self.open.discard(plain)
        return self.types[plain]

    def _read(self, item: Xml, depth: int) -> ItemType:
        kind = self._base(item, depth)
        allowed = child(item, "allowedValues")
        if allowed is not None and text_of(allowed):
            kind = replace(kind, allowed=self.boxed.tests(text_of(allowed), allowed))
        if item.get("isCollection") == "true":
            kind = ItemType(Type("list", (kind.type,)), item=kind)
        constraint = child(item, "typeConstraint")
        if constraint is not None and text_of(constraint):
            kind = replace(kind, allowed=self.boxed.tests(text_of(constraint), constraint))
        return kind

    def _base(self, item: Xml, depth: int) -> ItemType:
        components, function = children(item, "itemComponent"), child(item, "functionItem")
        reference = child(item, "typeRef")
        if components and depth <= _MAX_DEPTH:
            members = tuple((part.get("name", ""), self._read(part, depth + 1)) for part in components)
            plain = tuple((name, member.type) for name, member in members)
            return ItemType(Type("context", members=plain), members=members)
        if function is not None:
            parameters = tuple(
                self.named(part.get("typeRef", "Any"), part, depth).type for part in children(function, "parameters")
            )
            result = self.named(function.get("outputTypeRef", "Any"), function, depth).type
            return ItemType(Type("function", parameters, result=result))
        if reference is not None and (reference.text or "").strip():
            return self.named((reference.text or "").strip(), reference, depth)
        return _ANY

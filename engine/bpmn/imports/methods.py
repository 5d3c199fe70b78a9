"""What Java methods and functions in JUEL expressions are in FEEL: those of texts, lists and dates, and of variables.

Beans are code of the other engine; they are refused.
"""

from __future__ import annotations

import re

from engine.bpmn.imports.pieces import (
    ADD,
    COMPARE,
    CONDITIONAL,
    MULTIPLY,
    PRIMARY,
    NotTranslatable,
    Piece,
    joined,
    name,
)
from store.sentences import say

_EXECUTION = ("execution", "task", "delegateTask")
"""Names under which Camunda 7 lets expressions see the engine."""
_SAME = {
    "toDate", "booleanValue", "doubleValue", "getSingleEntry", "getSingleResult",
}  # fmt: skip
"""Methods whose value is the object itself here."""
_FUNCTIONS = {
    "length": "string length",
    "size": "count",
    "startsWith": "starts with",
    "endsWith": "ends with",
    "toLowerCase": "lower case",
    "toUpperCase": "upper case",
    "toString": "string",
}
_UNITS = {
    "Years": ("P", "Y", 1), "Months": ("P", "M", 1), "Weeks": ("P", "D", 7), "Days": ("P", "D", 1),
    "Hours": ("PT", "H", 1), "Minutes": ("PT", "M", 1), "Seconds": ("PT", "S", 1),
}  # fmt: skip
COUNTERS = {
    "loopCounter": Piece("loopCounter - 1", ADD),  # Camunda counts from 0, BPMN from 1
    "nrOfInstances": name("numberOfInstances"),
    "nrOfActiveInstances": name("numberOfActiveInstances"),
    "nrOfCompletedInstances": name("numberOfCompletedInstances"),
}
"""Camunda's counters of a multi-instance activity by their names in BPMN 2.0 §13.3.7."""
_MOVED = re.compile(rf"(plus|minus)({'|'.join(_UNITS)})")


def variable(text: str) -> Piece:
    """A variable by its name there. Raises NotTranslatable for what is no name in FEEL."""
    return COUNTERS.get(text) or name(text)


def method(owner: Piece, called: str, given: list[Piece]) -> Piece:
    """`owner.called(given)` in FEEL. Raises NotTranslatable for a method of a bean, or one that FEEL has not."""
    if owner.path in _EXECUTION:
        return _variable(owner.path, called, given)
    match called, given:
        case same, [] if same in _SAME:
            return owner
        case (("intValue" | "longValue"), []):
            return joined("round down", owner, Piece("0", PRIMARY))
        case (("length" | "size" | "toLowerCase" | "toUpperCase" | "toString"), []):
            return joined(_FUNCTIONS[called], owner)
        case (("startsWith" | "endsWith"), [one]):
            return joined(_FUNCTIONS[called], owner, one)
        case "isEmpty", []:
            return Piece(f'list contains([null, "", [], {{}}], {owner.text})', PRIMARY, is_boolean=True)
        case "equals", [one]:
            return Piece(f"{owner.within(ADD)} = {one.within(ADD)}", COMPARE)
        case "equalsIgnoreCase", [one]:
            return Piece(f"lower case({owner.text}) = lower case({one.text})", COMPARE)
        case "concat", [one]:
            return Piece(f"{owner.within(ADD)} + {one.within(MULTIPLY)}", ADD)
        case "contains", [one]:
            either = f"contains({owner.text}, {one.text}) else list contains({owner.text}, {one.text})"
            return Piece(f"if {owner.within(PRIMARY)} instance of string then {either}", CONDITIONAL)
        case "get", [key]:
            return _item(owner, key)
        case moved, [amount] if found := _MOVED.fullmatch(moved):
            return _moved(owner, found[1], found[2], amount)
    sentence = say(
        "It calls '%(name)s' of '%(owner)s', which is code of the other engine.", name=called, owner=owner.text[:100]
    )
    raise NotTranslatable(sentence, "Let an operation in a service task before it give the value as a variable.")


def member(owner: Piece, key: str) -> Piece:
    """`owner.key` in FEEL."""
    return _variable(owner.path, key, []) if owner.path in _EXECUTION else owner.member(key)


def function(called: str, given: list[Piece]) -> Piece:
    """A call of a function by its name."""
    if called in ("now", "dateTime") and not given:
        return joined("now")
    sentence = say("It calls '%(name)s', which is a function of the other engine.", name=called)
    raise NotTranslatable(sentence, "Let an operation in a service task before it give the value as a variable.")


def _variable(owner: str | None, called: str, given: list[Piece]) -> Piece:
    named = given[0].literal if len(given) == 1 else None
    if called in ("getVariable", "getVariableLocal") and named is not None:
        return variable(named)
    if called == "hasVariable" and named is not None:
        return Piece(f"{variable(named).text} != null", COMPARE, is_boolean=True)
    sentence = say("It asks the other engine for '%(owner)s.%(name)s'.", owner=owner, name=called)
    raise NotTranslatable(sentence, "Give the value to the process as a variable.")


def _item(owner: Piece, key: Piece) -> Piece:
    """FEEL counts the items of a list from 1, Java from 0."""
    if key.literal is not None:
        return owner.member(key.literal)
    if key.text.isdigit():
        return Piece(f"{owner.within(PRIMARY)}[{int(key.text) + 1}]", PRIMARY)
    sentence = say(
        "It takes '%(key)s' of '%(owner)s', which may be a number or a name.",
        key=key.text[:100],
        owner=owner.text[:100],
    )
    raise NotTranslatable(sentence, "Write list[number + 1] or get value(context, name).")


def _moved(owner: Piece, direction: str, unit: str, amount: Piece) -> Piece:
    """`now.plusDays(3)` is `now + duration("P3D")`."""
    start, end, times = _UNITS[unit]
    sign = "+" if direction == "plus" else "-"
    if amount.text.isdigit():
        written = f'"{start}{int(amount.text) * times}{end}"'
    else:
        count = amount.text if times == 1 else f"{times} * {amount.within(MULTIPLY)}"
        written = f'"{start}" + string({count}) + "{end}"'
    return Piece(f"{owner.within(ADD)} {sign} duration({written})", ADD)

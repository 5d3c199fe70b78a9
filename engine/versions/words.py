"""What an element of a diagram says, in words that can be compared and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.bpmn.model import (
    EXTENSION_NAMESPACE,
    Assignment,
    DataAssociation,
    EventDefinition,
    EventType,
    Loop,
    Node,
    Performer,
)
from engine.bpmn.words import article, spaced


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that a node may say: its name in JSON, in a sentence, the fields of the model behind it, and its value."""

    key: str
    noun: str
    fields: tuple[str, ...]
    value: Callable[[Node], str | None]


def performer(found: Performer | None) -> str | None:
    """Who may do it."""
    if found is None:
        return None
    whose = found.organization or found.body
    return f"{found.role} of {whose}" if whose else found.role


def event(found: EventDefinition) -> str:
    """What an event waits for or throws."""
    match found.type:
        case EventType.TIMER:
            return f"the timer {found.expression or ''} ({spaced((found.timer or 'time').removeprefix('time'))})"
        case EventType.CONDITIONAL:
            return f"the condition {found.expression or ''}"
        case EventType.LINK:
            return f"the link {found.link or ''}"
        case EventType.COMPENSATION:
            later = "" if found.wait_for_completion else " without waiting"
            return f"compensation of {found.activity_ref or 'all'}{later}"
        case _:
            return f"the {found.type.value} {found.ref or ''}".rstrip()


def loop(found: Loop) -> str:
    """How an activity is repeated."""
    parts = [f"while {found.condition}"] if found.condition else []
    parts += [f"for each of {found.collection}"] if found.collection else []
    parts += [f"as {found.element}"] if found.element else []
    parts += [f"{found.cardinality} times"] if found.cardinality else []
    parts += [f"at most {found.maximum} times"] if found.maximum else []
    parts += ["asked before"] if found.test_before else []
    parts += [f"until {found.completion_condition}"] if found.completion_condition else []
    parts += [f"giving {found.output} of {found.output_element}"] if found.output else []
    thrown = [("", found.none_event), ("", found.one_event), *found.complex_behavior]
    parts += [f"throwing {event(it)} {when}".rstrip() for when, it in thrown if it is not None]
    parts += [f"behavior {found.behavior}"] if found.behavior.lower() != "all" else []
    return ", ".join([found.kind, *parts])


def _association(found: DataAssociation) -> str:
    sources = ", ".join(source.name for source in found.sources)
    said = [found.transformation or sources, *(f"{name} = {value}" for value, name in found.assignments)]
    return f"{'; '.join(part for part in said if part)} to {found.target.name if found.target else '?'}"


def _joined(parts: tuple[str, ...]) -> str | None:
    return ", ".join(parts) or None


def _flag(text: str, *, holds: bool) -> str | None:
    return text if holds else None


def _foreign(node: Node) -> str | None:
    """Attributes in the words of other tools; ours and the standard's are compared by their meaning."""
    foreign = [(name, value) for name, value in node.attributes.items() if name.startswith("{")]
    kept = sorted((name.rpartition("}")[2], value) for name, value in foreign if EXTENSION_NAMESPACE not in name)
    return _joined(tuple(f"{name} {value}" for name, value in kept))


def _ad_hoc(node: Node) -> str | None:
    until = f", until {node.completion_condition}" if node.completion_condition else ""
    return f"{node.ordering.lower()}{until}{'' if node.cancel_remaining else ', the rest goes on'}"


def _quantity(node: Node) -> str | None:
    counts = (node.start_quantity, node.completion_quantity)
    return None if counts == (1, 1) else f"{counts[0]} in, {counts[1]} out"


def _interrupts(node: Node) -> str:
    return "it interrupts" if node.interrupting else "it does not interrupt"


ASPECTS = (
    Aspect("name", "the name", ("name",), lambda node: node.name or None),
    Aspect("type", "the type", ("type",), lambda node: article(spaced(node.type.value))),
    Aspect("attached_to", "the activity that it is attached to", ("attached_to",), lambda node: node.attached_to),
    Aspect("event", "the event", ("events",), lambda node: _joined(tuple(map(event, node.events)))),
    Aspect("interrupting", "what it does to its activity", ("interrupting",), _interrupts),
    Aspect(
        "parallel_multiple",
        "how many triggers it waits for",
        ("parallel_multiple",),
        lambda node: "all" if node.parallel_multiple else "the first",
    ),
    Aspect("form", "the form", ("form",), lambda node: node.form),
    Aspect("operation", "the operation", ("operation",), lambda node: node.operation),
    Aspect("script", "the script", ("script",), lambda node: node.script),
    Aspect("all_inputs", "all variables as inputs", ("all_inputs",), lambda node: _flag("yes", holds=node.all_inputs)),
    Aspect("all_outputs", "all variables as outputs", ("all_outputs",), lambda node: _flag("yes", holds=node.all_outputs)),
    Aspect("due", "the due date", ("due",), lambda node: node.due),
    Aspect("decision", "the decision", ("decision",), lambda node: node.decision),
    Aspect("result", "the variable of the answer", ("result",), lambda node: node.result),
    Aspect("called_element", "the called process", ("called_element",), lambda node: node.called_element),
    Aspect(
        "binding",
        "the version that it calls",
        ("binding", "version_tag"),
        lambda node: f"{node.binding} {node.version_tag or ''}".strip(),
    ),
    Aspect("loop", "the repetition", ("loop",), lambda node: loop(node.loop) if node.loop else None),
    Aspect("data_inputs", "the data that it takes", ("data_inputs",), lambda node: _joined(tuple(map(_association, node.data_inputs)))),
    Aspect("data_outputs", "the data that it gives", ("data_outputs",), lambda node: _joined(tuple(map(_association, node.data_outputs)))),
    Aspect("activation_condition", "the condition to go on", ("activation_condition",), lambda node: node.activation_condition),
    Aspect("ad_hoc", "how its activities are done", ("ordering", "completion_condition", "cancel_remaining"), _ad_hoc),
    Aspect("quantity", "the number of tokens", ("start_quantity", "completion_quantity"), _quantity),
    Aspect("event_subprocess", "a start by an event", ("triggered_by_event",), lambda node: _flag("yes", holds=node.triggered_by_event)),
    Aspect("compensates", "the role of undoing another", ("is_for_compensation",), lambda node: _flag("yes", holds=node.is_for_compensation)),
    Aspect("instantiates", "a start of the process", ("instantiate", "event_gateway_type"), lambda node: _flag(node.event_gateway_type.lower(), holds=node.instantiate)),
    Aspect("documentation", "the documentation", ("documentation",), lambda node: node.documentation or None),
    Aspect("foreign", "what it says to other tools", ("attributes",), _foreign),
)  # fmt: skip
"""In the order in which they are told."""
ELSEWHERE = frozenset(
    ("id", "line", "incoming", "outgoing", "default", "lane", "performer", "scope", "inputs", "outputs", "correlation")
)
"""Fields of a node that `engine.versions.diagrams` compares in ways of their own, or that mean nothing alone."""


def assigned(item: Assignment) -> str:
    """What a name is given, with the words under which people are shown it."""
    return f"{item.value} ({item.label})" if item.label else item.value


MAPPINGS: Mapping[str, Callable[[Node], tuple[Assignment, ...]]] = {
    "input": lambda node: node.inputs,
    "output": lambda node: node.outputs,
    "correlation": lambda node: node.correlation,
}

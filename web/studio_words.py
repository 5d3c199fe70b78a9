"""Diagrams, decision tables and their differences in words, for the process owner's pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from committee.choices import Choices
from engine import dmn
from engine.bpmn.model import EventDefinition, EventType, Lane, Loop, Node, NodeType, Performer, Process
from engine.dmn.table import DecisionTable
from engine.versions import words
from engine.versions.change import ADDED, REMOVED, Change
from web import days_said, terms
from web.language import _, current
from web.terms import N_

KINDS = {"process": N_("Processes"), "decisions": N_("Decision tables"), "form": N_("Forms")}
NODES = {
    NodeType.TASK: N_("Task"),
    NodeType.USER_TASK: N_("User task"),
    NodeType.MANUAL_TASK: N_("Manual task"),
    NodeType.SERVICE_TASK: N_("Service task"),
    NodeType.SCRIPT_TASK: N_("Script task"),
    NodeType.BUSINESS_RULE_TASK: N_("Business rule task"),
    NodeType.SEND_TASK: N_("Send task"),
    NodeType.RECEIVE_TASK: N_("Receive task"),
    NodeType.CALL_ACTIVITY: N_("Call activity"),
    NodeType.SUB_PROCESS: N_("Subprocess"),
    NodeType.AD_HOC_SUB_PROCESS: N_("Ad-hoc subprocess"),
    NodeType.TRANSACTION: N_("Transaction"),
    NodeType.START_EVENT: N_("Start event"),
    NodeType.END_EVENT: N_("End event"),
    NodeType.INTERMEDIATE_CATCH_EVENT: N_("Catch event"),
    NodeType.INTERMEDIATE_THROW_EVENT: N_("Throw event"),
    NodeType.BOUNDARY_EVENT: N_("Boundary event"),
    NodeType.EXCLUSIVE_GATEWAY: N_("Exclusive gateway"),
    NodeType.PARALLEL_GATEWAY: N_("Parallel gateway"),
    NodeType.INCLUSIVE_GATEWAY: N_("Inclusive gateway"),
    NodeType.EVENT_BASED_GATEWAY: N_("Event-based gateway"),
    NodeType.COMPLEX_GATEWAY: N_("Complex gateway"),
}
EVENTS = {
    EventType.MESSAGE: N_("message"),
    EventType.TIMER: N_("timer"),
    EventType.SIGNAL: N_("signal"),
    EventType.ERROR: N_("error"),
    EventType.ESCALATION: N_("escalation"),
    EventType.CONDITIONAL: N_("condition"),
    EventType.COMPENSATION: N_("compensation"),
    EventType.CANCEL: N_("cancel"),
    EventType.LINK: N_("link"),
    EventType.TERMINATE: N_("terminate"),
}
ASPECTS = {
    "id": N_("the id"), "name": N_("the name"), "type": N_("the type"), "version_tag": N_("the version tag"),
    "executable": N_("whether it is run"), "data_objects": N_("its data"), "documentation": N_("the documentation"),
    "performer": N_("who does it"), "attached_to": N_("the activity that it is attached to"), "event": N_("the event"),
    "interrupting": N_("what it does to its activity"), "parallel_multiple": N_("how many triggers it waits for"),
    "form": N_("the form"), "operation": N_("the operation"), "script": N_("the script"), "due": N_("the due date"),
    "decision": N_("the decision"), "result": N_("the variable of the answer"),
    "called_element": N_("the called process"), "binding": N_("the version that it calls"),
    "loop": N_("the repetition"), "lane": N_("the lane"), "scope": N_("the subprocess"), "input": N_("an input"),
    "output": N_("an output"), "correlation": N_("a key of the message"), "default": N_("the way that is taken else"),
    "condition": N_("the condition"), "ends": N_("where it leads"), "hit_policy": N_("the hit policy"),
    "column": N_("a column"), "logic": N_("the logic"), "order": N_("the order of the rules"), "label": N_("the label"),
    "options": N_("the choices"), "required": N_("whether it must be filled in"),
    "maxLength": N_("the greatest length"), "minLength": N_("the least length"), "min": N_("the least value"),
    "max": N_("the greatest value"), "pattern": N_("the pattern"),
}  # fmt: skip
SUBJECTS = {
    "process": N_("The process"), "lane": N_("The lane"), "element": N_("The step"), "flow": N_("The flow"),
    "decision": N_("The decision"), "column": N_("The decision"), "rule": N_("A rule of"), "field": N_("The field"),
    "file": N_("The file"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Element:
    """A step of a diagram as a row of a table."""

    id: str
    name: str
    kind: str
    performer: str
    """Who does it: role and body; the lane it stands in where only running it would tell more."""
    form: str | None
    """The key of the form that it shows, where there is one in use."""
    details: Sequence[tuple[str, str]]
    """What else it says: (aspect, value)."""
    documentation: str


def kind(of: str) -> str:
    """A kind of definition, several of them."""
    return _(KINDS[of]) if of in KINDS else of


def called(name: str, kind_of: str, element_id: str) -> str:
    """What people call a step: one without a name by its kind, such as a gateway, never by its id."""
    word = next((word for node, word in NODES.items() if node.value == kind_of), "")
    return name or (_(word) if word else element_id)


def elements(process: Process, found: Choices) -> list[Element]:
    """Every step, in the order of the file; gateways that say nothing of their own are left to the picture."""
    lanes = {lane.id: lane for lane in process.lanes}
    return [_element(node, lanes, found) for node in process.scope.walk() if node.name or node.type not in _SILENT]


_SILENT = (NodeType.EXCLUSIVE_GATEWAY, NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY)
_DETAILS = ("due", "operation", "decision", "called_element", "event", "loop")


def _element(node: Node, lanes: Mapping[str, Lane], found: Choices) -> Element:
    triggers = ", ".join(_(EVENTS[each.type]) for each in node.events if each.type in EVENTS)
    said = {aspect.key: aspect.value(node) for aspect in words.ASPECTS if aspect.key in _DETAILS} | _named(node, found)
    return Element(
        id=node.id,
        name=node.name or node.id,
        kind=_(NODES[node.type]) + (f" ({triggers})" if triggers else ""),
        performer=_performer(node.performer, lanes.get(node.lane or ""), found),
        form=node.form if ("form", node.form) in {(each.kind, each.key) for each in found.deployed} else None,
        details=[(aspect(key), value) for key in _DETAILS if (value := said.get(key))],
        documentation=node.documentation,
    )


def _named(node: Node, found: Choices) -> dict[str, str | None]:
    """What people call what a step names; what nobody has given a name stays as the diagram says it."""
    names = {(each.kind, each.key): each.name for each in found.deployed}
    operation = found.operations.get(node.operation or "")
    label = operation and (operation.label_en if current() == "en" else operation.label_sv)
    events = [_event(each) for each in node.events if each.type in EVENTS]
    return {
        "due": node.due and (days_said.said(node.due) or node.due),
        "loop": _loop(node.loop) if node.loop else None,
        "decision": node.decision and names.get(("decisions", node.decision), node.decision),
        "called_element": node.called_element and names.get(("process", node.called_element), node.called_element),
        "operation": label or node.operation,
        "event": ", ".join(filter(None, events)) or None,
    }


def _event(event: EventDefinition) -> str:
    what = event.expression and (days_said.said(event.expression) or event.expression)
    told = what or (event.ref and terms.message(event.ref)) or event.link
    return f"{_(EVENTS[event.type])}: {told}" if told else ""


def _loop(loop: Loop) -> str:
    """How often, without the names of its variables."""
    if loop.kind == "standard":
        return _("again and again")
    if loop.kind == "sequential":
        return _("once for each, one after the other")
    return _("once for each, all at the same time")


def _performer(performer: Performer | None, lane: Lane | None, found: Choices) -> str:
    named = (lane.name or lane.id) if lane is not None else ""
    if performer is None:
        return named
    bodies = {each.key: each.name for each in found.bodies}
    place = performer.organization or bodies.get(performer.body or "", performer.body) or ""
    role = terms.role(performer.role)
    if place.startswith("="):  # which one, only a case can tell; the lane says something of its own performer's only
        is_lanes = lane is not None and lane.performer is not None and lane.performer.role == performer.role
        place = named if is_lanes and named.casefold() != role.casefold() else ""
    return ", ".join(filter(None, (role, place)))


def aspect(key: str) -> str:
    """What of a thing has changed."""
    return _(ASPECTS[key]) if key in ASPECTS else key


def told(change: Change) -> str:
    """A change as a sentence. In English the engine's own, which say more; else composed of what has changed."""
    if current() == "en" or change.subject == "file":
        return _(change.sentence)
    if change.subject == "drawing":
        return _("'%(name)s' is drawn elsewhere or otherwise.", name=change.name or change.id)
    named = {"what": _(SUBJECTS[change.subject]), "name": called(change.name, change.type, change.id)}
    if change.kind == ADDED:
        return _("%(what)s '%(name)s' is new.", **named)
    if change.kind == REMOVED:
        return _("%(what)s '%(name)s' is removed.", **named)
    named |= {"aspect": aspect(change.aspect), "old": change.old or "–", "new": change.new or "–"}
    if change.old is None and change.new is None:
        return _("%(what)s '%(name)s': %(aspect)s is another.", **named)
    return _("%(what)s '%(name)s': %(aspect)s is now %(new)s, was %(old)s.", **named)


def tables(content: bytes) -> Sequence[DecisionTable]:
    """The tables of a file of decisions. Raises DmnError."""
    return dmn.read(content).model.tables

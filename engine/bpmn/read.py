"""Reads a BPMN file into the plain model. Tolerant: what it does not know is left for the checker to speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from engine.bpmn import extensions, imports
from engine.bpmn.data import associations, data_objects, read_data
from engine.bpmn.drawings import drawings
from engine.bpmn.events import event_definition, read_events
from engine.bpmn.model import (
    NAMESPACE,
    Diagram,
    EventDefinition,
    Flow,
    Foreign,
    Lane,
    Loop,
    Mapped,
    MessageFlow,
    Node,
    NodeType,
    Performer,
    Process,
    Scope,
    Unknown,
)
from engine.bpmn.xml import DiagramUnreadable, child_text, choice, flag, line_of, parse, require_bpmn, text_of
from store.sentences import say

MAX_NODES = 10_000
MAX_ID = 200
_TYPES = {kind.value: kind for kind in NodeType}
_GLOBAL_TASKS = {
    "globalTask": NodeType.TASK,
    "globalUserTask": NodeType.USER_TASK,
    "globalManualTask": NodeType.MANUAL_TASK,
    "globalScriptTask": NodeType.SCRIPT_TASK,
    "globalBusinessRuleTask": NodeType.BUSINESS_RULE_TASK,
}
_OTHER = {
    "sequenceFlow", "laneSet", "dataObject", "dataObjectReference", "dataStoreReference", "property", "ioSpecification",
    "ioBinding", "supportedInterfaceRef", "association", "textAnnotation", "group", "documentation",
    "extensionElements", "auditing", "monitoring", "category", "supports", "correlationSubscription", "incoming",
    "outgoing", "dataInputAssociation", "dataOutputAssociation", "standardLoopCharacteristics",
    "multiInstanceLoopCharacteristics", "completionCondition", "resourceRole", "performer", "humanPerformer",
    "potentialOwner",
}  # fmt: skip
"""What may stand in a process or subprocess beside flow nodes; the rest of the namespace is unknown."""


_ROLES = ("resourceRole", "performer", "humanPerformer", "potentialOwner")


class Definitions:
    """The root element and what is referred to by id from inside processes."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.data = read_data(root)
        self.events = {str(child.get("id")): child for child in elements(root) if child.get("id")}
        self.names: dict[str, dict[str, str]] = {"message": {}, "signal": {}, "error": {}, "escalation": {}}
        for child in elements(root):
            kind = local(child)
            if kind in self.names and (key := child.get("id")):
                code = child.get("errorCode") or child.get("escalationCode")
                self.names[kind][key] = code or child.get("name") or key


def read(data: bytes) -> Diagram:
    """The diagram in a file. Raises DiagramUnreadable for what is not BPMN 2.0, or has one id twice."""
    root = parse(data)
    require_bpmn(root)
    _require_size(root)
    _require_unique_ids(root)
    own = tuple(extensions.all_of(root))
    root, foreign, mapped = _in_own_words(data, root, is_own=bool(own))
    definitions = Definitions(root)
    found = (_process_or_task(definitions, element) for element in elements(root))
    processes = {process.id: process for process in found if process is not None}
    participants = {
        element.get("id", ""): qualified(element.get("processRef", ""))
        for element in root.iter(f"{{{NAMESPACE}}}participant")
    }
    return Diagram(
        processes=processes,
        messages=definitions.names["message"],
        signals=definitions.names["signal"],
        errors=definitions.names["error"],
        escalations=definitions.names["escalation"],
        participants=participants,
        message_flows=tuple(_message_flows(root)),
        extensions=tuple(extensions.all_of(root)) if mapped else own,
        foreign=(*foreign, *_roles(root), *drawings(root)),
        mapped=mapped,
        correlations=tuple(
            Unknown(element.get("id", ""), local(element), element.get("name", ""), line_of(element))
            for element in root.iter(f"{{{NAMESPACE}}}correlationKey", f"{{{NAMESPACE}}}correlationSubscription")
        ),
    )


def _in_own_words(
    data: bytes, root: etree._Element, *, is_own: bool
) -> tuple[etree._Element, tuple[Foreign, ...], tuple[Mapped, ...]]:
    """A diagram of another engine as if it were said in our words; no line moves.

    One that says anything in our words is read as it stands: what was taken away from it must not come back.
    """
    found = imports.survey(root)
    notes = tuple(found.notes)
    if not found.changes:
        return root, notes, ()
    if is_own:
        return root, (*notes, *imports.unread(found.mapped)), ()
    try:
        return parse(imports.rewritten(data, root, found.changes)), notes, tuple(found.mapped)
    except imports.NotRewritable:
        return root, (*notes, imports.not_rewritable(root)), ()


def _message_flows(root: etree._Element) -> Iterator[MessageFlow]:
    for element in root.iter(f"{{{NAMESPACE}}}messageFlow"):
        source, target = (qualified(element.get(end, "")) for end in ("sourceRef", "targetRef"))
        yield MessageFlow(element.get("id", ""), source, target, element.get("name", ""), line_of(element))


def _roles(root: etree._Element) -> Iterator[Foreign]:
    """Who does a task, in BPMN's own words (§10.3.1), which say nothing of bodies; nobody is to wait for it in vain."""
    for element in root.iter(*(f"{{{NAMESPACE}}}{name}" for name in _ROLES)):
        owner = element.getparent()
        if owner is not None and local(owner) != "process" and extensions.performer(owner) is None:
            sentence = say("says who does it as %(kind)s, which is not read", kind=local(element))
            hint = "Say it with handslag:performer, on the task or its lane."
            yield Foreign(owner.get("id", ""), owner.get("name", ""), line_of(element), "resource-role", sentence, hint)


def local(element: etree._Element) -> str:
    """Name of a BPMN element without its namespace; foreign elements have none."""
    name = etree.QName(element)
    return name.localname if name.namespace == NAMESPACE else ""


def elements(parent: etree._Element) -> Iterator[etree._Element]:
    """The child elements; comments and processing instructions are passed over."""
    return (child for child in parent if isinstance(child.tag, str))


def qualified(name: str) -> str:
    """The local part of a QName in an attribute: `bpmn:Process_1` refers to `Process_1`."""
    return name.rsplit(":", 1)[-1].strip()


def _require_size(root: etree._Element) -> None:
    """Reading and checking takes time in proportion to the nodes; before it begins they are counted."""
    if (nodes := sum(1 for _ in root.iter(*(f"{{{NAMESPACE}}}{name}" for name in _TYPES)))) > MAX_NODES:
        raise DiagramUnreadable(
            say("The file has %(count)s tasks, events and gateways; %(most)s are allowed.", count=nodes, most=MAX_NODES)
        )


def _require_unique_ids(root: etree._Element) -> None:
    seen: dict[str, int] = {}
    for element in root.iter(etree.Element):
        key = element.get("id")
        if key is None or etree.QName(element).namespace != NAMESPACE:
            continue
        if len(key) > MAX_ID:
            told = say("The id '%(id)s…' is longer than %(most)s letters.", id=key[:50], most=MAX_ID)
            raise DiagramUnreadable(told, line_of(element))
        if key in seen:
            told = say(
                "The id '%(id)s' is used twice, on the lines %(first)s and %(second)s. Give one of them another id.",
                id=key,
                first=seen[key],
                second=line_of(element),
            )
            raise DiagramUnreadable(told, line_of(element))
        seen[key] = line_of(element)


def _process_or_task(definitions: Definitions, element: etree._Element) -> Process | None:
    """A process, or a global task: one that call activities share, which is a process of itself alone (§10.2.7)."""
    kind = local(element)
    if kind == "process":
        return _process(definitions, element)
    if kind not in _GLOBAL_TASKS:
        return None
    node = _node(definitions, element, _GLOBAL_TASKS[kind], _Ways({}), _Lanes({}))
    return Process(id=node.id, name=node.name, scope=Scope({node.id: node}, {}), is_global_task=True, line=node.line)


def _process(definitions: Definitions, element: etree._Element) -> Process:
    lanes = tuple(_lanes(element))
    held = _Lanes({node: (lane.id, lane.performer) for lane in lanes for node in lane.node_ids})
    key = element.get("id") or f"\x00process-{line_of(element)}"
    return Process(
        id=key,
        name=element.get("name", ""),
        scope=_scope(definitions, element, held),
        is_executable=flag(element, "isExecutable", default=True),
        version_tag=element.get(extensions.qualified("versionTag")),
        documentation=child_text(element, "documentation") or "",
        lanes=lanes,
        line=line_of(element),
    )


def _lanes(process: etree._Element) -> Iterator[Lane]:
    """Every lane, outer ones first, so that the innermost lane of a node counts."""
    for element in process.iter(f"{{{NAMESPACE}}}lane"):
        refs = element.findall(f"{{{NAMESPACE}}}flowNodeRef")
        yield Lane(
            id=element.get("id") or f"lane_{line_of(element)}",
            name=element.get("name", ""),
            node_ids=tuple(qualified(text_of(ref)) for ref in refs),
            performer=extensions.performer(element),
            within=tuple(outer.get("id", "") for outer in element.iterancestors(f"{{{NAMESPACE}}}lane")),
            line=line_of(element),
        )


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Which lane each node stands in, and whom it names.

    Of what stands inside a subprocess §10.7 says nothing, and drawing tools leave it out of the lane: it has that of
    the subprocess, unless a lane names it.
    """

    named: Mapping[str, tuple[str, Performer | None]]
    otherwise: tuple[str | None, Performer | None] = (None, None)

    def of(self, key: str) -> tuple[str | None, Performer | None]:
        """The lane of a node and its performer."""
        return self.named.get(key, self.otherwise)

    def inside(self, key: str) -> _Lanes:
        """The lanes as they are for what stands inside a node."""
        return _Lanes(self.named, self.of(key))


def _scope(definitions: Definitions, parent: etree._Element, held: _Lanes) -> Scope:
    flows = _flows(parent)
    ways = _Ways(flows)
    nodes: dict[str, Node] = {}
    unknown: list[Unknown] = []
    drawn: list[tuple[str, str]] = []
    for element in elements(parent):
        kind = local(element)
        if kind in _TYPES:
            node = _node(definitions, element, _TYPES[kind], ways, held)
            nodes[node.id] = node
        elif kind == "association":
            drawn.append((qualified(element.get("sourceRef", "")), qualified(element.get("targetRef", ""))))
        elif kind and kind not in _OTHER:
            unknown.append(Unknown(element.get("id", ""), kind, element.get("name", ""), line_of(element)))
    return Scope(nodes, flows, data_objects(parent, definitions.data), tuple(unknown), tuple(drawn))


class _Ways:
    """The flows into and out of each node, so that reading takes time in proportion to the file."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self.into: dict[str, list[str]] = {}
        self.out_of: dict[str, list[str]] = {}
        for flow in flows.values():
            self.into.setdefault(flow.target, []).append(flow.id)
            self.out_of.setdefault(flow.source, []).append(flow.id)


def _flows(parent: etree._Element) -> dict[str, Flow]:
    flows: dict[str, Flow] = {}
    for number, element in enumerate(parent.findall(f"{{{NAMESPACE}}}sequenceFlow")):
        # SpiffWorkflow drops flows without an id; ours get one that no diagram can hold.
        key = element.get("id") or f"\x00flow-{line_of(element)}-{number}"
        condition = child_text(element, "conditionExpression")
        flows[key] = Flow(
            id=key,
            source=qualified(element.get("sourceRef", "")),
            target=qualified(element.get("targetRef", "")),
            name=element.get("name", ""),
            condition=condition or None,
            says_nothing=condition == "",
            line=line_of(element),
        )
    return flows


def _node(definitions: Definitions, element: etree._Element, kind: NodeType, ways: _Ways, held: _Lanes) -> Node:
    key = element.get("id") or f"\x00{kind.value}-{line_of(element)}"
    lane, lane_performer = held.of(key)
    is_scope = kind in (NodeType.SUB_PROCESS, NodeType.AD_HOC_SUB_PROCESS, NodeType.TRANSACTION)
    default = element.get("default")
    node = Node(
        id=key,
        type=kind,
        name=" ".join(element.get("name", "").split()),
        line=line_of(element),
        documentation=child_text(element, "documentation") or "",
        incoming=tuple(ways.into.get(key, ())),
        outgoing=tuple(ways.out_of.get(key, ())),
        default=qualified(default) if default else None,
        lane=lane,
        performer=lane_performer,
        events=read_events(definitions.events, definitions.names, element),
        attached_to=qualified(element.get("attachedToRef", "")) or None,
        loop=_loop(definitions, element),
        scope=_scope(definitions, element, held.inside(key)) if is_scope else None,
        called_element=qualified(element.get("calledElement", "")) or None,
        data_inputs=associations(element, "dataInputAssociation", definitions.data),
        script=child_text(element, "script"),
        data_outputs=associations(element, "dataOutputAssociation", definitions.data),
        attributes={str(name): str(value) for name, value in element.attrib.items()},
    )
    return _with_extensions(_with_behaviour(node, element), element)


def _loop(definitions: Definitions, element: etree._Element) -> Loop | None:
    """The repetition of an activity, with what its iterations throw when they end."""
    loop = extensions.loop(element, definitions.data)
    multiple = element.find(f"{{{NAMESPACE}}}multiInstanceLoopCharacteristics")
    if loop is None or multiple is None:
        return loop

    def referred(attribute: str) -> EventDefinition | None:
        found = definitions.events.get(qualified(multiple.get(attribute, "")))
        return event_definition(definitions.names, found) if found is not None else None

    rules = []
    for rule in multiple.findall(f"{{{NAMESPACE}}}complexBehaviorDefinition"):
        event = rule.find(f"{{{NAMESPACE}}}event")
        thrown = read_events(definitions.events, definitions.names, event) if event is not None else ()
        rules.append((child_text(rule, "condition") or "", thrown[0] if len(thrown) == 1 else None))
    return replace(
        loop,
        none_event=referred("noneBehaviorEventRef"),
        one_event=referred("oneBehaviorEventRef"),
        complex_behavior=tuple(rules),
    )


def _with_behaviour(node: Node, element: etree._Element) -> Node:
    """What the standard's own attributes say; their defaults are the standard's."""
    return replace(
        node,
        parallel_multiple=flag(element, "parallelMultiple", default=False),
        interrupting=flag(element, "cancelActivity", default=flag(element, "isInterrupting", default=True)),
        triggered_by_event=flag(element, "triggeredByEvent", default=False),
        is_for_compensation=flag(element, "isForCompensation", default=False),
        instantiate=flag(element, "instantiate", default=False),
        event_gateway_type=choice(element, "eventGatewayType", "Exclusive", "Parallel"),
        activation_condition=child_text(element, "activationCondition"),
        ordering=choice(element, "ordering", "Parallel", "Sequential"),
        completion_condition=child_text(element, "completionCondition"),
        cancel_remaining=flag(element, "cancelRemainingInstances", default=True),
        start_quantity=_count(element.get("startQuantity")),
        completion_quantity=_count(element.get("completionQuantity")),
    )


def _with_extensions(node: Node, element: etree._Element) -> Node:
    """What Handslag's own elements say."""
    own = extensions.of_node(element)
    return replace(
        node,
        performer=own.performer or node.performer,
        binding=own.binding,
        version_tag=own.version_tag,
        all_inputs=own.all_inputs,
        all_outputs=own.all_outputs,
        form=own.form,
        operation=own.operation,
        decision=own.decision,
        result=own.result,
        due=own.due,
        inputs=own.inputs,
        outputs=own.outputs,
        correlation=own.correlation,
    )


def _count(written: str | None) -> int:
    try:
        return int(written) if written else 1
    except ValueError:
        return -1

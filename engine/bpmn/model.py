"""A BPMN diagram as plain data: what the reader found, before any meaning is given to it.

Names follow the elements and attributes of BPMN 2.0 (OMG formal/2011-01-03). Everything is frozen, so that a
compiled diagram can be shared by every thread. The `handslag:` extension elements are read into typed fields
here; foreign extensions stay in the XML, which is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"
EXTENSION_NAMESPACE = "urn:handslag:bpmn:1.0"


class NodeType(StrEnum):
    """The flow nodes of BPMN 2.0; the value is the element's local name."""

    TASK = "task"
    USER_TASK = "userTask"
    MANUAL_TASK = "manualTask"
    SERVICE_TASK = "serviceTask"
    SCRIPT_TASK = "scriptTask"
    BUSINESS_RULE_TASK = "businessRuleTask"
    SEND_TASK = "sendTask"
    RECEIVE_TASK = "receiveTask"
    CALL_ACTIVITY = "callActivity"
    SUB_PROCESS = "subProcess"
    AD_HOC_SUB_PROCESS = "adHocSubProcess"
    TRANSACTION = "transaction"
    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    INTERMEDIATE_CATCH_EVENT = "intermediateCatchEvent"
    INTERMEDIATE_THROW_EVENT = "intermediateThrowEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    INCLUSIVE_GATEWAY = "inclusiveGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"
    COMPLEX_GATEWAY = "complexGateway"


ACTIVITIES = frozenset(kind for kind in NodeType if not kind.value.endswith(("Event", "Gateway")))


class EventType(StrEnum):
    """The event definitions of BPMN 2.0; the value is the local name without `EventDefinition`."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    COMPENSATION = "compensate"
    CANCEL = "cancel"
    LINK = "link"
    TERMINATE = "terminate"
    UNKNOWN = "unknown"
    """A definition that BPMN 2.0 does not have, or a reference to one that is not in the file."""


class TimerType(StrEnum):
    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True)
class Assignment:
    """`handslag:input`, `handslag:output` or `handslag:correlation`: a name that gets the value of an expression.

    `value` is FEEL when it starts with `=`, else a literal string.
    """

    name: str
    value: str
    line: int = 0
    label: str = ""
    """Of an input: under what words people are shown what their step is given; without one it is for the step alone."""


@dataclass(frozen=True, slots=True)
class Performer:
    """Who may do a task (`handslag:performer` on a lane or a task; the task's own wins).

    `body` and `organization` are keys of the organisation profile (`run_au`, `umea`) or FEEL with a leading `=`.
    """

    role: str
    body: str | None = None
    organization: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """One event definition; `ref` is the name that correlates (message or signal name, error or escalation code)."""

    type: EventType
    id: str = ""
    ref: str | None = None
    """Name of the message or signal, code of the error or escalation; None where the diagram names none (catch all)."""
    timer: TimerType | None = None
    expression: str | None = None
    """Timer or condition expression as written."""
    link: str | None = None
    activity_ref: str | None = None
    """Compensation: the activity to compensate."""
    wait_for_completion: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class Loop:
    """Standard loop or multi-instance characteristics.

    A `handslag:loop` extension gives the collection form that needs no data objects:
    `collection="=municipalities" element="municipality" output="answers" outputElement="=stance"`.
    """

    kind: str
    """`standard`, `parallel` or `sequential`."""
    cardinality: str | None = None
    collection: str | None = None
    """FEEL (with `=`) or the name of a variable."""
    element: str | None = None
    """Name of the variable that holds the item of one iteration."""
    output: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None
    test_before: bool = False
    maximum: str | None = None
    condition: str | None = None
    behavior: str = "All"
    """`None`, `One`, `All` or `Complex`: which iteration's end throws what (BPMN 2.0 §13.3.7)."""
    none_event: EventDefinition | None = None
    """What every iteration's end throws."""
    one_event: EventDefinition | None = None
    """What the first iteration's end throws."""
    complex_behavior: tuple[tuple[str, EventDefinition | None], ...] = ()
    """(condition, what is thrown where it is true) of each complexBehaviorDefinition."""
    line: int = 0


class DataKind(StrEnum):
    """What a data association can begin or end at."""

    OBJECT = "dataObject"
    STORE = "dataStore"
    INPUT = "dataInput"
    OUTPUT = "dataOutput"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class DataRef:
    """A data object, store, input or output by the name that its variable has."""

    kind: DataKind
    name: str


@dataclass(frozen=True, slots=True)
class DataAssociation:
    """How data gets into or out of an activity or event (BPMN 2.0 §10.4.2).

    Without transformation and assignments the source is copied to the target.
    """

    sources: tuple[DataRef, ...]
    target: DataRef | None
    transformation: str | None = None
    assignments: tuple[tuple[str, str], ...] = ()
    """(from, to)"""
    line: int = 0
    missing: str | None = None
    """The id of a source or target that is not in the file."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. `condition` is the expression as written, None when unconditional."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    says_nothing: bool = False
    """It has a condition that is empty."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `scope` is set for the kinds of subprocess, `events` for events and receive/send tasks."""

    id: str
    type: NodeType
    name: str = ""
    line: int = 0
    documentation: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    """Ids of flows, in the order of the document."""
    default: str | None = None
    lane: str | None = None
    """Id of the innermost lane that holds the node."""
    performer: Performer | None = None
    """The task's own or, failing that, its lane's."""
    events: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    attached_to: str | None = None
    interrupting: bool = True
    """Boundary events' cancelActivity, start events' isInterrupting."""
    loop: Loop | None = None
    scope: Scope | None = None
    triggered_by_event: bool = False
    is_for_compensation: bool = False
    instantiate: bool = False
    event_gateway_type: str = "Exclusive"
    activation_condition: str | None = None
    """Complex gateway."""
    ordering: str = "Parallel"
    """Ad-hoc subprocess."""
    completion_condition: str | None = None
    """Ad-hoc subprocess."""
    cancel_remaining: bool = True
    start_quantity: int = 1
    completion_quantity: int = 1
    called_element: str | None = None
    binding: str = "latest"
    """Call activity: `latest`, `deployment` (the version deployed together with this one) or `versionTag`."""
    version_tag: str | None = None
    all_inputs: bool = False
    """Call activity: the called process gets every variable that is visible here, beside the inputs."""
    all_outputs: bool = False
    """Call activity: every variable of the called process is written here, beside the outputs."""
    form: str | None = None
    operation: str | None = None
    """Service, script and send tasks: the operation to run. User tasks: the operation that takes the submission."""
    decision: str | None = None
    result: str | None = None
    """Variable that takes a decision's answer."""
    script: str | None = None
    """Script task: its code, which is never run."""
    due: str | None = None
    """User task: FEEL that gives the date by which it should be done."""
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    correlation: tuple[Assignment, ...] = ()
    data_inputs: tuple[DataAssociation, ...] = ()
    data_outputs: tuple[DataAssociation, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    """All attributes as written, foreign ones in Clark notation."""

    @property
    def event(self) -> EventDefinition:
        """The only event definition, or one of type NONE."""
        return self.events[0] if self.events else EventDefinition(EventType.NONE)


@dataclass(frozen=True, slots=True)
class Unknown:
    """An element of a process that is in the BPMN namespace and that the reader does not know."""

    id: str
    kind: str
    name: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension element of ours as it is written, wherever it stands; `id` and `name` are its owner's."""

    kind: str
    """Local name: `form`, `due`, …"""
    owner_kind: str
    """Local name of the BPMN element that it says something about; empty where it stands in none."""
    id: str
    name: str
    attributes: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Foreign:
    """What an element says in words that are not read here, or not whole; `id` and `name` are the element's.

    The sentence goes on after the element's name; without an id it is about the file.
    """

    id: str
    name: str
    line: int
    rule: str
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A word of another engine, and what is read in its place."""

    id: str
    name: str
    line: int
    engine: str
    word: str
    value: str
    became: str


@dataclass(frozen=True, slots=True)
class MessageFlow:
    """A drawing between pools; `source` and `target` are ids of flow nodes or pools."""

    id: str
    source: str
    target: str
    name: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    id: str
    name: str
    node_ids: tuple[str, ...]
    performer: Performer | None = None
    within: tuple[str, ...] = ()
    """The lanes that the lane stands in."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What a process and a subprocess have in common: nodes and the flows between them."""

    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    data_objects: tuple[str, ...] = ()
    """The names of the variables that the data objects of this scope are."""
    unknown: tuple[Unknown, ...] = ()
    associations: tuple[tuple[str, str], ...] = ()
    """(source, target) of the associations: they bind compensation handlers to boundary events."""

    def walk(self) -> Iterator[Node]:
        """Every node of this scope and of the scopes inside it, outer ones first."""
        for node in self.nodes.values():
            yield node
            if node.scope is not None:
                yield from node.scope.walk()


@dataclass(frozen=True, slots=True)
class Process:
    id: str
    name: str
    scope: Scope
    is_executable: bool = True
    is_global_task: bool = False
    """It is a global task: its one node, of the same id, is what it does."""
    version_tag: str | None = None
    documentation: str = ""
    lanes: tuple[Lane, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Diagram:
    """One BPMN file."""

    processes: Mapping[str, Process]
    messages: Mapping[str, str] = field(default_factory=dict)
    """Id to name, as signals, errors (code) and escalations (code) below."""
    signals: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    escalations: Mapping[str, str] = field(default_factory=dict)
    participants: Mapping[str, str] = field(default_factory=dict)
    """Id of the pool to id of its process."""
    message_flows: tuple[MessageFlow, ...] = ()
    extensions: tuple[Extension, ...] = ()
    """Every extension element of ours in the file."""
    foreign: tuple[Foreign, ...] = ()
    """What is said in the words of other engines and tools, and is not read."""
    mapped: tuple[Mapped, ...] = ()
    """What is said in the words of other engines, and is read as if it were said in ours."""
    correlations: tuple[Unknown, ...] = ()
    """Correlation keys of the file and correlation subscriptions of its processes."""

"""The rules of the checker by id: what must hold, how much it matters, and what to do. `docs/bpmn.md` shows this table.

An `error` refuses the diagram: what it speaks of would go wrong, or would do something else than it says. `advice`
never refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Described:
    """A rule: its severity, what holds in a diagram that keeps it, and the hint where the finding has no better one."""

    severity: str
    holds: str
    hint: str


def _errors(**rules: tuple[str, str]) -> dict[str, Described]:
    return {name.replace("_", "-"): Described("error", *texts) for name, texts in rules.items()}


def _advice(**rules: tuple[str, str]) -> dict[str, Described]:
    return {name.replace("_", "-"): Described("advice", *texts) for name, texts in rules.items()}


_FILE = _errors(
    unreadable=("The file is well-formed, harmless BPMN 2.0 in which every id is used once.", "Save it again from a BPMN tool."),
    no_process=("The file holds an executable process.", "Mark one process as executable."),
    process_twice=("No other file that is deployed with it holds a process of the same id.", "Give one of them another id."),
    id_required=("Processes and flow nodes have an id.", "Save it again from a BPMN tool."),
    size=("The diagram is of a size that can be checked and run.", "Move parts of it to called processes."),
    unknown_element=("Every element of a process is one of BPMN 2.0's process elements.", "Draw it with an element that docs/bpmn.md names."),
    extension=("Extension elements of Handslag exist, stand where they mean something and have the attributes that they need.", "See docs/bpmn.md."),
    unsupported=("No construct is used that Handslag does not run.", "See docs/bpmn.md for what to draw instead."),
    other_engine_code=("Nothing is asked for that only another engine could do.", "Draw it, or remove it."),
    not_runnable=("The kernel can build the process.", "Draw it in another way: docs/bpmn.md says what runs."),
)  # fmt: skip

_STRUCTURE = _errors(
    sequence_flow=("A sequence flow joins two nodes of the same process or subprocess, and none that takes no flows.", "Draw the flow again."),
    start_event_required=("Every process and subprocess has a start event.", "Draw a start event."),
    process_start=("A process starts at an event without trigger, or at messages, signals, timers or conditions that need nothing that is not there.", "Use a start event without trigger, or with a message, signal, timer or condition."),
    instantiate=("A receive task or event-based gateway that instantiates stands in the process itself; nothing but a start event without trigger leads to it, and it is not repeated. One of type Parallel waits for messages alone.", "Use a message start event."),
    subprocess_start=("A subprocess starts at one start event without trigger.", "Remove the trigger, or make it an event subprocess."),
    event_subprocess_start=("An event subprocess has exactly one start event, and that has a trigger.", "Give it a message, timer, signal, condition, error or escalation start."),
    event_subprocess=("An event subprocess has no boundary events and is not repeated.", "Put a subprocess inside it, and give that the event or the repetition."),
    empty=("Every process and subprocess holds something.", "Draw what it does, or remove it."),
    unreachable=("Every node can be reached from a start.", "Draw a flow to it, or remove it."),
    no_way_to_an_end=("From every node an end can be reached.", "Draw a way out of the circle."),
    never_ends=("A process or subprocess can end.", "Merge with an exclusive gateway what an exclusive one has split, and with a parallel one what a parallel one has."),
    default_flow=("A default flow leaves the node whose default it is.", "Choose one of its own flows as default."),
    condition_required=("Where a gateway chooses, every flow but the default has a condition.", "Give it a condition, or make it the default flow."),
    ignored_condition=("Flows out of parallel and event-based gateways have no conditions.", "Use an inclusive gateway, or put the condition behind the event."),
    event_gateway_target=("An event-based gateway leads to catching events and receive tasks that nothing else leads to.", "Put a catching event of its own behind the gateway."),
    event_gateway_receive=("A receive task behind an event-based gateway has neither boundary events nor a repetition, and no message event stands beside it.", "Draw a catching message event in its place."),
    event_gateway_choice=("An event-based gateway leads to two events or more.", "Draw two or more."),
    lane=("Lanes hold nodes of their process, and sibling lanes none twice.", "Draw the node again inside the lane."),
)  # fmt: skip

_EVENTS = _errors(
    event_definition=("Every event definition is one of BPMN 2.0 and in the file.", "Give the event its trigger again."),
    message_name=("Message events, send and receive tasks name a message that has a name.", "Choose a message with a name."),
    signal_name=("Signal events name a signal that has a name.", "Choose a signal with a name."),
    error_name=("An error event names an error of the file, or none to catch all.", "Choose one of the errors of the file."),
    escalation_name=("An escalation event names an escalation of the file; only a catching one may name none.", "Choose one of the escalations of the file."),
    caught_twice=("No two events of one activity, event subprocesses of one scope, or events behind one gateway catch the same error, escalation or message.", "Lead both ways from one event, or give the messages different keys."),
    error_interrupts=("What catches an error interrupts.", "Make the event interrupting, or throw an escalation."),
    catch_trigger=("A catching event between two flows has a trigger that can be waited for.", "Give it a message, timer, signal or condition."),
    boundary_host=("A boundary event is attached to an activity.", "Attach it to a task or subprocess."),
    boundary_trigger=("A boundary event has a trigger.", "Give it one."),
    boundary_flow=("Something follows a boundary event.", "Draw what is to happen."),
    link=("Every throwing link has one catching link of its name in the same process or subprocess.", "Give the links one name, and draw the catching one once."),
    cancel=("Cancel end events stand in transactions that have a cancel event at their edge; cancel events at an edge are at a transaction's, and interrupt.", "Draw a transaction, or use an error event."),
    compensation=("What is thrown to undo finds an activity in its scope that can be undone.", "Attach a compensation event to the activity, with an association to the one that undoes it."),
    timer_source=("A timer says one date, duration or cycle.", 'Write for example =deadline("reply_by") or P14D.'),
    timer_literal=("What a timer says is ISO 8601 that exists, or FEEL.", 'Write for example P14D, R3/P7D or =deadline("reply_by").'),
    condition=("A conditional event has a condition.", "Write the condition in FEEL."),
    start_output=("A start event without trigger of a process has no outputs: what it is started with are its variables already.", "Remove the outputs, or put them on the task behind it."),
)  # fmt: skip

_TASKS = _errors(
    script=("A script task names an operation, or has outputs; diagrams run no code.", "Name an operation, or write it in FEEL with handslag:output."),
    operation_required=("A service task names an operation; a send task a message or an operation.", "Choose one of the operations."),
    decision_required=("A business rule task names a decision.", "Choose a decision table."),
    called_element=("A call activity names a process.", "Choose the process to call."),
    performer_role=("A performer has a role.", "Give the role."),
    loop_count=("A multi-instance activity says how many.", "Give a collection or a cardinality."),
    count=("How often an activity is done, and how many tokens it takes and gives, is a whole number of at most 10,000; only a cardinality may be 0.", "Write a whole number from 1 to 10000, or FEEL that gives one."),
    loop_output=("A multi-instance activity that collects says what of each iteration.", "Give outputElement, for example =stance."),
    loop_end=("A standard loop has a condition or a maximum.", "Give it one: without, it would never end."),
    unknown_operation=("Operations exist.", "Choose one of the operations, or ask for a plug-in."),
    unknown_form=("Forms are deployed, or come with the diagram.", "Deploy the form together with this diagram."),
    unknown_decision=("Decisions are deployed, or come with the diagram.", "Deploy the decisions together with this diagram."),
    unknown_process=("Called processes are deployed, or come with the diagram, in the version that is asked for.", "Deploy the process together with this diagram."),
    unknown_body=("Bodies exist in the organisation.", "Choose one of the organisation's bodies."),
)  # fmt: skip

_DATA = _errors(
    expression=("Every expression is FEEL.", "Write it in FEEL."),
    unknown_function=("Expressions call functions of FEEL or of Handslag.", "Choose one of the functions of FEEL or of Handslag."),
    data_association=("A data association has ends that are in the file, and one source or a transformation.", "Draw the association again."),
    data_store=("Data stores are neither read nor written.", "Name an operation that reads or writes it."),
    data_name=("What is read and written as data has a name that a variable can have.", "Use letters, digits and underscores."),
    data_object_place=("Data objects stand in a process or subprocess.", "Draw it in the process, or in a subprocess inside."),
)  # fmt: skip

_ADVICE = _advice(
    implicit_end=("Every way ends at an end event.", "Draw an end event."),
    no_default=("Where ways are chosen by conditions, one is the default.", "Draw a default flow."),
    default_condition=("A default flow has no condition: it would not be asked.", "Remove the condition."),
    default_never=("A default flow can be taken: no other flow out of its task, event or complex gateway is without condition.", "Give the other flow a condition, or let the default flow be an ordinary one."),
    ad_hoc=("No ad-hoc subprocess is used: its activities begin by themselves, each once, and nobody chooses among them.", "Where all are to be done nothing need be done; else let a user task ask which, and an inclusive gateway behind it choose."),
    resource_role=("Who does a task is said with handslag:performer.", "Say it with handslag:performer, on the task or its lane."),
    no_performer=("A user task or its lane says who does it.", "Give its lane or the task a performer."),
    performer_body=("A performer's role is in a body, or in an organisation.", "Say in which body, or of which organisation."),
    dead_end=("At no join tokens can wait for others that never come.", "Merge with an exclusive gateway what an exclusive one has split; or see that the conditions can never choose so."),
    end_unknown=("It can be found out whether what has begun can always end.", "See that no loop makes ever more tokens; move parts of a very large process to called ones."),
    calls_itself=("A process does not call itself, directly or through others.", "Draw a loop instead."),
    unset_name=("Names in expressions are set by something in the diagram.", "Check its spelling, unless it is given when the process starts."),
    other_engine=("Nothing is said in the words of another engine.", "Say it with BPMN's own elements, or with those of Handslag."),
    imported=("The diagram is said in the words of Handslag.", "See what is read as what, and write it so: handslag import FILE."),
    other_tool=("Nothing is said in the words of a modelling tool.", "Nothing need be done."),
    more_findings=("A file has a thousand findings at most.", "Mend those that are shown, and check again."),
    iteration_name=("What only iterations of an activity write is read in them alone.", "Collect it with output and outputElement, or set it before the activity."),
    same_name=("Branches that run at the same time write different names.", "Give each a name of its own with handslag:output, or write it where they have met."),
    data_drawing=("Data associations move data.", "Use handslag:input and handslag:output to move data."),
    message_flow=("A message flow between two pools of the file joins what sends a message with what waits for one of its name.", "Let one end send the message that the other waits for."),
    data_state=("Data have no states: a data object is one variable in every state.", "Write the state as a variable of its own, and ask for it in conditions."),
    data_set=("Nothing waits for data by an input set, or must give data by an output set.", "See where the data come from, and wait for them by an event."),
)  # fmt: skip

STYLE = {
    "style": Described("advice", "The diagram is small enough for its style to be looked at.", "Move parts of it to called processes."),
    "end-event-required": Described("advice", "Every process and subprocess has an end event.", "Draw an end event."),
    "fake-join": Described("advice", "Flows meet at gateways, not at tasks and events.", "Draw an exclusive gateway where the ways meet; a parallel one where all must come."),
    "global": Described("advice", "Messages, signals, errors and escalations are named, used, and named differently.", "Remove it, or give it a name of its own."),
    "label-required": Described("advice", "Tasks, events, choosing gateways, conditional flows, lanes and pools have a label.", "Give it a label that a person understands."),
    "no-bpmndi": Described("advice", "Everything is drawn.", "Save it from a BPMN tool."),
    "no-duplicate-sequence-flows": Described("advice", "No two flows say the same.", "Remove one of them."),
    "no-gateway-join-fork": Described("advice", "A gateway joins or forks, not both.", "Draw two gateways."),
    "no-implicit-split": Described("advice", "Ways part at gateways, not at tasks and events.", "Draw the gateway."),
    "no-overlapping-elements": Described("advice", "Nothing is drawn on top of something else, or outside what holds it.", "Move it."),
    "single-blank-start-event": Described("advice", "A process has at most one start event without trigger.", "Keep one."),
    "superfluous-gateway": Described("advice", "A gateway joins or forks something.", "Remove it."),
    "superfluous-label": Described("advice", "Only flows that are chosen have a label.", "Remove the label."),
    "superfluous-termination": Described("advice", "Terminate end events end something else too.", "Use an end event without trigger."),
}  # fmt: skip
"""bpmnlint's own names, of those of its rules that the rules above do not say already."""

CATALOGUE: Mapping[str, Described] = _FILE | _STRUCTURE | _EVENTS | _TASKS | _DATA | _ADVICE | STYLE

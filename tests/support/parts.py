"""Parts of diagrams that several tests draw."""

from __future__ import annotations

from tests.support.diagrams import task

ENDS = '<startEvent id="start"/><endEvent id="end"/>'
NAMES = '<message id="m1" name="Answer"/><message id="m2" name="Withdrawn"/><signal id="s1" name="Moved"/>'
NAMES += '<error id="e1" errorCode="NoSlot"/><escalation id="x1" escalationCode="Late"/>'
TIMER = "<timerEventDefinition><timeDuration>P14D</timeDuration></timerEventDefinition>"
MESSAGE = '<messageEventDefinition messageRef="m1"/>'
SIGNAL = '<signalEventDefinition signalRef="s1"/>'
ESCALATION = '<escalationEventDefinition escalationRef="x1"/>'
ERROR = '<errorEventDefinition errorRef="e1"/>'
CONDITION = "<conditionalEventDefinition><condition>days &lt; 3</condition></conditionalEventDefinition>"


def event(key: str, kind: str, definition: str) -> str:
    """An event that is not attached to anything."""
    return f'<{kind} id="{key}">{definition}</{kind}>'


def boundary(key: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    """An event on the edge of an activity."""
    flag = str(interrupting).lower()
    return f'<boundaryEvent id="{key}" attachedToRef="{host}" cancelActivity="{flag}">{definition}</boundaryEvent>'


def handler(key: str, definition: str, work: str, *, interrupting: bool = True) -> str:
    """An event subprocess with one task in it; its start event is `<key>_start`."""
    flag = str(interrupting).lower()
    return (
        f'<subProcess id="{key}" triggeredByEvent="true"><startEvent id="{key}_start" isInterrupting="{flag}">{definition}'
        f"</startEvent>{task(work)}[[{key}_start > {work}]]</subProcess>"
    )


def subprocess_of(key: str, inner: str, begin: str = "begin") -> str:
    """A subprocess; it has a start event when `begin` names one."""
    start = f'<startEvent id="{begin}"/>' if begin else ""
    return f'<subProcess id="{key}">{start}{inner}</subProcess>'


def gateways(**kinds: str) -> str:
    """One gateway of each kind that is named."""
    return "".join(f'<{kind}Gateway id="{key}"/>' for kind, key in kinds.items())


def undone_by(host: str, handler: str, kind: str = "userTask") -> str:
    """A compensation event at an activity, and the activity that undoes it."""
    return (
        f'<boundaryEvent id="{host}_c" attachedToRef="{host}"><compensateEventDefinition/></boundaryEvent>'
        f'<{kind} id="{handler}" name="{handler}" isForCompensation="true"/>'
        f'<association id="{host}_a" associationDirection="One" sourceRef="{host}_c" targetRef="{handler}"/>'
    )

"""Reads event definitions, whether they stand in the event or are referred to."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.model import NAMESPACE, EventDefinition, EventType, TimerType
from engine.bpmn.xml import child_text, flag, line_of, text_of

_SUFFIX = "EventDefinition"
_TYPES = {kind.value: kind for kind in EventType if kind not in (EventType.NONE, EventType.UNKNOWN)}
_REFS = {
    EventType.MESSAGE: ("messageRef", "message"),
    EventType.SIGNAL: ("signalRef", "signal"),
    EventType.ERROR: ("errorRef", "error"),
    EventType.ESCALATION: ("escalationRef", "escalation"),
}


def read_events(
    roots: Mapping[str, etree._Element], names: Mapping[str, Mapping[str, str]], node: etree._Element
) -> tuple[EventDefinition, ...]:
    """The event definitions of an event, or the message of a send or receive task."""
    found: list[EventDefinition] = []
    for child in node:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        if name.namespace != NAMESPACE:
            continue
        if name.localname == "eventDefinitionRef":
            key = text_of(child).rsplit(":", 1)[-1]
            referred = roots.get(key)
            found.append(event_definition(names, child if referred is None else referred))
        elif name.localname.endswith(_SUFFIX):
            found.append(event_definition(names, child))
    if (ref := node.get("messageRef")) is not None:
        key = ref.rsplit(":", 1)[-1]
        line = line_of(node)
        found.append(EventDefinition(EventType.MESSAGE, ref=names["message"].get(key, ""), line=line))
    return tuple(found)


def event_definition(names: Mapping[str, Mapping[str, str]], element: etree._Element) -> EventDefinition:
    """One event definition, wherever it stands."""
    written = etree.QName(element).localname
    kind = _TYPES.get(written.removesuffix(_SUFFIX), EventType.UNKNOWN)
    attribute, table = _REFS.get(kind, ("", ""))
    ref = element.get(attribute) if attribute else None
    timer, expression = _expression(element, kind)
    activity = element.get("activityRef")
    return EventDefinition(
        type=kind,
        id=element.get("id", ""),
        ref=names[table].get(ref.rsplit(":", 1)[-1], "") if ref else None,
        timer=timer,
        expression=expression,
        link=element.get("name"),
        activity_ref=activity.rsplit(":", 1)[-1] if activity else None,
        wait_for_completion=flag(element, "waitForCompletion", default=True),
        line=line_of(element),
    )


def _expression(element: etree._Element, kind: EventType) -> tuple[TimerType | None, str | None]:
    if kind is EventType.CONDITIONAL:
        return None, child_text(element, "condition")
    if kind is EventType.TIMER:
        found = [(timer, text_of(child)) for timer in TimerType for child in element.findall(f"{{{NAMESPACE}}}{timer}")]
        if len(found) == 1:
            return found[0]
    return None, None

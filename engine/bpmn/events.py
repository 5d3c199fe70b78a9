"""Reads event definitions, whether they stand in the event or are referred to."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.model import NAMESPACE, EventDefinition, EventType, TimerType
from engine.bpmn.xml import child_text, line_of

_SUFFIX = "EventDefinition"
_TYPES = {kind.value: kind for kind in EventType}
_REFS = {
    EventType.MESSAGE: ("messageRef", "message"),
    EventType.SIGNAL: ("signalRef", "signal"),
    EventType.ERROR: ("errorRef", "error"),
    EventType.ESCALATION: ("escalationRef", "escalation"),
}


def read_events(
    root: etree._Element, names: Mapping[str, Mapping[str, str]], node: etree._Element
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
            key = (child.text or "").strip().rsplit(":", 1)[-1]
            found += [_definition(names, element) for element in root if element.get("id") == key]
        elif name.localname.endswith(_SUFFIX):
            found.append(_definition(names, child))
    if (ref := node.get("messageRef")) is not None:
        key = ref.rsplit(":", 1)[-1]
        line = line_of(node)
        found.append(EventDefinition(EventType.MESSAGE, ref=names["message"].get(key, ""), line=line))
    return tuple(found)


def _definition(names: Mapping[str, Mapping[str, str]], element: etree._Element) -> EventDefinition:
    kind = _TYPES.get(etree.QName(element).localname.removesuffix(_SUFFIX), EventType.NONE)
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
        wait_for_completion=element.get("waitForCompletion", "true") != "false",
        line=line_of(element),
    )


def _expression(element: etree._Element, kind: EventType) -> tuple[TimerType | None, str | None]:
    if kind is EventType.CONDITIONAL:
        return None, child_text(element, "condition")
    if kind is EventType.TIMER:
        for timer in TimerType:
            if (written := child_text(element, timer.value)) is not None:
                return timer, written
    return None, None

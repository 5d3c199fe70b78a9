"""Reads our own extension elements (`urn:handslag:bpmn:1.0`) and loop characteristics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.model import EXTENSION_NAMESPACE, NAMESPACE, Assignment, DataRef, Extension, Loop, Performer
from engine.bpmn.xml import DiagramUnreadable, child_text, choice, flag, line_of
from store.sentences import say


@dataclass(frozen=True, slots=True)
class Own:
    """What the extension elements of one node say."""

    performer: Performer | None = None
    binding: str = "latest"
    version_tag: str | None = None
    all_inputs: bool = False
    all_outputs: bool = False
    form: str | None = None
    operation: str | None = None
    decision: str | None = None
    result: str | None = None
    due: str | None = None
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    correlation: tuple[Assignment, ...] = ()


def qualified(name: str) -> str:
    """An extension's name as lxml writes it."""
    return f"{{{EXTENSION_NAMESPACE}}}{name}"


def of_node(element: etree._Element) -> Own:
    """The extension elements of a node."""
    call = _attributes(element, "call")
    operation = _attributes(element, "operation")
    decision = _attributes(element, "decision")
    return Own(
        performer=performer(element),
        binding=call.get("binding", "latest"),
        version_tag=call.get("versionTag"),
        all_inputs=call.get("inputs") == "all",
        all_outputs=call.get("outputs") == "all",
        form=_attributes(element, "form").get("ref"),
        operation=operation.get("name"),
        decision=decision.get("ref"),
        result=decision.get("result"),
        due=_attributes(element, "due").get("date"),
        inputs=_assignments(element, "input"),
        outputs=_assignments(element, "output"),
        correlation=_assignments(element, "correlation"),
    )


def performer(element: etree._Element) -> Performer | None:
    """The performer that a lane or task names."""
    found = _attributes(element, "performer")
    if not found:
        return None
    return Performer(found.get("role", ""), found.get("body"), found.get("organization"), int(found.get("line", "0")))


def all_of(root: etree._Element) -> Iterator[Extension]:
    """Every extension element of ours in a file, also where it means nothing."""
    for element in root.iter(f"{{{EXTENSION_NAMESPACE}}}*"):
        holder = element.getparent()
        owner = holder.getparent() if holder is not None and holder.tag == f"{{{NAMESPACE}}}extensionElements" else None
        named = owner if owner is not None else holder
        while named is not None and not named.get("id"):
            named = named.getparent()  # loop characteristics have no id of their own; their activity has
        yield Extension(
            kind=etree.QName(element).localname,
            owner_kind=etree.QName(owner).localname if owner is not None else "",
            id=named.get("id", "") if named is not None else "",
            name=named.get("name", "") if named is not None else "",
            attributes={str(key): str(value) for key, value in element.attrib.items()},
            line=line_of(element),
        )


def loop(element: etree._Element, data: Mapping[str, DataRef]) -> Loop | None:
    """Standard loop or multi-instance characteristics of an activity."""
    standard = element.find(f"{{{NAMESPACE}}}standardLoopCharacteristics")
    multiple = element.find(f"{{{NAMESPACE}}}multiInstanceLoopCharacteristics")
    if standard is not None and multiple is not None:
        raise DiagramUnreadable(say("An activity is repeated in two ways at once."), line_of(multiple))
    if standard is not None:
        return Loop(
            kind="standard",
            test_before=flag(standard, "testBefore", default=False),
            maximum=standard.get("loopMaximum"),
            condition=child_text(standard, "loopCondition") or None,
            line=line_of(standard),
        )
    return _multi_instance(multiple, data) if multiple is not None else None


def _multi_instance(element: etree._Element, data: Mapping[str, DataRef]) -> Loop:
    own = _attributes(element, "loop")

    def referred(name: str) -> str | None:
        key = child_text(element, name) or ""
        return data[key].name if key in data else key or None

    item, output = (element.find(f"{{{NAMESPACE}}}{name}") for name in ("inputDataItem", "outputDataItem"))
    return Loop(
        kind="sequential" if flag(element, "isSequential", default=False) else "parallel",
        cardinality=child_text(element, "loopCardinality") or None,
        collection=own.get("collection") or referred("loopDataInputRef"),
        element=own.get("element") or (item.get("name") or item.get("id") if item is not None else None),
        output=own.get("output") or referred("loopDataOutputRef"),
        output_element=own.get("outputElement")
        or (f"={output.get('name') or output.get('id')}" if output is not None else None),
        completion_condition=child_text(element, "completionCondition") or None,
        behavior=choice(element, "behavior", "All", "None", "One", "Complex"),
        line=line_of(element),
    )


def _extension(element: etree._Element, name: str) -> list[etree._Element]:
    holder = element.find(f"{{{NAMESPACE}}}extensionElements")
    return holder.findall(qualified(name)) if holder is not None else []


def _attributes(element: etree._Element, name: str) -> dict[str, str]:
    found = _extension(element, name)
    if not found:
        return {}
    return {str(key): str(value) for key, value in found[0].attrib.items()} | {"line": str(line_of(found[0]))}


def _assignments(element: etree._Element, name: str) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(found.get("name", ""), found.get("value", ""), line_of(found), found.get("label", ""))
        for found in _extension(element, name)
    )

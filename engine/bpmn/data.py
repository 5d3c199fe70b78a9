"""Reads data objects, data stores and data associations (BPMN 2.0 §10.4)."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.model import NAMESPACE, DataAssociation, DataKind, DataRef
from engine.bpmn.xml import child_text, line_of, text_of

_REFERENCES = {"dataObjectReference": "dataObjectRef", "dataStoreReference": "dataStoreRef"}
_OWN = {kind.value: kind for kind in DataKind}


def read_data(root: etree._Element) -> dict[str, DataRef]:
    """Whatever data can be read from or written to, by id.

    A data object's variable has the object's name, else that of the first reference to it (tools write names there),
    else its id; all references to one object, in whatever state, are one variable.
    """
    found: dict[str, DataRef] = {}
    named: dict[str, str] = {}
    references: list[tuple[str, str, DataKind]] = []
    for element in root.iter(*(f"{{{NAMESPACE}}}{name}" for name in (*_OWN, *_REFERENCES))):
        key, kind = element.get("id", ""), etree.QName(element).localname
        name = " ".join(element.get("name", "").split())
        if kind in _OWN:
            found[key] = DataRef(_OWN[kind], name or key)
            if name:
                named[key] = name
        else:
            target = element.get(_REFERENCES[kind], key).rsplit(":", 1)[-1]
            references.append((key, target, DataKind(kind.removesuffix("Reference"))))
            if name:
                named.setdefault(target, name)
    for key, item in found.items():
        found[key] = DataRef(item.kind, named.get(key, item.name))
    for key, target, data_kind in references:
        found[key] = found.get(target) or DataRef(data_kind, named.get(target, target))
    return found


def data_objects(scope: etree._Element, data: Mapping[str, DataRef]) -> tuple[str, ...]:
    """The variables that are data objects or properties of a scope."""
    found = (child for child in scope.iterchildren(f"{{{NAMESPACE}}}dataObject", f"{{{NAMESPACE}}}property"))
    return tuple(data[element.get("id", "")].name for element in found)


def associations(element: etree._Element, name: str, data: Mapping[str, DataRef]) -> tuple[DataAssociation, ...]:
    """The data associations of one direction of an activity or event."""
    return tuple(_association(found, data) for found in element.findall(f"{{{NAMESPACE}}}{name}"))


def _association(element: etree._Element, data: Mapping[str, DataRef]) -> DataAssociation:
    written = [_key(text_of(ref)) for ref in element.findall(f"{{{NAMESPACE}}}sourceRef")]
    target = _key(child_text(element, "targetRef") or "")
    sources = tuple(data[key] for key in written if key in data)
    missing = [key for key in (*written, target) if key and key not in data]
    return DataAssociation(
        sources=sources,
        target=data.get(target),
        transformation=child_text(element, "transformation") or None,
        assignments=tuple(
            (child_text(found, "from") or "", _target_name(child_text(found, "to") or "", data))
            for found in element.findall(f"{{{NAMESPACE}}}assignment")
        ),
        line=line_of(element),
        missing=missing[0] if missing else None,
    )


def _target_name(written: str, data: Mapping[str, DataRef]) -> str:
    """An assignment's target: the id of a data element (as some tools write it), or a name."""
    return data[written].name if written in data else written.removeprefix("=").strip()


def _key(written: str) -> str:
    return written.strip().rsplit(":", 1)[-1]

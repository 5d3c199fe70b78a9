"""DMN 1.1 to 1.5 XML to a model. What is wrong is collected; whoever reads decides whether it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from engine.bpmn.xml import DiagramUnreadable, parse
from engine.dmn.boxed import Boxed, Xml, child, children, line_of, local
from engine.dmn.itemdefinitions import item_types
from engine.dmn.model import DmnError, Element, Model
from engine.dmn.types import ANY_ITEM
from engine.feel.tree import FunctionOf, Node
from engine.findings import Finding
from store.sentences import say

_KINDS = {
    "decision": "decision", "inputData": "input", "businessKnowledgeModel": "knowledge", "decisionService": "service",
}  # fmt: skip
_NAMED = {
    *_KINDS, "variable", "formalParameter", "itemComponent", "parameter", "import", "column", "output",
}  # fmt: skip


def read_model(
    data: bytes, imports: Sequence[Model] = (), functions: Sequence[str] = ()
) -> tuple[Model, list[Finding], Boxed]:
    """The model and all that is wrong with it. Raises DmnError where the file is not DMN at all."""
    try:
        root = parse(data)
    except DiagramUnreadable as error:
        raise DmnError(error.message) from error
    if local(root) != "definitions" or "/DMN/" not in (root.nsmap.get(root.prefix) or ""):
        raise DmnError("The file is not DMN. Its root must be 'definitions' of a DMN 1.1 to 1.5 namespace.")
    findings: list[Finding] = []
    imported = _imports(root, imports)
    boxed = Boxed(_names(root, imported, functions), {}, findings)
    for item in children(root, "import"):
        if item.get("name", "") not in imported and "/DMN/" in item.get("importType", ""):
            sentence = say("The file imports '%(namespace)s', which is not here.", namespace=item.get("namespace"))
            boxed.add(
                item, "import-missing", sentence, "Copy what it needs into this file: each file is deployed alone."
            )
    boxed.types = item_types(root, boxed, imported)
    boxed.feel_types = {name: kind.type for name, kind in boxed.types.items()}
    elements: dict[str, Element] = {}
    for item in root:
        if local(item) in _KINDS:
            element = _element(item, boxed)
            if element.id in elements:
                boxed.add(
                    item,
                    "duplicate-id",
                    say("The id '%(id)s' is used twice.", id=element.id),
                    "Give each element its own id.",
                )
            elements[element.id] = element
    _check_names(root, boxed)
    model = Model(root.get("namespace", ""), root.get("name", ""), elements, boxed.types, imported, tuple(boxed.tables))
    _check_requirements(root, model, boxed)
    return model, findings, boxed


def _imports(root: Xml, models: Sequence[Model]) -> dict[str, Model]:
    by_namespace = {model.namespace: model for model in models}
    return {
        item.get("name", ""): by_namespace[item.get("namespace", "")]
        for item in children(root, "import")
        if item.get("namespace") in by_namespace
    }


def _names(root: Xml, imported: Mapping[str, Model], functions: Sequence[str]) -> list[str]:
    names = {str(item.get("name")) for item in root.iter() if local(item) in _NAMED and item.get("name")}
    names |= {str(item.get("iteratorVariable")) for item in root.iter() if item.get("iteratorVariable")}
    for model in imported.values():
        names |= {element.name for element in model.elements.values()}
    return sorted(names | set(functions))


def _element(item: Xml, boxed: Boxed) -> Element:
    kind, name = _KINDS[local(item)], item.get("name", "")
    variable = child(item, "variable")
    item_type = boxed.type(variable.get("typeRef"), variable) if variable is not None else ANY_ITEM
    node: Node | None = None
    if kind == "decision":
        node = boxed.inside(item)
    elif kind == "knowledge":
        logic = child(item, "encapsulatedLogic")
        node = boxed.function(logic) if logic is not None else FunctionOf((), boxed.inside(item))
    return Element(
        kind, item.get("id") or name, name, line_of(item), item_type, node,
        requires=tuple(_hrefs(item, "requiredDecision", "requiredInput", "requiredKnowledge")),
        outputs=tuple(_direct(item, "outputDecision")),
        parameters=(*_direct(item, "inputData"), *_direct(item, "inputDecision")),
    )  # fmt: skip


def _hrefs(item: Xml, *names: str) -> list[str]:
    return [
        _target(reference)
        for requirement in item
        if local(requirement) in ("informationRequirement", "knowledgeRequirement")
        for reference in requirement
        if local(reference) in names
    ]


def _direct(item: Xml, name: str) -> list[str]:
    return [_target(reference) for reference in children(item, name)]


def _target(reference: Xml) -> str:
    namespace, _, target = reference.get("href", "").rpartition("#")
    return f"{namespace}#{target}" if namespace and not _is_own(reference, namespace) else target


def _is_own(reference: Xml, namespace: str) -> bool:
    return bool(reference.getroottree().getroot().get("namespace") == namespace)


def _needed_first(model: Model, element: Element) -> list[str]:
    """What must be known before an element is; functions may call each other in a circle."""
    if element.kind != "knowledge":
        return list(element.requires)
    kinds = {target: model.elements[target].kind for target in element.requires if target in model.elements}
    return [target for target, kind in kinds.items() if kind != "knowledge"]


def _check_names(root: Xml, boxed: Boxed) -> None:
    """Names are how expressions and business rule tasks ask; two of one name would be chosen between in silence."""
    seen: set[tuple[str, str]] = set()
    for item in root:
        key = (_KINDS.get(local(item), ""), item.get("name", ""))
        if key in seen and all(key):
            boxed.add(
                item,
                "duplicate-name",
                say("The name '%(name)s' is used twice.", name=key[1]),
                "Give one of them another name.",
            )
        seen.add(key)


def _check_requirements(root: Xml, model: Model, boxed: Boxed) -> None:
    by_id = {item.get("id"): item for item in root if item.get("id")}
    known = set(model.elements)
    for element in model.elements.values():
        at = by_id.get(element.id, root)
        for target in (*element.requires, *element.outputs, *element.parameters):
            if target not in known and "#" not in target:
                sentence = say(
                    "'%(name)s' requires '%(target)s', which does not exist.", name=element.name, target=target
                )
                boxed.add(at, "requirement-missing", sentence, "Draw the requirement again.")
    try:
        TopologicalSorter({element.id: _needed_first(model, element) for element in model.elements.values()}).prepare()
    except CycleError as error:
        names = " → ".join(model.elements[target].name for target in error.args[1])
        at = by_id.get(error.args[1][0], root)
        sentence = say("These require each other: %(names)s.", names=names[:500])
        boxed.add(at, "requirement-cycle", sentence, "Remove one requirement of the circle.")

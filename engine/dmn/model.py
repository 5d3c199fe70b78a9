"""A DMN file as plain data: decisions, inputs, knowledge and services, each with the node that evaluates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.dmn.table import DecisionTable
from engine.dmn.types import ANY_ITEM, ItemType
from engine.errors import StepFailed
from engine.feel.tree import Node
from engine.findings import Finding
from store.errors import Invalid


class DmnError(Invalid):
    """The file is no DMN that we can run; `errors` are its findings."""

    code = "decisions_unreadable"

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message, errors=[finding.as_dict() for finding in findings])
        self.findings = findings


class DecisionFailed(StepFailed):
    """A decision has no answer: no rule fits, or several do where one may, or there is no such decision."""

    code = "decision_failed"


@dataclass(frozen=True, slots=True)
class Element:
    """A decision, an input, knowledge or a service of the requirements diagram."""

    kind: str
    """decision, input, knowledge or service."""
    id: str
    name: str
    line: int
    type: ItemType = ANY_ITEM
    node: Node | None = None
    requires: tuple[str, ...] = ()
    """Ids of what it needs."""
    outputs: tuple[str, ...] = ()
    """A service's decisions that it gives."""
    parameters: tuple[str, ...] = ()
    """A service's inputs and decisions that it is given, inputs first."""


@dataclass(frozen=True, slots=True)
class Model:
    """All that one file says."""

    namespace: str
    name: str
    elements: Mapping[str, Element]
    types: Mapping[str, ItemType]
    imports: Mapping[str, Model] = field(default_factory=dict)
    """Other models by the name they are imported under."""
    tables: tuple[DecisionTable, ...] = ()

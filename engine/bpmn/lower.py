"""Lowering: from the plain model to the kernel's. Each pass is a small function from process to process.

The kernel runs the plain model of one scope at a time, with implicit splits and merges, conditional flows and links; so
little is left to lower. `origin` leads a lowered node's id back to the diagram's element.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bpmn.model import Diagram, Process


@dataclass(frozen=True, slots=True)
class Lowered:
    """What the kernel gets."""

    process: Process
    origin: Mapping[str, str] = field(default_factory=dict)


def lower(process: Process, diagram: Diagram) -> Lowered:  # noqa: ARG001 - passes may look at other processes
    """Lower a process that the checker has passed."""
    return Lowered(process)

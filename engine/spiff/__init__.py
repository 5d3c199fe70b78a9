"""The kernel: the only package that knows SpiffWorkflow. Bytes of state go in, bytes and a plain snapshot come out."""

from engine.spiff.machine import Evaluate
from engine.spiff.program import Program, build, refusals
from engine.spiff.run import Run
from engine.spiff.snapshot import KernelError, Snapshot, Thrown, TraceEntry, Waiting, WaitKind
from engine.spiff.state import StateUnreadable

__all__ = [
    "Evaluate",
    "KernelError",
    "Program",
    "Run",
    "Snapshot",
    "StateUnreadable",
    "Thrown",
    "TraceEntry",
    "WaitKind",
    "Waiting",
    "build",
    "refusals",
]

"""The kernel: the only package that knows SpiffWorkflow. Bytes of state go in, bytes and a plain snapshot come out."""

from engine.spiff.machine import Evaluate
from engine.spiff.migration import Obstacle
from engine.spiff.moves import Begin, Cancel, ElementUnknown, Move, MoveRefused, Restart, Write
from engine.spiff.program import Program, build, refusals
from engine.spiff.run import Migrated, Run
from engine.spiff.snapshot import KernelError, Snapshot, Thrown, Token, TraceEntry, Waiting, WaitKind
from engine.spiff.state import StateUnreadable
from engine.spiff.tree import copied

__all__ = [
    "Begin",
    "Cancel",
    "ElementUnknown",
    "Evaluate",
    "KernelError",
    "Migrated",
    "Move",
    "MoveRefused",
    "Obstacle",
    "Program",
    "Restart",
    "Run",
    "Snapshot",
    "StateUnreadable",
    "Thrown",
    "Token",
    "TraceEntry",
    "WaitKind",
    "Waiting",
    "Write",
    "build",
    "copied",
    "refusals",
]

"""How a row is held to what it says."""

from __future__ import annotations

from engine.trial import Trial
from tests.support.diagrams import bpmn
from tests.support.semantics import Restored, Row, ran


def check(row: Row) -> None:
    """The diagram leaves the trace that the row says, also when it is restored after every step."""
    trace, report = ran(row, Trial)
    assert trace == row.trace, report["problem"]
    assert report["status"] == row.status, report["problem"]
    assert {name: report["data"].get(name) for name in row.ends_with} == row.ends_with
    again, restored = ran(row, Restored)
    assert again == trace, "saving and restoring after every step changed the trace"
    assert restored == report


def called(body: str, flows: str, process: str = "q") -> bytes:
    """A second process for the same file."""
    drawn = bpmn(body, flows, process=process).replace(b'id="f', b'id="q')
    return drawn[drawn.index(b"<process") : drawn.index(b"</definitions>")]

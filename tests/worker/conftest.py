"""Processes that wait for time, over the register and the API of the API's tests."""

from __future__ import annotations

from tests.api.conftest import app, people
from tests.support.diagrams import bpmn

__all__ = ["app", "people"]


def after(duration: str, then: str, way: str, *, process: str = "small_referral") -> bytes:
    """A process that waits for a duration before it does anything."""
    timer = f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"
    wait = f'<startEvent id="start"/><intermediateCatchEvent id="wait">{timer}</intermediateCatchEvent>'
    return bpmn(f'{wait}{then}<endEvent id="end"/>', f"start > wait > {way} > end", process=process)


def reminded(cycle: str, *, process: str = "small_referral") -> bytes:
    """A task for the officers, of which a timer on its edge reminds them again and again."""
    return bpmn(
        f"""<startEvent id="start"/>
        <userTask id="write" name="Skriv"><extensionElements>
          <handslag:performer role="officer" body="stab"/></extensionElements></userTask>
        <boundaryEvent id="again" attachedToRef="write" cancelActivity="false">
          <timerEventDefinition><timeCycle>{cycle}</timeCycle></timerEventDefinition></boundaryEvent>
        {notify("remind")}<endEvent id="end"/><endEvent id="told"/>""",
        "start > write > end; again > remind > told",
        process=process,
    )


def notify(key: str) -> str:
    """A task that writes to the officers."""
    inputs = {"body": "stab", "role": "officer", "subject": "Påminnelse"}
    mapped = "".join(f'<handslag:input name="{name}" value="=&quot;{text}&quot;"/>' for name, text in inputs.items())
    return (
        f'<serviceTask id="{key}" name="{key}"><extensionElements><handslag:operation name="notify"/>{mapped}'
        "</extensionElements></serviceTask>"
    )

"""Newer versions of the delivered referral, and putting them in use."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.region import Region

REFERRAL = (Path(__file__).parents[2] / "processes" / "external_referral.bpmn").read_bytes()
STEP = "jamstalldhetsbedomning"
APPROVED = b'id="Flow_approve_statement_approved" sourceRef="approve_statement" targetRef="approved" />'


def with_assessment(data: bytes = REFERRAL) -> bytes:
    """The delivered diagram with a gender equality assessment after the approval."""
    task = f'<bpmn:userTask id="{STEP}" name="Jämställdhetsbedömning"/>'.encode()
    more = b'id="Flow_to_assessment" sourceRef="approve_statement" targetRef="jamstalldhetsbedomning" />'
    moved = APPROVED.replace(b'approve_statement"', b'jamstalldhetsbedomning"')
    assert APPROVED in data
    drawn = data.replace(
        b"<bpmn:sequenceFlow " + APPROVED, task + b"<bpmn:sequenceFlow " + moved + b"<bpmn:sequenceFlow " + more
    )
    lane = b"<bpmn:flowNodeRef>merge_views</bpmn:flowNodeRef>"
    return drawn.replace(lane, lane + lane.replace(b"merge_views", STEP.encode()))


def renamed(data: bytes, old: str, new: str) -> bytes:
    """The diagram with another id for one element."""
    named = re.sub(rf'( (?:id|sourceRef|targetRef|attachedToRef|bpmnElement)=")({old}")', rf'\1{new}"', data.decode())
    return named.replace(f">{old}</bpmn:flowNodeRef>", f">{new}</bpmn:flowNodeRef>").encode()


def deploy(region: Region, data: bytes) -> tuple[str, str]:
    """Put another version of the referral's diagram in use; the ids of the one before and of this one."""
    before = region("processagare").get("/definitions?latest=true&key=external_referral").json["items"][0]["id"]
    body = {"files": [{"name": "external_referral.bpmn", "content": data.decode()}]}
    answer = region("processagare").post("/definitions", body)
    assert answer.status_code == 201, answer.text
    return before, answer.json["definitions"][0]["id"]

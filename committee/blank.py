"""A process of which nothing is said yet but its name: where a draft from nothing begins."""

from __future__ import annotations

import re
import unicodedata
from xml.sax.saxutils import quoteattr

MAX_KEY = 60
_BLANK = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
                  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
                  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
                  xmlns:handslag="urn:handslag:bpmn:1.0" id="Definitions_{key}" targetNamespace="urn:handslag:processes">
  <bpmn:process id="{key}" name={name} isExecutable="true">
    <bpmn:startEvent id="begun"><bpmn:outgoing>Flow_begun_done</bpmn:outgoing></bpmn:startEvent>
    <bpmn:endEvent id="done"><bpmn:incoming>Flow_begun_done</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="Flow_begun_done" sourceRef="begun" targetRef="done" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_{key}">
    <bpmndi:BPMNPlane id="Plane_{key}" bpmnElement="{key}">
      <bpmndi:BPMNShape id="Shape_begun" bpmnElement="begun"><dc:Bounds x="200" y="200" width="36" height="36" /></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="Shape_done" bpmnElement="done"><dc:Bounds x="440" y="200" width="36" height="36" /></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Edge_begun_done" bpmnElement="Flow_begun_done">
        <di:waypoint x="236" y="218" /><di:waypoint x="440" y="218" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def key_of(name: str) -> str:
    """A name as a key: small letters without accents, and underscores."""
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:MAX_KEY]
    return found if found[:1].isalpha() else f"process_{found}".rstrip("_")


def process(name: str) -> bytes:
    """A diagram that begins and ends, and can be run."""
    readable = "".join(letter for letter in name if letter.isprintable())
    return _BLANK.format(key=key_of(name), name=quoteattr(readable)).encode()

"""What a draft begins with when it begins from nothing: the smallest file of its kind that can be gone on with."""

from __future__ import annotations

import re
import unicodedata
from string import Template
from xml.sax.saxutils import quoteattr

import orjson

from committee import access, drafts, library
from committee.access import Actor
from committee.drafts import AUTHORS, ENDINGS, Draft
from engine.forms import NAME
from store.database import Database
from store.errors import Invalid

MAX_NAME = 100
MAX_KEY = 60
_PROCESS = Template("""\
<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:handslag="urn:handslag:bpmn:1.0" id="definitions_$key" targetNamespace="urn:handslag:processes">
  <bpmn:process id="$key" name=$name isExecutable="true">
    <bpmn:startEvent id="begins"><bpmn:outgoing>first_flow</bpmn:outgoing></bpmn:startEvent>
    <bpmn:endEvent id="ends"><bpmn:incoming>first_flow</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="first_flow" sourceRef="begins" targetRef="ends" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_$key">
    <bpmndi:BPMNPlane id="plane_$key" bpmnElement="$key">
      <bpmndi:BPMNShape id="shape_begins" bpmnElement="begins"><dc:Bounds x="160" y="120" width="36" height="36" /></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_ends" bpmnElement="ends"><dc:Bounds x="480" y="120" width="36" height="36" /></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="edge_first_flow" bpmnElement="first_flow"><di:waypoint x="196" y="138" /><di:waypoint x="480" y="138" /></bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
""")
_DECISIONS = Template("""\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="definitions_$key" name=$name namespace="urn:handslag:decisions">
  <decision id="$key" name=$name>
    <variable id="variable_$key" name=$name />
    <decisionTable id="table_$key" hitPolicy="FIRST">
      <input id="column_asked"><inputExpression id="expression_asked" typeRef="string"><text></text></inputExpression></input>
      <output id="column_given" name="result" typeRef="string" />
    </decisionTable>
  </decision>
</definitions>
""")


def begin(store: Database, actor: Actor, kind: str, name: str) -> Draft:
    """A draft of something new, under a key made of its name. Raises Invalid for a name that is none or is taken."""
    access.require(actor, *AUTHORS)
    name = "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:MAX_NAME]
    if kind not in ENDINGS or not name:
        raise _refused("Give it a name.")
    key = key_of(kind, name)
    with store.reading() as db:
        if library.newest(db, actor, kind, key) is not None:
            raise _refused(
                "Something of this name is in use already. Open it in the library and change it, or choose another name."
            )
    return drafts.begin_with(store, actor, name, key + ENDINGS[kind], _content(kind, key, name))


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, errors=[{"field": "name", "sentence": sentence}])


def key_of(kind: str, name: str) -> str:
    """What diagrams call it: small letters of the English alphabet, digits and underscores, a letter first.

    A name that begins with none of these letters gets its kind before it: `process_2027`.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:MAX_KEY].rstrip("_")
    return found if found[:1].isalpha() else f"{kind}_{found}".rstrip("_")


def _content(kind: str, key: str, name: str) -> bytes:
    if kind == "form":
        form = {"id": key, NAME: name, "type": "default", "schemaVersion": 18, "components": []}
        return orjson.dumps(form, option=orjson.OPT_INDENT_2)
    template = _PROCESS if kind == "process" else _DECISIONS
    return template.substitute(key=key, name=quoteattr(name)).encode()

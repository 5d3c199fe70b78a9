"""Small diagrams for tests, written as one would draw them.

    bpmn('''<startEvent id="start"/> <userTask id="ask"/> <endEvent id="end"/>''', "start > ask > end")

Flows are chains of ids; `gate > yes : x = 1` gives the flow a condition, `gate > no *` makes it the default.
Subprocesses take their flows as text inside: `<subProcess id="s"> … [[inner > done]] </subProcess>`.
"""

from __future__ import annotations

import itertools
import re
from xml.sax.saxutils import escape

OPENING = (
    """<startEvent id="start"><extensionElements><handslag:form ref="opening"/></extensionElements></startEvent>"""
)
"""The start of a process that carries cases: a person opens them, with the form OPENING_FORM."""
OPENING_FORM = b'{"type": "default", "id": "opening", "components": []}'

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:handslag="urn:handslag:bpmn:1.0" targetNamespace="urn:handslag:test">'
)


def bpmn(body: str, flows: str = "", *, process: str = "p", declared: str = "") -> bytes:
    """A file with one executable process."""
    defaults: dict[str, str] = {}
    numbered = iter(range(10_000))
    inner = re.sub(r"\[\[(.*?)\]\]", lambda found: _flows(found[1], defaults, numbered), body, flags=re.DOTALL)
    drawn = inner + _flows(flows, defaults, numbered)
    for node, flow in defaults.items():
        drawn = re.sub(rf'(id="{node}")', rf'\1 default="{flow}"', drawn, count=1)
    return f'{_HEAD}{declared}<process id="{process}" isExecutable="true">{drawn}</process></definitions>'.encode()


def task(key: str, kind: str = "userTask", inner: str = "") -> str:
    """An activity with a name."""
    return f'<{kind} id="{key}" name="{key}">{inner}</{kind}>'


def _flows(text: str, defaults: dict[str, str], numbered: object) -> str:
    drawn = []
    for line in re.split(r"[\n;]+", text):
        chain, _, condition = line.partition(" : ")
        is_default = chain.rstrip().endswith("*")
        ends = [end.strip() for end in chain.replace("*", "").split(">") if end.strip()]
        for source, target in itertools.pairwise(ends):
            key = f"f{next(numbered)}_{source}_{target}"  # type: ignore[call-overload]
            if is_default:
                defaults[source] = key
            inner = f"<conditionExpression>{escape(condition.strip())}</conditionExpression>" if condition else ""
            drawn.append(f'<sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>')
    return "".join(drawn)

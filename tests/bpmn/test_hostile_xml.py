"""Files that mean harm, or are simply wrong: each gives findings, in bounded time and memory, and never an exception.

The large ones run in a process of their own under limits that the system holds: past them it is killed, and the test fails.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from engine.bpmn.check import CheckContext, check
from engine.bpmn.model import NAMESPACE
from tests.support.diagrams import bpmn, task
from tests.support.parts import ENDS

SECONDS, BYTES = 10, 1_000_000_000
GOOD = bpmn(ENDS + task("t"), "start > t > end")
BODY = GOOD.decode().split("\n", 1)[1]
HEAD = f'<definitions xmlns="{NAMESPACE}" xmlns:handslag="urn:handslag:bpmn:1.0">'


def process(inside: str) -> bytes:
    return f'{HEAD}<process id="p">{inside}</process></definitions>'.encode()


def entity(declared: str, used: str = "&x;") -> bytes:
    return f"<!DOCTYPE definitions [{declared}]>{BODY.replace('</process>', used + '</process>')}".encode()


def rules(data: bytes) -> set[str]:
    return {finding.rule for finding in check(data) if finding.severity == "error"}


UNREADABLE = {
    "nothing": b"",
    "white space": b" \n\t ",
    "zeros": bytes(10_000),
    "no XML": b"%PDF-1.7",
    "cut off": GOOD[:-20],
    "two roots": BODY.encode() * 2,
    "unknown encoding": f'<?xml version="1.0" encoding="klingon"?>{BODY}'.encode(),
    "bytes that the encoding does not have": GOOD.replace(b'name="t"', b'name="\xff\xfe"'),
    "internal entity": entity('<!ENTITY x "y">'),
    "external entity": entity('<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "parameter entity": entity('<!ENTITY % x SYSTEM "http://localhost:1/x.dtd"> %x;', ""),
    "doctype alone": f'<!DOCTYPE definitions SYSTEM "http://localhost:1/x.dtd">{BODY}'.encode(),
    "billion laughs": entity(
        '<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghx", strict=True))
    ),
    "undeclared entity": BODY.replace("</process>", "&x;</process>").encode(),
    "another namespace": BODY.replace(NAMESPACE, "http://schema.omg.org/spec/BPMN/2.0").encode(),
    "no namespace": BODY.replace(f'xmlns="{NAMESPACE}"', "").encode(),
    "another root": process("").replace(b"definitions", b"process"),
    "XPDL": b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>',
    "undeclared prefix": BODY.replace("<process", "<bpmn:process").encode(),
    "two elements of one id": bpmn(ENDS + task("t") + task("t"), "start > t > end"),
    "two processes of one id": GOOD.replace(b"</process>", b'</process><process id="p"/>'),
    "an id of 201 letters": GOOD.replace(b'id="t"', b'id="' + b"t" * 201 + b'"'),
    "an id that a lane has too": bpmn('<laneSet><lane id="t"/></laneSet>' + ENDS + task("t"), "start > t > end"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_is_no_harmless_bpmn_has_one_finding_and_says_what_to_do(case: str) -> None:
    (finding,) = check(UNREADABLE[case])
    assert (finding.severity, finding.rule) == ("error", "unreadable")
    assert finding.sentence
    assert finding.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "utf-32"])
def test_any_encoding_that_the_file_declares_is_read(encoding: str) -> None:
    """SpiffWorkflow's own parser crashes at all but UTF-8."""
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    text = BODY.replace('name="t"', 'name="Pröva ärendet"')
    text = f'<?xml version="1.0" encoding="{declared}"?>{text}'
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    findings = check(mark + text.encode(encoding))
    assert [finding.name for finding in findings if finding.rule == "no-performer"] == ["Pröva ärendet"]


HARMLESS = {
    "processing instructions": f'<?xml-stylesheet href="http://localhost:1/x.xsl"?>{BODY}<?run me?>',
    "comments": f"<!-- a -->{BODY.replace('</process>', '<!-- b --></process>')}",
    "CDATA": BODY.replace("</process>", "<documentation><![CDATA[<!ENTITY>]]></documentation></process>"),
    "XInclude": BODY.replace(
        "</process>", '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></process>'
    ),
    "elements of other namespaces": BODY.replace(
        "</process>", '<v:note xmlns:v="urn:vendor"><v:deep id="t"/></v:note></process>'
    ),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_no_business_of_ours_is_passed_over(case: str) -> None:
    findings = check(HARMLESS[case].encode())
    assert not [finding for finding in findings if finding.severity == "error"]
    assert "root:" not in repr(findings)


CIRCLES = {
    "a flow to nowhere": (ENDS + task("t"), "start > t > gone; t > end", "sequence-flow"),
    "a flow to itself": (ENDS + task("t"), "start > t > t", "no-way-to-an-end"),
    "a boundary event on itself": (
        ENDS + task("t") + '<boundaryEvent id="b" attachedToRef="b"/>',
        "start > t > end",
        "boundary-host",
    ),
    "boundary events on each other": (
        ENDS + task("t") + '<boundaryEvent id="a" attachedToRef="b"/><boundaryEvent id="b" attachedToRef="a"/>',
        "start > t > end; a > end; b > end",
        "boundary-host",
    ),
    "a lane in itself": (
        '<laneSet><lane id="l"><flowNodeRef>l</flowNodeRef></lane></laneSet>' + ENDS,
        "start > end",
        "lane",
    ),
    "a data object that is its own": (
        ENDS + '<dataObjectReference id="d" dataObjectRef="d"/>' + task("t"),
        "start > t",
        "unreachable",
    ),
    "an event that refers to itself": (
        ENDS + '<intermediateCatchEvent id="t"><eventDefinitionRef>t</eventDefinitionRef></intermediateCatchEvent>',
        "start > t > end",
        "event-definition",
    ),
}


@pytest.mark.parametrize("case", CIRCLES)
def test_references_in_a_circle_or_to_nowhere_are_found(case: str) -> None:
    body, flows, rule = CIRCLES[case]
    assert rule in rules(bpmn(body, flows))


def test_processes_that_call_each_other_in_a_circle_are_spoken_of() -> None:
    second = '<process id="q"><startEvent id="s"/><callActivity id="c" calledElement="p"/><endEvent id="e"/>'
    second += (
        '<sequenceFlow id="f" sourceRef="s" targetRef="c"/><sequenceFlow id="g" sourceRef="c" targetRef="e"/></process>'
    )
    first = bpmn(ENDS + '<callActivity id="t" calledElement="q"/>', "start > t > end")
    (told,) = [
        one
        for one in check(first.replace(b"</definitions>", f"{second}</definitions>".encode()))
        if one.rule == "calls-itself"
    ]
    assert told.severity == "advice"
    assert "p → q" in told.sentence or "q → p" in told.sentence


def large() -> dict[str, bytes]:
    """Each is as bad as its kind can be, and below or above the limit of 10 MB."""
    many = range(90_000)
    start, expression = '<startEvent id="s"/>', "1+" * 4_900 + "1"
    return {
        "50 MB": b"<a>" + b"x" * 50_000_000 + b"</a>",
        "zeros": bytes(9_000_000),
        "100,000 deep": b"<a>" * 100_000,
        "500,000 attributes": process('<task id="t" ' + " ".join(f'a{n}="1"' for n in range(500_000)) + "/>"),
        "200,000 namespaces": process("<task " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(200_000)) + "/>"),
        "a name of 9 MB": process(start + f'<task id="t" name="{"x" * 9_000_000}"/>'),
        "ids of 9 kB": process("".join(f'<task id="{"x" * 9_000}{n}"/>' for n in range(1_000))),
        "100,000 elements": process("".join(f'<task id="t{n}"/>' for n in range(100_000))),
        "as many tasks as may be": process("".join(f'<task id="t{n}"/>' for n in range(9_999))),
        "as many flows as may be": process(start + "".join(f'<sequenceFlow id="f{n}" sourceRef="s" targetRef="s"/>' for n in many)),
        "as many expressions as may be": process(start + f'<task id="t"><extensionElements>{"".join(f"""<handslag:input name="i{n}" value="=a{n}+b*c({n})"/>""" for n in range(20_000))}</extensionElements></task>'),
        "long expressions": process(start + "".join(f'<sequenceFlow id="f{n}" sourceRef="s" targetRef="s"><conditionExpression>{expression}</conditionExpression></sequenceFlow>' for n in range(900))),
        "extensions that nobody knows": process(start + f'<extensionElements>{"".join(f"<handslag:i{n}/>" for n in many)}</extensionElements>'),
        "references to nowhere": process('<startEvent id="s">' + "<eventDefinitionRef>zz</eventDefinitionRef>" * 90_000 + "</startEvent>"),
        "boundary events": process(start + '<task id="t"/>' + "".join(f'<boundaryEvent id="b{n}" attachedToRef="t"/>' for n in range(9_000))),
        "lanes": process("<laneSet>" + "".join(f'<lane id="l{n}"><flowNodeRef>t</flowNodeRef></lane>' for n in range(40_000)) + "</laneSet>"),
        "subprocesses in each other": process("".join(f'<subProcess id="s{n}">' for n in range(120)) + "</subProcess>" * 120),
        "processes": f'{HEAD}{"".join(f"""<process id="p{n}"><startEvent id="s{n}"/></process>""" for n in range(9_000))}</definitions>'.encode(),
        "inclusive joins": process(start + "".join(f'<inclusiveGateway id="t{n}"/><sequenceFlow id="a{n}" sourceRef="s" targetRef="t{n}"/><sequenceFlow id="b{n}" sourceRef="s" targetRef="t{n}"/>' for n in range(990))),
        "things to undo": process(start + "".join(f'<task id="t{n}"/><boundaryEvent id="b{n}" attachedToRef="t{n}"><compensateEventDefinition/></boundaryEvent><task id="u{n}" isForCompensation="true"/><association id="a{n}" sourceRef="b{n}" targetRef="u{n}"/><sequenceFlow id="f{n}" sourceRef="s" targetRef="t{n}"/>' for n in range(3_300))),
        "things to cancel": process(start + "".join(f'<transaction id="t{n}"><startEvent id="s{n}"/><endEvent id="e{n}"><cancelEventDefinition/></endEvent><sequenceFlow id="g{n}" sourceRef="s{n}" targetRef="e{n}"/></transaction><boundaryEvent id="b{n}" attachedToRef="t{n}"><cancelEventDefinition/></boundaryEvent><sequenceFlow id="f{n}" sourceRef="s" targetRef="t{n}"/>' for n in range(2_400))),
        "complex joins": process(start + "".join(f'<complexGateway id="t{n}"><activationCondition>activationCount = 2</activationCondition></complexGateway><sequenceFlow id="a{n}" sourceRef="s" targetRef="t{n}"/><sequenceFlow id="b{n}" sourceRef="s" targetRef="t{n}"/>' for n in range(990))),
        "empty lines": b"\n" * 9_000_000 + GOOD,
        "comments": process("<!-- x -->" * 900_000),
        "processing instructions": process("<?a b?>" * 900_000),
    }  # fmt: skip


def run_under_limits() -> None:
    """What the child process does: every large file, under limits of CPU time and memory."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    for name, data in large().items():
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        findings = check(data, CheckContext(functions=frozenset()))
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime - used
        sys.stdout.write(
            json.dumps([name, len(findings), used, [finding.sentence[:80] for finding in findings[:1]]]) + "\n"
        )


def test_the_worst_files_are_told_of_in_seconds_and_in_little_memory() -> None:
    command = [sys.executable, "-c", "from tests.bpmn.test_hostile_xml import run_under_limits as run; run()"]
    top = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False, timeout=20 * SECONDS)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (done.stderr[-2_000:], told[-1:])
    assert [name for name, *_ in told] == list(large())
    assert [name for name, count, *_ in told if not 0 < count <= 1_001] == []
    assert [(name, used) for name, _, used, _ in told if used > SECONDS] == []

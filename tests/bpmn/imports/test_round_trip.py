"""What is written into a foreign file is written beside what stands there; every other byte stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.imports import NotRewritable, rewritten, survey
from engine.bpmn.model import EXTENSION_NAMESPACE
from engine.bpmn.read import read
from engine.bpmn.xml import parse

ODD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- drawn by hand > before the root -->
<b:definitions xmlns:b='http://www.omg.org/spec/BPMN/20100524/MODEL'   xmlns:c="http://camunda.org/schema/1.0/bpmn"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:mine="urn:mine" targetNamespace='urn:x' mine:mark="a > b">
  <b:process id="p"  isExecutable="true" ><?tool keep="this"?>
\t<b:startEvent id='start'/>
    <b:userTask name="Åsas &quot;svar&quot; &#x2014; /> ]]" id="ask" c:candidateGroups="secretary"   c:formKey="answer" />
    <b:userTask id="bare" c:dueDate="${by}"></b:userTask>
    <b:userTask id="told" c:assignee="#{who}">
      <b:documentation>Says <![CDATA[<b> & </b>]]></b:documentation>
      <b:outgoing>f3</b:outgoing>
    </b:userTask>
    <b:serviceTask id="held" c:type="external" c:topic="archive"><!-- why -->
      <b:extensionElements>
        <mine:meta xmlns:mine="urn:mine/2"><mine:deep a='1'/></mine:meta>
      </b:extensionElements>
    </b:serviceTask>
    <b:serviceTask id="hollow" c:delegateExpression="${sender}"><b:extensionElements /></b:serviceTask>
    <b:endEvent id="end"/>
    <b:sequenceFlow id="f1" sourceRef="start" targetRef="ask"/><b:sequenceFlow id="f2" sourceRef="ask" targetRef="bare"/>
    <b:sequenceFlow id="f3" sourceRef="bare" targetRef="told"><b:conditionExpression><![CDATA[${a && b > 'ö'.length()}]]></b:conditionExpression></b:sequenceFlow>
    <b:sequenceFlow id="f4" sourceRef="told" targetRef="held"/><b:sequenceFlow id="f5" sourceRef="held" targetRef="hollow"/>
    <b:sequenceFlow id="f6" sourceRef="hollow" targetRef="end"/>
  </b:process>
</b:definitions>
<!-- and after it -->
"""
ADDED = {
    "<b:extensionElements>\n": '<b:extensionElements>\n        <handslag:operation name="archive" />\n',
    'mine:mark="a > b">': 'mine:mark="a > b" xmlns:handslag="urn:handslag:bpmn:1.0">',
    'c:formKey="answer" />': """c:formKey="answer" >
      <b:extensionElements>
        <handslag:performer role="secretary" />
        <handslag:form ref="answer" />
      </b:extensionElements>
    </b:userTask>""",
    'c:dueDate="${by}">': """c:dueDate="${by}">
      <b:extensionElements>
        <handslag:due date="=by" />
      </b:extensionElements>""",
    "</b:documentation>": """</b:documentation>
      <b:extensionElements>
        <handslag:performer role="=who" />
      </b:extensionElements>""",
    "<b:extensionElements />": '<b:extensionElements ><handslag:operation name="sender" /></b:extensionElements>',
    "<![CDATA[${a && b > 'ö'.length()}]]>": '=a and b &gt; string length("ö")',
}
"""What stands in the file, and what stands there afterwards."""


def imported(data: bytes, *, layout: bool = True) -> bytes:
    root = parse(data)
    return rewritten(data, root, survey(root).changes, layout=layout)


def expected(text: str) -> str:
    for before, after in ADDED.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def declared(name: str) -> str:
    return ODD.replace("UTF-8", name)


FORMS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "UTF-8": (ODD, str.encode),
    "UTF-8 without a declaration": (ODD.split("\n", 1)[1], str.encode),
    "a byte order mark": (ODD, lambda text: text.encode("utf-8-sig")),
    "UTF-16, little end first": (declared("UTF-16"), lambda text: b"\xff\xfe" + text.encode("utf-16-le")),
    "UTF-16, big end first": (declared("UTF-16"), lambda text: b"\xfe\xff" + text.encode("utf-16-be")),
    "Latin 1": (declared("ISO-8859-1"), lambda text: text.encode("latin-1")),
    "Windows": (declared("windows-1252"), lambda text: text.encode("cp1252")),
}


@pytest.mark.parametrize("form", FORMS)
def test_only_what_is_said_anew_is_written(form: str) -> None:
    text, encode = FORMS[form]
    assert imported(encode(text)) == encode(expected(text))


def test_lines_end_as_they_did() -> None:
    assert imported(ODD.replace("\n", "\r\n").encode()) == expected(ODD).replace("\n", "\r\n").encode()


def test_without_layout_no_line_moves() -> None:
    plain = imported(ODD.encode(), layout=False)
    assert plain.count(b"\n") == ODD.count("\n")
    assert re.sub(rb"\s+", b"", plain) == re.sub(r"\s+", "", expected(ODD)).encode()


def test_a_letter_that_the_encoding_does_not_have_is_written_as_a_reference() -> None:
    data = b"""<?xml version="1.0" encoding="US-ASCII"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
        xmlns:c="http://camunda.org/schema/1.0/bpmn"><process id="p"><userTask id="t" c:assignee="${&#229;sa}"/></process></definitions>"""
    assert b'<handslag:performer role="=&#229;sa" />' in imported(data)


def test_what_is_written_is_read_as_what_was_read_before() -> None:
    first, second = read(ODD.encode()), read(imported(ODD.encode()))
    assert [one.word for one in first.mapped] == ["candidateGroups", "formKey", "dueDate", "assignee", "topic", "delegateExpression", "conditionExpression"]  # fmt: skip
    plain = [re.sub(r"line=\d+", "", str(diagram.processes["p"].scope.nodes)) for diagram in (first, second)]
    assert plain[0] == plain[1]


def test_a_file_that_was_imported_gets_nothing_more() -> None:
    once = imported(ODD.encode())
    assert imported(once) == once
    assert read(once).mapped == ()


def test_a_prefix_that_means_something_else_is_left_alone() -> None:
    taken = ODD.replace('xmlns:mine="urn:mine"', 'xmlns:mine="urn:mine" xmlns:handslag="urn:other"')
    written = imported(taken.encode())
    assert b'<handslag2:form ref="answer" />' in written
    assert len(list(parse(written).iter(f"{{{EXTENSION_NAMESPACE}}}*"))) == 6
    inner = ODD.replace("<mine:deep a='1'/>", "<handslag:deep xmlns:handslag='urn:other'/>")
    assert b'xmlns:handslag2="urn:handslag:bpmn:1.0"' in imported(inner.encode())


def test_an_encoding_that_cannot_be_written_back_leaves_the_file_as_it_is_and_says_so() -> None:
    data = declared("UTF-16").encode("utf-16-le")  # without the mark that tells which end comes first
    with pytest.raises(NotRewritable):
        imported(data)
    diagram = read(data)
    assert diagram.mapped == ()
    assert diagram.foreign[-1].hint == "Save it as UTF-8."


PIECES = st.sampled_from([
    "<!-- </b:userTask> -->", "<![CDATA[ /> ]]>", "<?pi ?>", "text", "&amp;", "<m:x xmlns:m='urn:u'/>", "<m:y xmlns:m='urn:u'></m:y>",
    "<b:documentation>d</b:documentation>", "<b:extensionElements/>", "<b:extensionElements><m:x xmlns:m='urn:u' a='/>'/></b:extensionElements>", "\n  ", "é",
])  # fmt: skip


@given(st.lists(PIECES, max_size=6).map("".join), st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_an_element_stays_in_it(inner: str, layout: bool, closed: bool) -> None:
    task = (
        f"<b:userTask id='t' c:assignee='a'>{inner}</b:userTask>"
        if inner or closed
        else "<b:userTask id='t' c:assignee='a'/>"
    )
    data = (
        "<b:definitions xmlns:b='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:c='http://camunda.org/schema/1.0/bpmn'>"
        f"<b:process id='p'>\n  {task}\n</b:process></b:definitions>"
    ).encode()
    root = parse(imported(data, layout=layout))
    own = root.findall(f".//{{{EXTENSION_NAMESPACE}}}performer")
    assert [one.attrib for one in own] == [{"role": "a"}]
    for one in own:
        _without(one)
    assert _shape(root) == _shape(parse(data))


def _without(one: etree._Element) -> None:
    parent = one.getparent()
    assert parent is not None
    parent.remove(one)


def _shape(root: etree._Element) -> list[str]:
    """What is in a tree, but for white space and extension elements that hold nothing."""
    for holder in root.findall(".//{*}extensionElements"):
        if len(holder) == 0:
            _remove_keeping_tail(holder)
    etree.cleanup_namespaces(root)
    return re.sub(r"\s+", "", etree.tostring(root, method="c14n", with_comments=True).decode()).split("<")


def _remove_keeping_tail(element: etree._Element) -> None:
    parent, previous = element.getparent(), element.getprevious()
    assert parent is not None
    tail = element.tail or ""
    if previous is not None:
        previous.tail = (previous.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)

"""Whatever is sent, reading it gives a value that can be stored or a sentence; never anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Date, Integer, String, Uuid, column

from api.bodies import MAX_DEPTH, parse_json
from api.files import disposition, safe_name
from store.base import UtcDateTime
from store.errors import HandslagError, Invalid
from store.paging import InvalidCursor, _read_cursor

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
)


@given(st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
@example(b'"\\ud800"')
@example(b"1e999")
@example(b"1" * 100_000)
@example(b'{"a": NaN}')
def test_a_body_is_storable_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        value = parse_json(data)
    except HandslagError as error:
        assert error.message.endswith(".")
    else:
        assert "\\u0000" not in json.dumps(value)


@given(st.integers(-(10**34), 10**34))
@example(2**53 + 1)
@example(10**20 + 1)
def test_whole_numbers_of_a_body_keep_every_digit(number: int) -> None:
    assert parse_json(b'{"a": [%d]}' % number) == {"a": [number]}


@pytest.mark.parametrize("depth, accepted", [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_a_body_is_nested_no_deeper_than_the_limit(depth: int, accepted: bool) -> None:
    data = b"[" * depth + b"]" * depth
    if accepted:
        parse_json(data)
    else:
        with pytest.raises(Invalid, match="nested"):
            parse_json(data)


@given(st.text(max_size=80), st.sampled_from([UtcDateTime(), Date(), Integer(), String()]))
@example("WyJkdWUiLCJ4IiwiYSJd", Date())
@example("====", Date())
@example(
    "WyJkdWUiLCIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwiMDE5MDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0", UtcDateTime()
)
def test_a_cursor_is_ours_or_refused(cursor: str, kind: object) -> None:
    with pytest.raises(InvalidCursor):
        _read_cursor(cursor, "due", column("due", kind), column("id", Uuid()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["../../x", "a/b.bpmn", "a\\b.bpmn", "..", "", "  ", "x\r\ny", "x\x00", "x" * 201, "\ud800"]
)
def test_a_name_that_is_a_path_or_no_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        safe_name(name)


@given(st.text(min_size=1, max_size=200))
@example('å"; filename="evil.html')
@example("😀.pdf")
def test_any_name_that_is_accepted_makes_one_header_of_plain_ascii(name: str) -> None:
    try:
        header = disposition(safe_name(name))
    except Invalid:
        return
    assert header.isascii() and header.isprintable()
    assert header.startswith('attachment; filename="') and header.count('"') == 2

"""Files of forms as somebody may have written them: either refused, or shown and filled in without a mistake of ours."""

from __future__ import annotations

from typing import Any

import flask
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import forms
from store.errors import Invalid
from web import forms as shown

KINDS = sorted({"textfield", "textarea", "number", "checkbox", "radio", "checklist", "datetime", "text", "group"})
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "5", "x" * 200, "2027-01-31"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "label"]), inner, max_size=2),
    max_leaves=3,
)
RULES = st.dictionaries(st.sampled_from(["required", "min", "max", "minLength", "maxLength", "pattern"]), ANYTHING)
NAMES = ["label", "description", "text", "content", "subtype", "values", "valuesKey", "defaultValue", "dateLabel", "id"]
COMPONENT: st.SearchStrategy[Any] = st.deferred(
    lambda: st.builds(
        lambda kind, key, inner, rules, more: {"type": kind, "key": key} | inner | rules | more,
        st.sampled_from(KINDS) | ANYTHING,
        st.just("a") | ANYTHING,
        st.just({}) | st.fixed_dictionaries({"components": st.lists(COMPONENT, max_size=2) | ANYTHING}),
        st.just({}) | st.fixed_dictionaries({"validate": RULES | ANYTHING}),
        st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=2)
        | st.fixed_dictionaries({"properties": ANYTHING | st.fixed_dictionaries({"repeatFor": ANYTHING})}),
    )
)


@given(st.lists(COMPONENT | ANYTHING, max_size=3), ANYTHING)
def test_a_form_is_refused_or_can_be_shown_and_filled_in(components: list[Any], written: Any) -> None:
    try:
        form = forms.read(orjson.dumps({"components": components}))
    except Invalid:
        return
    with flask.Flask(__name__).test_request_context():
        shown.asks_for(form.schema)
        list(shown.inputs(form.schema, {}, {"a": [("1", "One")]}))
    try:
        forms.accept(form, dict.fromkeys(form.fields, written))
    except Invalid:
        return


@pytest.mark.parametrize("limit", ["ten", "NaN", [], True])
def test_a_limit_that_is_no_number_is_found_before_the_form_is_in_use(limit: Any) -> None:
    component = {"type": "number", "key": "amount", "validate": {"max": limit}}
    (finding,) = forms.check(orjson.dumps({"components": [component]}))
    assert (finding.severity, "'max' is no number" in finding.sentence) == ("error", True)

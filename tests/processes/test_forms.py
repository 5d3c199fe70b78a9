"""What a form answers to somebody who fills it in wrongly."""

from __future__ import annotations

import json

import pytest

from engine import forms
from store.errors import Invalid


@pytest.mark.parametrize(("kind", "given"), [("select", "x"), ("checklist", ["x"])])
@pytest.mark.parametrize(("count", "said"), [(2, "of the choices: c0, c1."), (12, "c8, c9 and 2 more.")])
def test_a_choice_that_there_is_not_is_answered_with_those_that_there_are(
    kind: str, given: object, count: int, said: str
) -> None:
    values = [{"value": f"c{number}", "label": ""} for number in range(count)]
    form = forms.read(json.dumps({"components": [{"type": kind, "key": "stance", "values": values}]}).encode())
    with pytest.raises(Invalid) as refused:
        forms.accept(form, {"stance": given})
    (error,) = refused.value.errors
    assert error["field"] == "stance"
    assert error["sentence"].endswith(said)

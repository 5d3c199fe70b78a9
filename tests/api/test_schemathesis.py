"""Schemathesis asks every operation of the document, with good and bad input made from it.

Promised: no 5xx, no answer that the document does not hold, and bad input is refused.
"""

from __future__ import annotations

from typing import Any

import flask
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi

from api.app import NOUNS, ROOT_NOUNS, SIMULATED_NOUNS
from store.database import Database
from tests.api.register import PEOPLE, known_ids

PROMISES: list[Any] = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
EXAMPLES = 5
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428"]
"""Schemathesis does not think of 412, the answer to an If-Match that is no tag of ours."""
CALLERS = [PEOPLE[name].token for name in ("operator", "owner", "officer", "umea")]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("noun", [*NOUNS, *SIMULATED_NOUNS, *ROOT_NOUNS])
def test_the_api_keeps_what_its_document_promises(
    app: flask.Flask, database: Database, noun: str, mode: GenerationMode
) -> None:
    document: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=_authorization(CALLERS[0]))
    document.config.checks.negative_data_rejection.expected_statuses = REFUSALS
    ids = known_ids(database)
    for found in document.get_all_operations():
        operation = found.ok()
        takes_something = operation.definition.raw.keys() & {"parameters", "requestBody"}
        if noun in operation.tags and (takes_something or mode is GenerationMode.POSITIVE):
            _ask(app, operation, mode, ids)


def _ask(app: flask.Flask, operation: Any, mode: GenerationMode, ids: dict[str, list[str]]) -> None:
    promises = [*PROMISES, openapi.negative_data_rejection] if mode is GenerationMode.NEGATIVE else PROMISES

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode), token=st.sampled_from(CALLERS), data=st.data())
    def ask(case: Any, token: str, data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE and data.draw(st.booleans(), label="of something that exists"):
            known = {name: data.draw(st.sampled_from(ids[name])) for name in case.path_parameters if name in ids}
            case.path_parameters.update(known)
            if "If-Match" in case.headers:
                case.headers["If-Match"] = _tag(app, case, token)
        case.call_and_validate(checks=promises, headers=_authorization(token))

    ask()


def _tag(app: flask.Flask, case: Any, token: str) -> str:
    """The tag of the thing that a change is about: what stands in its path before the verb."""
    thing = case.formatted_path.rpartition("/")[0]
    read = app.test_client().get(thing, headers=_authorization(token))
    return read.headers.get("ETag", '"none"')


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}

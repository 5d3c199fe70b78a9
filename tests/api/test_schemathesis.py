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

from api.app import NOUNS, ROOT_NOUNS
from tests.api.register import PEOPLE

PROMISES: list[Any] = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
EXAMPLES = 15
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428"]
"""Schemathesis does not think of 412, the answer to an If-Match that is no tag of ours."""
CALLERS = [PEOPLE[name].token for name in ("operator", "owner", "officer", "umea")]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("noun", [*NOUNS, *ROOT_NOUNS])
def test_the_api_keeps_what_its_document_promises(app: flask.Flask, noun: str, mode: GenerationMode) -> None:
    document: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=_authorization(CALLERS[0]))
    document.config.checks.negative_data_rejection.expected_statuses = REFUSALS
    for found in document.get_all_operations():
        operation = found.ok()
        takes_something = operation.definition.raw.keys() & {"parameters", "requestBody"}
        if noun in operation.tags and (takes_something or mode is GenerationMode.POSITIVE):
            _ask(operation, mode)


def _ask(operation: Any, mode: GenerationMode) -> None:
    promises = [*PROMISES, openapi.negative_data_rejection] if mode is GenerationMode.NEGATIVE else PROMISES

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode), token=st.sampled_from(CALLERS))
    def ask(case: Any, token: str) -> None:
        case.call_and_validate(checks=promises, headers=_authorization(token))

    ask()


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}

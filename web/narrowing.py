"""What a manager's page is narrowed to, as it stands in the address: so that it can be kept, sent, and taken further."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import flask

from committee.overview import Wanted
from engine.forms import FIRST_YEAR, LAST_YEAR
from web.ids import row_id

KINDS = ("task", "deadline", "plan")
NONE = "-"
"""In an address: only what has no body, or no officer."""


def wanted(asked: Mapping[str, str]) -> Wanted:
    """What an address asks for. What cannot be read narrows nothing: somebody changed it by hand."""
    body, officer = asked.get("body") or None, asked.get("officer") or None
    return Wanted(
        kind=asked["kind"] if asked.get("kind") in KINDS else None,
        body=None if body == NONE else body,
        no_body=body == NONE,
        step=asked.get("step") or None,
        process_key=asked.get("process") or None,
        case_officer_id=row_id(officer),
        no_case_officer=officer == NONE,
        due_from=day(asked.get("from")),
        due_before=day(asked.get("before")),
        text=asked.get("text", "").strip() or None,
    )


def query(asked: Wanted) -> dict[str, str]:
    """The same as names and values of an address."""
    found = {
        "kind": asked.kind,
        "body": NONE if asked.no_body else asked.body,
        "step": asked.step,
        "process": asked.process_key,
        "officer": NONE if asked.no_case_officer else asked.case_officer_id and str(asked.case_officer_id),
        "from": asked.due_from and asked.due_from.isoformat(),
        "before": asked.due_before and asked.due_before.isoformat(),
        "text": asked.text,
    }
    return {name: value for name, value in found.items() if value}


def address(endpoint: str, asked: Wanted, **values: str) -> str:
    """The address of a page that is narrowed so."""
    return flask.url_for(endpoint, **{**query(asked), **values})  # type: ignore[arg-type]  # none of them is url_for's own


def day(text: str | None) -> date | None:
    """A day of an address, if it is one that can be meant."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None

"""The editors of decision tables and forms: their pages, and what they ask the server for beside saving."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import flask

from committee import drafts
from committee.drafts import Draft
from engine import dmn
from engine import forms as engine_forms
from engine.dmn import Decisions
from engine.feel import Value, to_json
from engine.functions import FunctionContext, bound_functions
from engine.models import Definition
from store.errors import HandslagError, NotFound
from web import context, forms, modeler_words
from web import studio_editor_words as words
from web.language import _, current, told
from web.value_words import value

blp = flask.Blueprint("studio_editors", __name__, url_prefix="/studio/drafts")

PREFIX = "value."
"""Before the names of the values that a decision is asked with."""
_JUST = re.compile(r"(\w+)(?:\s*=\s*true\b.*)?", re.DOTALL)
"""A condition that asks for a value as it is, or whether it is true: then its heading is what the value is called."""
DECIDED = "decided"
"""In the fields once it has been asked what is decided: from then on the answer follows the table."""
MAX_VALUE = 1000


def page(draft: Draft, base: Definition | None) -> str:
    """The page of a draft that is no diagram."""
    entry = {"decisions": "dmn", "form": "formeditor"}[draft.kind]
    return flask.render_template(
        f"studio/editor_{draft.kind}.html", draft=draft, base=base, entry=entry, data=_data(draft)
    )


def _data(draft: Draft) -> dict[str, Any]:
    def address(view: str) -> str:
        return flask.url_for(f"studio_drafts.{view}", draft_id=draft.id)

    texts = (*modeler_words.FIELDS, *words.TABLE, *words.CELLS, *words.DRAWN, *words.FORM)
    return {
        "language": current(),
        "version": draft.version,
        "addresses": {"content": address("read_content"), "check": address("check"), "copy": address("copy")},
        "texts": {text: _(text) for text in texts} if current() != "en" else {},
    }


@blp.get("/<uuid:draft_id>/decide")
def ask(draft_id: UUID) -> str:
    """A part of the page: the values that a decision of the file needs, and what it decides once that has been asked."""
    return _trial(draft_id, flask.request.args)


@blp.post("/<uuid:draft_id>/decide")
def decide(draft_id: UUID) -> str:
    """A part of the page: what a decision of the file decides, and which rules fitted."""
    return _trial(draft_id, {**flask.request.form, DECIDED: "1"})


def _trial(draft_id: UUID, form: Mapping[str, str]) -> str:
    with context.database().reading() as db:
        draft = drafts.read_draft(db, context.actor(), draft_id)
    if draft.kind != "decisions":
        raise NotFound("There is no such page.")
    known = bound_functions(FunctionContext(None, None, None))
    shown: dict[str, Any] = {"draft": draft, "written": form, "answer": None, "hits": (), "decisions": {}}
    try:
        found = dmn.read(drafts.content(draft), functions=sorted(known))
        wanted = form.get("decision", "")
        chosen = wanted if wanted in found.names else next(iter(found.names), "")
        shown |= {
            "decisions": found.names,
            "chosen": chosen,
            "tables": found.model.tables,
            "inputs": _inputs(found),
            "labels": _labels(found),
        }
        if DECIDED in form and chosen:
            hits: list[tuple[str, str]] = []
            answer = found.decide(chosen, _values(form), functions=known, hits=hits)
            shown |= {"answer": _answer(chosen, answer), "hits": hits}
    except HandslagError as error:
        shown["problem"] = told(error.message)
    return flask.render_template("studio/trial.html", **shown)


def _inputs(found: Decisions) -> dict[str, str]:
    """What is given from outside: its name, and what people call it where a table asks just for it."""
    columns = [column for table in found.model.tables for column in table.inputs]
    asked = {just[1]: column.label for column in columns if (just := _JUST.fullmatch(column.text))}
    return {name: asked.get(name, value(name)) for name in found.given}


def _labels(found: Decisions) -> dict[str, str]:
    """What people call what is decided, by name."""
    return {column.name: column.label for table in found.model.tables for column in table.outputs}


def _values(form: Mapping[str, str]) -> dict[str, Value]:
    written = {name.removeprefix(PREFIX): text.strip() for name, text in form.items() if name.startswith(PREFIX)}
    return {name: _value(text) for name, text in written.items()}


def _value(text: str) -> Value:
    """What is meant by what somebody writes: true or false, a number, a date; else the text as it is."""
    if text in ("", "true", "false"):
        return text == "true" if text else None
    for kind in (_number, date.fromisoformat):
        try:
            return kind(text)
        except ValueError:
            continue
    return text[:MAX_VALUE]


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "."))
    except ArithmeticError as error:
        raise ValueError(text) from error
    if not found.is_finite():
        raise ValueError(text)
    return found


def _answer(decision: str, answer: Value) -> dict[str, Any]:
    plain = to_json(answer)
    return plain if isinstance(plain, dict) else {decision: plain}


@blp.get("/<uuid:draft_id>/preview")
def preview(draft_id: UUID) -> str:
    """A part of the page: the form as it will be shown to whoever fills it in."""
    with context.database().reading() as db:
        draft = drafts.read_draft(db, context.actor(), draft_id)
    if draft.kind != "form":
        raise NotFound("There is no such page.")
    try:
        inputs = list(forms.inputs(engine_forms.read(drafts.content(draft)).schema, {}))
    except HandslagError as error:
        return flask.render_template("studio/form_preview.html", inputs=(), problem=told(error.message))
    return flask.render_template("studio/form_preview.html", inputs=inputs)

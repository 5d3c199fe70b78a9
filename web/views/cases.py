"""Cases: the list, and the file of one."""

from __future__ import annotations

from uuid import UUID

import flask

from committee import casefile, cases, worklist
from committee.cases import Case
from committee.organisations import Person
from engine import definitions
from engine.models import Definition
from store.errors import NotFound
from store.paging import Ask, select_page
from web import context

blp = flask.Blueprint("cases", __name__)


@blp.get("/cases")
def list_cases() -> str:
    """The cases that the reader may see, those that came last first."""
    asked = flask.request.args
    with context.database().reading() as db:
        found = cases.find_cases(context.actor(), status=asked.get("status") or None, text=asked.get("text") or None)
        page = select_page(
            db, found, Ask("-received_at", asked.get("cursor")), {"received_at": Case.received_at}, Case.id
        )
        people = worklist.by_id(db, Person, (case.case_officer_id for case in page.items))
    return flask.render_template("cases/list.html", page=page, people=people, asked=asked)


@blp.get("/cases/<uuid:case_id>")
def read_case(case_id: UUID) -> str:
    """The file of a case."""
    with context.database().reading() as db:
        file = casefile.read_casefile(db, context.actor(), case_id)
    return flask.render_template("cases/case.html", file=file, case=file.case)


@blp.get("/diagrams/<uuid:definition_id>")
def read_diagram(definition_id: UUID) -> flask.Response:
    """The XML of a version of a process, for the picture; the same for ever."""
    actor = context.actor()
    with context.database().reading() as db:
        found = db.get(Definition, definition_id)
        if found is None or found.organization_id != actor.organization_id or not actor.is_internal:
            raise NotFound("There is no such diagram.")
        content = definitions.content(db, found)
    response = flask.Response(content, mimetype="application/xml")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response

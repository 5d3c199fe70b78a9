"""Long work of the studio: how far it has come, and what it has found out."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import flask

from committee.cases import Case
from committee.worklist import by_id
from web import background, context
from web.background import Work

blp = flask.Blueprint("studio_work", __name__, url_prefix="/studio/work")


@blp.get("/<uuid:work_id>")
def read_work(work_id: UUID) -> str:
    """The work; asked for again and again while it goes on."""
    work = background.find(work_id, context.actor().person_id)
    return flask.render_template("studio/work.html", work=work, cases=_cases(work))


def _cases(work: Work) -> dict[UUID | None, Case]:
    """The cases that its findings are about."""
    found: Iterable[object] = list(work.found)
    with context.database().reading() as db:
        return by_id(db, Case, (getattr(each, "case_id", None) for each in found))

"""My work: what waits for me and for my bodies, by deadline."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from committee import tasks, worklist
from engine.models import Task
from store.paging import Ask, select_page
from web import context

blp = flask.Blueprint("work", __name__)

WHOSE = ("mine", "bodies", "all")


@blp.get("/")
def first() -> Response:
    """The first page is one's work."""
    return flask.redirect(flask.url_for("work.my_work"))


@blp.get("/work")
def my_work() -> str:
    """The list, as its filters in the address narrow it."""
    asked = flask.request.args
    actor = context.actor()
    whose = asked.get("whose", "bodies") if asked.get("whose") in WHOSE else "bodies"
    with context.database().reading() as db:
        found = tasks.find_tasks(
            actor,
            whose=whose,
            overdue=asked.get("overdue") == "1",
            process_key=asked.get("process") or None,
            text=asked.get("text") or None,
        )
        page = select_page(db, found, Ask("due_on", asked.get("cursor")), {"due_on": Task.due_on}, Task.id)
        rows = worklist.described(db, page.items)
        processes = worklist.processes(db, actor.organization_id)
    return flask.render_template("work/work.html", rows=rows, page=page, whose=whose, asked=asked, processes=processes)

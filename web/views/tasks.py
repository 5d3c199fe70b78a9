"""One task: what it is about, its form, and what one can do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import tasks, worklist
from engine.models import Task
from store.errors import Conflict, HandslagError, Invalid
from web import context, forms, problems
from web.language import _, told

blp = flask.Blueprint("tasks", __name__)


@blp.get("/tasks/<uuid:task_id>")
def read_task(task_id: UUID) -> str:
    """The task with its form, filled in as far as the draft goes."""
    return _page(task_id)


@blp.post("/tasks/<uuid:task_id>")
def act(task_id: UUID) -> Response | tuple[str, int] | str:
    """Do what the button says. What cannot be accepted comes back as it was written, with what is wrong beside it."""
    form = flask.request.form
    store, actor = context.database(), context.actor()
    with store.reading() as db:
        schema = tasks.form_of(db, tasks.read_task(db, actor, task_id))
    values = forms.read(schema, form)
    version = form.get("version", type=int)
    try:
        match form.get("action"):
            case "claim":
                tasks.claim_task(store, actor, task_id)
            case "release":
                tasks.release_task(store, actor, task_id)
            case "draft":
                tasks.save_draft(store, actor, task_id, values, version=version)
            case "complete":
                task = tasks.complete_task(store, actor, task_id, values, version=version)
                return flask.redirect(_after(task), 303)
            case _:
                raise Invalid(_("This button is not known. Open the page again."))
    except (Invalid, Conflict) as problem:
        return _page(task_id, written=values, problem=problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("tasks.read_task", task_id=task_id), 303)


def _after(task: Task) -> str:
    """Where to go on: the case, which shows what came of it; for a meeting's step one's own list."""
    if task.case_id is not None:
        return flask.url_for("cases.read_case", case_id=task.case_id, done=task.id)
    return flask.url_for("work.my_work")


def _page(task_id: UUID, written: Mapping[str, Any] | None = None, problem: HandslagError | None = None) -> str:
    actor = context.actor()
    with context.database().reading() as db:
        task = tasks.read_task(db, actor, task_id)
        schema = tasks.form_of(db, task)
        work = worklist.described(db, [task])[0]
    values = written if written is not None else task.draft or task.result or {}
    errors = {each["field"]: told(each["sentence"]) for each in problem.errors if "field" in each} if problem else {}
    return flask.render_template(
        "tasks/task.html",
        work=work,
        task=task,
        given=tasks.given(task),
        inputs=list(forms.inputs(schema, values)),
        errors=errors,
        problem=problems.sentence(problem) if problem else "",
        may_do=tasks.may_do(actor, task),
        actor=actor,
    )

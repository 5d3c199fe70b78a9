"""One task: what it is about, its form, and what one can do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import flask
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from committee import stopping, tasks, worklist
from committee.access import Actor
from committee.organisations import Person
from engine.models import Task
from store.database import Database
from store.errors import Conflict, HandslagError, Invalid, Stale, TooLarge
from web import context, fields, forms, problems, taskform
from web.language import _
from web.taskform import Refusal
from web.views import cases

blp = flask.Blueprint("tasks", __name__)

Kept = Callable[..., Task]
"""A verb that takes what was written: `save_draft` or `complete_task`."""


@blp.get("/tasks/<uuid:task_id>")
def read_task(task_id: UUID) -> Response | str:
    """The task with its form, filled in as far as the draft goes. Who was asked answers where the question stands."""
    actor = context.actor()
    with context.database().reading() as db:
        consultee_id = None if actor.is_internal else stopping.answered_in(tasks.read_task(db, actor, task_id))
    if consultee_id is not None:
        return flask.redirect(flask.url_for("municipality.read_asked", consultee_id=consultee_id))
    return _page(task_id)


@blp.post("/tasks/<uuid:task_id>")
def act(task_id: UUID) -> Response | tuple[str, int] | str:
    """Do what the button says. What cannot be accepted comes back as it was written, with what is wrong beside it."""
    form = flask.request.form
    store, actor = context.database(), context.actor()
    values = _written(task_id)
    try:
        match form.get("action"):
            case "claim":
                task = _beside_drafts(task_id, values, tasks.claim_task)
            case "release":
                task = _beside_drafts(task_id, values, tasks.release_task)
            case "assign":
                keep_written(task_id, values)
                task = tasks.assign_task(store, actor, task_id, fields.key(form, "assignee"))
            case "draft":
                task = save(task_id, values)
            case "complete":
                _require_same_form(task_id)
                task = keep(tasks.complete_task, task_id, values)
            case _:
                raise Invalid(_("This button is not known. Open the page again."))
    except (Invalid, Conflict) as refused:
        problem = refused if isinstance(refused, Stale) else keep_refused(task_id, values, refused)
        return _page(task_id, Refusal(task_id, values, problem)), problems.status_of(problem)
    return flask.redirect(_next(task), 303)


@blp.post("/tasks/<uuid:task_id>/draft")
def keep_draft(task_id: UUID) -> str | tuple[str, int]:
    """Keep what is half written, by itself when the writing pauses; says in a line how that went."""
    try:
        task = save(task_id, _written(task_id))
    except HandslagError as problem:
        said = {"sentence": problems.sentence(problem), "shows_both": isinstance(problem, Stale)}
        return flask.render_template("kept.html", **said), problems.status_of(problem)
    return flask.render_template("kept.html", kept_at=task.drafted_at, version=task.version)


@blp.get("/tasks/<uuid:task_id>/others")
def read_others(task_id: UUID) -> str:
    """Who else is at the task: asked again and again by an open page."""
    actor = context.actor()
    with context.database().reading() as db:
        task = tasks.read_task(db, actor, task_id)
        people = worklist.by_id(db, Person, (task.assignee_id, task.drafted_by, task.completed_by))
    return flask.render_template("tasks/others.html", task=task, people=people)


def _written(task_id: UUID) -> dict[str, Any]:
    with context.database().reading() as db:
        schema = tasks.form_of(db, tasks.read_task(db, context.actor(), task_id))
    return forms.read(schema, flask.request.form) | taskform.homeless(schema, flask.request.form)


def _require_same_form(task_id: UUID) -> None:
    with context.database().reading() as db:
        taskform.require_same_form(tasks.read_task(db, context.actor(), task_id), flask.request.form)


def keep_written(task_id: UUID, values: Mapping[str, Any]) -> None:
    """Keep what stands in the form and has not been kept yet, before something else is done with the task."""
    with context.database().reading() as db:
        task = tasks.read_task(db, context.actor(), task_id)
        begun, whole = task.draft or {}, _whole(db, task, values)
    if (
        taskform.filled(values)
        and taskform.filled(whole) != taskform.filled(begun)
        and tasks.may_do(context.actor(), task)
    ):
        _keep_draft(task_id, whole)


def _beside_drafts(task_id: UUID, values: Mapping[str, Any], verb: Callable[[Database, Actor, UUID], Task]) -> Task:
    """Take a step or give it back, past what others have written in it meanwhile.

    Raises Stale when that is done and only what the reader has written since could not be kept: both are shown.
    """
    store, actor = context.database(), context.actor()
    try:
        if taskform.digest(values) != flask.request.form.get("seen"):
            keep_written(task_id, values)
    except Stale as changed:
        verb(store, actor, task_id)
        raise Stale(
            _("That is done, but somebody has changed the text meanwhile. Look at both and go on.")
        ) from changed
    return verb(store, actor, task_id)


def keep_refused(task_id: UUID, values: Mapping[str, Any], problem: HandslagError) -> HandslagError:
    """Keep what was handed in and refused, whatever way it came; what stands in the way: of both, what came last.

    What is too large to be kept stands in the page that refuses it; what was kept before stays.
    """
    try:
        keep_written(task_id, values)
    except Conflict as changed:
        return changed
    except TooLarge:
        return problem
    return problem


def save(task_id: UUID, values: Mapping[str, Any]) -> Task:
    """Keep what is half written, and still what was kept where the form asks for nothing any more."""
    with context.database().reading() as db:
        whole = _whole(db, tasks.read_task(db, context.actor(), task_id), values)
    return _keep_draft(task_id, whole)


def _whole(db: Session, task: Task, values: Mapping[str, Any]) -> dict[str, Any]:
    return taskform.unasked(tasks.form_of(db, task), task.draft) | dict(values)


def _keep_draft(task_id: UUID, whole: Mapping[str, Any]) -> Task:
    return keep(partial(tasks.save_draft, window=fields.window(flask.request.form)), task_id, whole)


def keep(verb: Kept, task_id: UUID, values: Mapping[str, Any]) -> Task:
    """Hand in what was written. What was changed since the page was opened is in the way only when it would be written over:

    one may have taken the step in another window, or its day may have moved; and the page keeps drafts by itself, of which
    the last may have arrived after the button was pressed.
    """
    store, actor = context.database(), context.actor()
    version = flask.request.form.get("version", type=int)
    try:
        return verb(store, actor, task_id, values, version=version)
    except Stale as changed:
        with store.reading() as db:
            task = tasks.read_task(db, actor, task_id)
        is_own = task.drafted_by == actor.person_id
        is_known = taskform.seen(task) == flask.request.form.get("seen") or (
            is_own and task.drafted_in == fields.window(flask.request.form)
        )
        if is_known and tasks.may_do(actor, task):
            return verb(store, actor, task_id, values, version=task.version)
        if is_own and not is_known:
            raise Stale(_("You have gone on writing in another window, and what stands there is kept.")) from changed
        raise


def _next(task: Task) -> str:
    """Where to go on: what is not done yet stays open; else the case, which shows what came of it."""
    on_case = task.case_id is not None and flask.request.form.get("place") == "case"
    if task.state == "open" and not on_case:
        return flask.url_for("tasks.read_task", task_id=task.id)
    if task.case_id is None:
        return flask.url_for("work.my_work", finished=task.id)
    shown = {"task": task.id, "_anchor": "task"} if task.state == "open" else {"done": task.id}
    return flask.url_for("cases.read_case", case_id=task.case_id, **shown)


def _page(task_id: UUID, refusal: Refusal | None = None) -> str:
    actor = context.actor()
    with context.database().reading() as db:
        task = tasks.read_task(db, actor, task_id)
        on_case = refusal and task.case_id is not None and flask.request.form.get("place") == "case"
        if on_case and task.case_id is not None and tasks.may_do(actor, task):
            return cases.overview(task.case_id, refusal)
        work = worklist.described(db, [task])[0]
        people = worklist.by_id(db, Person, (task.assignee_id, task.drafted_by, task.completed_by))
        form = taskform.of(db, actor, task, people, refusal)
    return flask.render_template("tasks/task.html", work=work, task=task, form=form, people=people)

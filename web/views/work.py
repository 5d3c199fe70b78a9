"""My work: what waits for the reader and their bodies, by deadline; taken, given back and handed over, also many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

import flask
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from committee import saved_views, tasks, worklist
from committee.access import Actor
from committee.worklist import Work
from engine.models import Task
from store import clock
from store.errors import HandslagError, Invalid
from store.paging import MAX_LIMIT, Ask, select_page
from store.query import Ways
from web import calendars, context, navigation, problems, words
from web.calendars import Entry
from web.ids import row_id
from web.language import _, ngettext

blp = flask.Blueprint("work", __name__)

PAGE = "work"
WHOSE = ("mine", "bodies", "all")
FILTERS = ("whose", "text", "process", "body", "overdue", "days")
"""Names in the address that narrow the list; what a saved view keeps."""
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of many tasks at once."""

    done: int
    refused: Sequence[tuple[str, str]]
    """The step's name, and why."""


@blp.get("/")
def first() -> Response:
    """The first page is one's work; of a municipality's people, what it has been asked."""
    return flask.redirect(flask.url_for("municipality.list_asked" if navigation.is_asked() else "work.my_work"))


@blp.get("/work")
def my_work() -> str:
    """The list, as its filters in the address narrow it."""
    return _page()


@blp.get("/work.ics")
def read_calendar() -> flask.Response:
    """The days of what waits for the reader, as the filters narrow it, for a calendar."""
    with context.database().reading() as db:
        ask = Ask("due_on", limit=calendars.MOST)
        page = select_page(db, _found(_whose()), ask, {"due_on": Task.due_on}, Task.id)
        rows = worklist.described(db, [task for task in page.items if task.due_on is not None])
    return calendars.download(_("My work"), map(_entry, rows))


@blp.post("/work")
def act() -> Response | str:
    """Do one thing with the tasks that are ticked. What is refused is said task by task; the others are done."""
    form = flask.request.form
    chosen = [found for each in form.getlist("task") if (found := row_id(each)) is not None][:MAX_LIMIT]
    if not chosen:
        return _page(notice=_("Tick the tasks first, then choose what to do with them."))
    try:
        verb = _verb(form.get("action", ""), form.get("assignee", ""))
    except Invalid as problem:
        return _page(notice=problems.sentence(problem))
    outcome = _each(chosen, verb)
    if outcome.refused:
        return _page(outcome=outcome)
    return flask.redirect(navigation.here(did=form["action"], done=outcome.done), 303)


@blp.post("/work/views")
def save_view() -> Response | tuple[str, int]:
    """Keep the filters of the address under a name."""
    form = flask.request.form
    kept = urlencode({name: form.get(name, "") for name in FILTERS if form.get(name)})
    try:
        saved_views.save_view(context.database(), context.actor(), PAGE, form.get("name", ""), kept)
    except Invalid as problem:
        return _page(notice=problems.sentence(problem)), 422
    return flask.redirect(f"{flask.url_for('work.my_work')}?{kept}", 303)


@blp.post("/work/views/<uuid:view_id>/forget")
def forget_view(view_id: UUID) -> Response:
    """Take a view away."""
    saved_views.forget_view(context.database(), context.actor(), view_id)
    return flask.redirect(flask.url_for("work.my_work"), 303)


def _verb(action: str, assignee: str) -> Callable[[UUID], Task]:
    store, actor = context.database(), context.actor()
    if action == "claim":
        return lambda task_id: tasks.claim_task(store, actor, task_id)
    if action == "release":
        return lambda task_id: tasks.release_task(store, actor, task_id)
    if action == "assign" and (to := row_id(assignee)) is not None:
        return lambda task_id: tasks.assign_task(store, actor, task_id, to)
    if action == "assign":
        raise Invalid(_("Choose whom to hand it over to."))
    raise Invalid(_("This button is not known. Open the page again."))


def _each(chosen: Sequence[UUID], verb: Callable[[UUID], Task]) -> Outcome:
    refused: list[tuple[UUID, str]] = []
    for task_id in chosen:
        try:
            verb(task_id)
        except HandslagError as problem:
            if problems.status_of(problem) == 500:
                raise
            refused.append((task_id, problems.sentence(problem)))
    with context.database().reading() as db:
        names = {key: task.name for key, task in worklist.by_id(db, Task, (each for each, _why in refused)).items()}
    return Outcome(len(chosen) - len(refused), [(names.get(key, _("A task")), why) for key, why in refused])


def _page(notice: str = "", outcome: Outcome | None = None) -> str:
    asked, actor, whose = flask.request.values, context.actor(), _whose()
    with context.database().reading() as db:
        ask = Ask("due_on", asked.get("cursor"))
        page = select_page(db, _found(whose), ask, {"due_on": Task.due_on}, Task.id)
        rows = worklist.described(db, page.items)
        told = "" if outcome or notice else _told() or _finished(db, actor)
        shown = {
            "processes": worklist.processes(db, actor.organization_id),
            "views": saved_views.views_of(db, actor, PAGE),
            "successors": worklist.successors(db, actor, [task for task in page.items if _may_hand_over(actor, task)]),
        }
    others = [task for task in page.items if task.assignee_id != actor.person_id]
    may_take = {task.id for task in others if tasks.may_do(actor, task)}
    filters = {name: asked[name] for name in FILTERS if asked.get(name)}
    narrowed = filters.keys() - {"whose"}
    return flask.render_template(
        "work/work.html", groups=list(_grouped(rows)), page=page, whose=whose, asked=asked, actor=actor, notice=notice,
        outcome=outcome, filters=filters, narrowed=narrowed, told=told, may_take=may_take,
        tickable=may_take | {task.id for task in page.items if _may_hand_over(actor, task)}, **shown,
    )  # fmt: skip


def _whose() -> str:
    asked = flask.request.values.get("whose", "")
    return asked if asked in WHOSE else "bodies"


def _found(whose: str) -> Ways:
    """The tasks that the filters in the address leave."""
    asked = flask.request.values
    days = asked.get("days", type=int)
    return tasks.find_tasks(
        context.actor(),
        whose=whose,
        overdue=asked.get("overdue") == "1",
        process_key=asked.get("process") or None,
        body=asked.get("body") or None,
        text=asked.get("text") or None,
        due_before=clock.today() + timedelta(days=min(days, MOST_DAYS) + 1) if days and days > 0 else None,
    )


def _entry(work: Work) -> Entry:
    task, case = work.task, work.case
    about = case.title if case else work.meeting_body.short_name if work.meeting_body else ""
    address = flask.url_for("tasks.read_task", task_id=task.id, _external=True)
    number = case.registry_number or "" if case else ""
    text = ", ".join(filter(None, (work.item, number)))
    return Entry(calendars.uid(task.id), task.due_on or clock.today(), f"{task.name}: {about}", text, url=address)


def _told() -> str:
    """What has just been done with many."""
    asked = flask.request.args
    done = asked.get("done", 0, type=int)
    match asked.get("did") if done > 0 else None:
        case "claim":
            return ngettext("You have taken %(num)s task.", "You have taken %(num)s tasks.", done)
        case "release":
            return ngettext("%(num)s task was given back.", "%(num)s tasks were given back.", done)
        case "assign":
            return ngettext("%(num)s task was handed over.", "%(num)s tasks were handed over.", done)
        case _:
            return ""


def _finished(db: Session, actor: Actor) -> str:
    """The step of a meeting that the reader has just done: its page is closed, and no case shows what came of it."""
    task_id = row_id(flask.request.args.get("finished"))
    task = db.get(Task, task_id) if task_id is not None else None
    if task is None or task.state != "completed" or not tasks.is_visible_to(actor, task):
        return ""
    (work,) = worklist.described(db, [task])
    if work.meeting is None or work.meeting_body is None:
        return _("“%(step)s” is done.", step=task.name)
    day, of = words.day(work.meeting.day), work.meeting_body.short_name
    return _("“%(step)s” for %(body)s, %(day)s, is done.", step=task.name, body=of, day=day)


def _may_hand_over(actor: Actor, task: Task) -> bool:
    return task.assignee_id == actor.person_id or actor.has("head", "secretary", "operator")


def _grouped(rows: Sequence[Work]) -> Iterator[tuple[str, list[Work]]]:
    """Rows by how soon they are due, under a heading of their own."""
    for heading, those in groupby(rows, lambda work: _when(work.task)):
        yield heading, list(those)


def _when(task: Task) -> str:
    today = clock.today()
    if task.due_on is None:
        return _("Without a day")
    if task.due_on < today:
        return _("Late")
    if task.due_on == today:
        return _("Today")
    return _("This week") if task.due_on.isocalendar()[:2] == today.isocalendar()[:2] else _("Later")

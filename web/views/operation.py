"""Operation: how the installation is doing, what has failed, and how it is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import operating, processes, worklist
from committee.access import Actor
from committee.cases import Case
from committee.organisations import Person
from engine.models import Definition, Incident, Instance, Message, Task, Timer
from store import clock
from store.database import Database
from store.errors import HandslagError
from store.events import Outbox
from store.paging import Ask, select_page
from web import context, problems
from web.language import told
from web.views.instances import items

Row = TypeVar("Row")

blp = flask.Blueprint("operation", __name__, url_prefix="/operation")

STATES_OF_MAIL = ("failed", "refused", "pending", "sent", "given_up")
STATES_OF_INCIDENTS = ("open", "resolved", "skipped")


@blp.get("")
def read_health() -> str:
    """The counts, each with the list behind it."""
    with context.database().reading() as db:
        health = operating.health(db, context.actor())
    return flask.render_template(
        "operation/health.html", health=health, has_mail_server=bool(context.settings().smtp_host)
    )


@blp.get("/incidents")
def list_incidents() -> str:
    """Steps that failed."""
    return _incidents()


@blp.post("/incidents/<uuid:incident_id>")
def mend_incident(incident_id: UUID) -> Response | tuple[str, int]:
    """Do the step again, or say why it is not to be done."""
    form = flask.request.form

    def verb(store: Database, actor: Actor) -> None:
        if form.get("action") == "skip":
            operating.skip_incident(store, actor, incident_id, form.get("reason", ""))
        else:
            processes.retry_incident(store, actor, incident_id)

    done = "skipped" if form.get("action") == "skip" else "resolved"
    return _done(verb, flask.url_for("operation.list_incidents", done=done), _incidents)


@blp.get("/mail")
def list_mail() -> str:
    """What goes out, and what did not."""
    return _mail()


@blp.post("/mail")
def send_all_again() -> Response | tuple[str, int]:
    """Try all that failed again."""
    return _done(operating.send_all_again, flask.url_for("operation.list_mail", done="all"), _mail)


@blp.post("/mail/<uuid:mail_id>")
def mend_mail(mail_id: UUID) -> Response | tuple[str, int]:
    """Try again, or give up with a reason."""
    form = flask.request.form

    def verb(store: Database, actor: Actor) -> None:
        if form.get("action") == "give_up":
            operating.give_up(store, actor, mail_id, form.get("reason", ""))
        else:
            operating.send_again(store, actor, mail_id)

    done = "given_up" if form.get("action") == "give_up" else "again"
    return _done(verb, flask.url_for("operation.list_mail", done=done), _mail)


@blp.get("/timers")
def list_timers() -> str:
    """What will happen by itself, the next first."""
    asked = flask.request.args
    state = "late" if asked.get("state") == "late" else "all"
    with context.database().reading() as db:
        found = operating.find_timers(context.actor(), late=state == "late")
        page = select_page(db, found, Ask("due_at", asked.get("cursor")), {"due_at": Timer.due_at}, Timer.id)
        instances = worklist.by_id(db, Instance, (timer.instance_id for timer in page.items))
        times = Counter((timer.instance_id, timer.element_id) for timer in page.items)
        several = {instance_id for (instance_id, _element), count in times.items() if count > 1}
        shown = {
            "instances": instances,
            "items": {each: items(db, instances[each]) for each in several},
            "cases": worklist.by_id(db, Case, (timer.case_id for timer in page.items)),
            "meetings": operating.meetings_of(db, context.actor(), (timer.instance_id for timer in page.items)),
            "names": operating.names_of_elements(db, page.items, instances),
        }
    return flask.render_template("operation/timers.html", page=page, state=state, now=clock.now(), **shown)


@blp.get("/messages")
def list_messages() -> str:
    """What has been told to processes that do not wait for it yet, the oldest first."""
    asked = flask.request.args
    with context.database().reading() as db:
        found = operating.find_messages(context.actor())
        sorts = {"published_at": Message.published_at}
        page = select_page(db, found, Ask("published_at", asked.get("cursor")), sorts, Message.id)
        subjects = operating.subjects_of(db, context.actor(), page.items)
        cases = worklist.by_id(db, Case, (case_id for case_id, _meeting_id in subjects.values()))
        meetings = operating.meetings(db, context.actor(), (meeting_id for _case_id, meeting_id in subjects.values()))
    about = {
        each: (cases.get(case_id), meeting_id and meetings.get(meeting_id))
        for each, (case_id, meeting_id) in subjects.items()
    }
    return flask.render_template("operation/messages.html", page=page, about=about)


@blp.get("/backups")
def list_backups() -> str:
    """Copies of the embedded database, and what to do for PostgreSQL."""
    return _backups()


@blp.post("/backups")
def back_up() -> Response | tuple[str, int]:
    """Make one now."""
    settings = context.settings()
    then = flask.url_for("operation.list_backups")
    return _done(lambda store, actor: operating.back_up(store, settings, actor), then, _backups)


def _done(
    verb: Callable[[Database, Actor], object], then: str, page: Callable[[str], str]
) -> Response | tuple[str, int]:
    """Carry out a verb and go on to the list; what refuses it is said above the list."""
    try:
        verb(context.database(), context.actor())
    except HandslagError as problem:
        status = problems.status_of(problem)
        if status in (403, 404, 500):
            raise
        return page(problems.sentence(problem)), status
    return flask.redirect(then, 303)


def _incidents(notice: str = "") -> str:
    asked = flask.request.args
    state = asked.get("state", "open") if asked.get("state") in STATES_OF_INCIDENTS else "open"
    with context.database().reading() as db:
        found = processes.find_incidents(context.actor(), state=state)
        page = select_page(
            db, found, Ask("-created_at", asked.get("cursor")), {"created_at": Incident.created_at}, Incident.id
        )
        instances = worklist.by_id(db, Instance, (each.instance_id for each in page.items))
        handed_in = {each.id: each.action_data for each in page.items if each.action == "complete_task"}
        starting = {each.id: operating.beginning(each) for each in page.items}
        senders = [_id(sent.get("actor_id")) for sent in handed_in.values()]
        shown = {
            "handed_in": handed_in,
            "tasks": _by_text(worklist.by_id(db, Task, (_id(sent["task_id"]) for sent in handed_in.values()))),
            "people": _by_text(worklist.by_id(db, Person, [*senders, *(each.resolved_by for each in page.items)])),
            "cases": worklist.by_id(db, Case, (each.case_id for each in page.items)),
            "instances": instances,
            "definitions": worklist.by_id(
                db, Definition, [*(each.definition_id for each in instances.values()), *starting.values()]
            ),
            "starting": starting,
            "names": operating.names_of_elements(db, page.items, instances),
        }
    why = {each.id: told(each.sentence) for each in page.items}
    return flask.render_template("operation/incidents.html", page=page, state=state, notice=notice, why=why, **shown)


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _by_text(rows: Mapping[UUID | None, Row]) -> dict[str, Row]:
    """As the incidents name them."""
    return {str(key): row for key, row in rows.items()}


def _mail(notice: str = "") -> str:
    asked = flask.request.args
    state = asked.get("state", "failed") if asked.get("state") in STATES_OF_MAIL else "failed"
    with context.database().reading() as db:
        found = operating.find_mail(context.actor(), state=state)
        page = select_page(
            db, found, Ask("-created_at", asked.get("cursor")), {"created_at": Outbox.created_at}, Outbox.id
        )
        cases = worklist.by_id(db, Case, (mail.case_id for mail in page.items))
        people = worklist.by_id(db, Person, (mail.given_up_by for mail in page.items))
    return flask.render_template(
        "operation/mail.html", page=page, state=state, notice=notice, cases=cases, people=people
    )


def _backups(notice: str = "") -> str:
    settings, actor = context.settings(), context.actor()
    found, folder = operating.backups(context.database(), settings, actor), operating.backup_folder(settings, actor)
    return flask.render_template("operation/backups.html", backups=found, folder=folder, notice=notice)

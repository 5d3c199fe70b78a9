"""What stands at the top of every page: where one can go, and as whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import flask

from committee.access import Actor
from committee.cases import OPENERS
from committee.overview import WATCHERS
from store import clock
from web import context, language, session
from web.language import _

STUDIO = (
    "studio",
    "studio_drafts",
    "studio_trials",
    "studio_deploy",
    "studio_migrate",
    "studio_work",
    "studio_editors",
    "studio_scenarios",
)

CASES = ("cases", "case_documents", "case_dates", "case_verbs", "consultations")
"""Blueprints of the parts of a case."""

TOLD = ("did", "done", "finished")
"""Names in an address of what has just been done: said once, and not carried on to the next page."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the navigation leads to."""

    address: str
    label: str
    is_here: bool


def places() -> Iterator[Place]:
    """The pages that the reader has use for, in the order of a working day."""
    actor: Actor | None = flask.g.get("actor")
    if actor is None:
        return
    if is_asked():
        yield _place("municipality.list_asked", _("Our consultations"), "municipality")
    yield _place("work.my_work", _("My work"), "work", "tasks")
    if actor.has(*OPENERS):
        yield _place("register.tray", _("What has come in"), "register")
    if not is_asked():  # their cases are what they have been asked
        yield _place("cases.list_cases", _("Cases"), *CASES)
    if actor.is_internal or any(held.role in ("chair", "member", "substitute", "secretary") for held in actor.roles):
        yield _place("meetings.year", _("Meetings"), "meetings", "agenda", "attendance", "rescheduling", "meeting_plan")
    if actor.has(*WATCHERS):
        yield _place("board.read_board", _("Follow-up"), "board", "board_heat", "board_figures")
    if actor.has("process_owner", "operator"):
        yield _place("studio.list_library", _("Processes"), *STUDIO)
    if actor.has("operator"):
        yield _place("operation.read_health", _("Operations"), "operation", "instances")


def is_asked() -> bool:
    """Whether the reader acts for somebody whom the region asks: a municipality, an agency."""
    actor: Actor | None = flask.g.get("actor")
    return actor is not None and not actor.is_internal and bool(actor.represents)


def _place(endpoint: str, label: str, *blueprints: str) -> Place:
    return Place(flask.url_for(endpoint), label, flask.request.blueprint in blueprints)


def here(**changed: object) -> str:
    """The address of this page with some of its query changed; None takes a name out."""
    query = {**{name: text for name, text in flask.request.args.items() if name not in TOLD}, **changed}
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return flask.url_for(str(flask.request.endpoint), **{**(flask.request.view_args or {}), **kept})


def shown_at() -> str:
    """Where what stands here can be asked for anew: this page, or for a form that was sent the page that it stands on."""
    request = flask.request
    came_from = urlsplit(request.referrer or "")
    own = came_from.netloc == request.host and came_from.path != flask.url_for(
        "sign_in.begin"
    )  # it sends others' again
    tried = [(request.path, request.query_string.decode("ascii", "ignore"))]
    if request.method == "POST" and own:
        tried.insert(0, (came_from.path, came_from.query))
    found = (place for path, query in tried if (place := above(path, query)) is not None)
    return session.inside(next(found, "/"))


def above(path: str, query: str) -> str | None:
    """The nearest page at or above an address of ours; some addresses only take forms."""
    addresses = flask.current_app.create_url_adapter(flask.request)
    while addresses is not None and path:
        if addresses.test(path, "GET"):
            return f"{path}?{query}" if query else path
        path = path.rpartition("/")[0]
    return None


def simulated_day() -> date | None:
    """The day that the simulated clock shows; None where time is real."""
    return clock.today() if context.settings().clock == "simulated" else None


GLOBALS = {
    "simulated_day": simulated_day,
    "today": clock.today,
    "places": places,
    "here": here,
    "shown_at": shown_at,
    "language": language.current,
    "languages": language.LANGUAGES,
}
"""Functions and constants of every template."""

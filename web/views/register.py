"""Registering what has come in: from nothing, from the government's list, from an e-mail; with the plan before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, BinaryIO, cast
from uuid import UUID

import flask
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from committee import alike, cases, incoming, letters, lists, plans
from committee.alike import KnownAlready
from committee.cases import Case
from committee.incoming import Incoming
from committee.letters import Letter
from engine.models import Definition
from store.errors import Conflict, HandslagError, Invalid
from store.paging import Ask, select_page
from web import context, fields, problems
from web.ids import row_id
from web.language import _, told
from web.terms import N_
from web.views.case_documents import ENVELOPE_BYTES

blp = flask.Blueprint("register", __name__, url_prefix="/register")

FIELDS = ("case_type", "title", "sender", "sender_reference", "reply_by")
SOURCES = ("list", "email")
MOST_LINE = 300
ROUTES = {
    "ordinary": N_("Ordinary way: working group, joint consultation, committee"),
    "immediate": N_("Decided at the last meeting, the paragraph adjusted at once"),
    "extra": N_("An extra meeting"),
    "extension": N_("Ask the sender for more time"),
    "au_delegated": N_("The working group decides, by delegation"),
    "chair": N_("The chair decides, by delegation"),
    "preliminary": N_("A preliminary answer, confirmed afterwards"),
    "abstain": N_("Do not answer"),
}


@blp.app_template_filter("route")
def route(key: str) -> str:
    """A way to an answer."""
    return _(ROUTES[key]) if key in ROUTES else key


@blp.get("")
def tray() -> str:
    """What has come in and is no case yet."""
    return _tray()


@blp.post("/list")
def take_in_list() -> Response | tuple[str, int]:
    """Take in the rows of a list."""
    sent = flask.request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(_("Choose a file first."))
        taken = incoming.take_in_list(context.database(), context.actor(), sent.read(lists.MOST_BYTES + 1))
    except Invalid as problem:
        return _tray(problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("register.tray", source="list", new=taken.new, known=taken.known), 303)


@blp.post("/mail")
def take_in_mail() -> Response | tuple[str, int]:
    """Take in an e-mail, and go on to register it."""
    flask.request.max_content_length = context.settings().max_upload_bytes + ENVELOPE_BYTES
    sent = flask.request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(_("Choose a file first."))
        taken = incoming.take_in_mail(
            context.database(), context.files(), context.actor(), cast("BinaryIO", sent.stream)
        )
    except Invalid as problem:
        return _tray(problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("register.new", incoming=taken.id), 303)


@blp.post("/<uuid:incoming_id>/aside")
def set_aside(incoming_id: UUID) -> Response:
    """It is no case of ours."""
    incoming.set_aside(context.database(), context.actor(), incoming_id)
    return flask.redirect(flask.url_for("register.tray", aside=incoming_id), 303)


@blp.post("/<uuid:incoming_id>/back")
def take_back(incoming_id: UUID) -> Response | tuple[str, int]:
    """It is one, after all."""
    try:
        incoming.take_back(context.database(), context.actor(), incoming_id)
    except Conflict as problem:
        return _tray(problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("register.tray"), 303)


@blp.get("/new")
def new() -> str:
    """The form, filled in as far as what came says."""
    found = _asked_for()
    given: Mapping[str, Any] = flask.request.args
    if found is not None:
        day = found.reply_by.isoformat() if found.reply_by is not None else ""
        given = {
            "title": found.title,
            "sender": found.sender,
            "sender_reference": found.sender_reference,
            "reply_by": day,
            **flask.request.args,
        }
    return _form(given, found)


@blp.get("/plan")
def plan() -> str:
    """What the calendar allows before a day: a part of the form's page."""
    return flask.render_template("register/plan.html", **planned(flask.request.args.get("reply_by", "")))


@blp.post("/new")
def register() -> Response | tuple[str, int] | str:
    """Save it as a case, or show the plan first."""
    form = flask.request.form
    found = _asked_for()
    if form.get("action") == "plan":
        unplanned = None if _day(form.get("reply_by", "").strip()) else _missing_day()
        return _form(form, found, unplanned)
    try:
        case_type, title, known = _read(form)
        store, actor, once = context.database(), context.actor(), "is_another" not in form
        if found is None:
            verb = alike.open_once if once else cases.open_case
            case, refused = verb(store, actor, case_type, title, **known), []
        else:
            made = incoming.register(store, context.files(), actor, found.id, case_type, title, once=once, **known)
            case, refused = made.case, list(made.refused)
    except KnownAlready as problem:
        with context.database().reading() as db:
            return _form(form, found, alike=cases.read_case(db, context.actor(), problem.case_id)), 409
    except HandslagError as problem:
        if problems.status_of(problem) in (403, 404, 500):
            raise
        return _form(form, found, problem), problems.status_of(problem)
    if refused:
        return flask.render_template(
            "register/done.html", case=case, refused=[(name, told(why)) for name, why in refused]
        )
    return flask.redirect(flask.url_for("cases.read_case", case_id=case.id), 303)


def _asked_for() -> Incoming | None:
    wanted = flask.request.values.get("incoming", "")
    if not wanted:
        return None
    incoming_id = row_id(wanted)
    if incoming_id is None:
        raise incoming.IncomingNotFound("There is no such thing in the tray.")
    with context.database().reading() as db:
        return incoming.read_incoming(db, context.actor(), incoming_id)


def _read(form: Mapping[str, str]) -> tuple[str, str, dict[str, Any]]:
    """The form as the verb takes it. Raises Invalid with an error for each wrong field."""
    errors: list[dict[str, str]] = []
    title = lists.line(form.get("title", ""))
    if not title or len(title) > cases.MOST_TITLE:
        errors.append({"field": "title", "sentence": _("Write a title of 1 to 500 characters.")})
    lines = {name: lists.line(form.get(name, "")) or None for name in ("sender", "sender_reference")}
    for name, line in lines.items():
        if line is not None and len(line) > MOST_LINE:
            errors.append({"field": name, "sentence": _("Write at most 300 characters.")})
    day = form.get("reply_by", "").strip()
    reply_by = _day(day)
    if day and reply_by is None:
        errors.append({"field": "reply_by", "sentence": _("Write the day as 2027-03-31.")})
    if not form.get("case_type"):
        errors.append({"field": "case_type", "sentence": _("Choose what kind of case it is.")})
    if errors:
        raise Invalid(_("The form is not complete. See what stands beside the fields."), errors=errors)
    known = {**lines, "reply_by": reply_by, "reply_by_passed": "reply_by_passed" in form}
    return form.get("case_type", "")[:MOST_LINE], title, known


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _missing_day() -> Invalid:
    sentence = _("Give the day first: the plan is counted backwards from it. Write it as 2027-03-31.")
    return Invalid(_("There is no plan without a day."), errors=[{"field": "reply_by", "sentence": sentence}])


def planned(day: str, case_id: UUID | None = None) -> dict[str, Any]:
    """What `register/plan.html` shows for a day as it was written: of a case, or of what is to become one."""
    reply_by = _day(day.strip())
    if reply_by is None:
        return {"proposal": None}
    if not cases.EARLIEST_YEAR <= reply_by.year <= cases.LATEST_YEAR:
        return {"proposal": None, "strange": reply_by.year}
    with context.database().reading() as db:
        case = cases.read_case(db, context.actor(), case_id) if case_id is not None else None
        return {"proposal": plans.propose(db, context.actor(), reply_by, case)}


def _letter(found: Incoming | None) -> Letter | None:
    """The e-mail of which a case is made."""
    return letters.read_letter(context.files(), found.sha256) if found is not None and found.sha256 else None


def _form(
    given: Mapping[str, Any], found: Incoming | None, problem: HandslagError | None = None, alike: Case | None = None
) -> str:
    actor = context.actor()
    cases.require_opener(actor)
    with context.database().reading() as db:
        types = db.scalars(cases.types(actor).order_by(Definition.name)).all()
    return flask.render_template(
        "register/new.html", given=given, found=found, types=types, errors=fields.errors(problem), alike=alike, letter=(letter := _letter(found)), files=[(name, told(why) if why else "") for name, why in letter.files] if letter else [],
        problem=problems.sentence(problem) if problem else "", **planned(given.get("reply_by") or ""),
    )  # fmt: skip


def _put_aside(db: Session, written: str) -> Incoming | None:
    """What has just been put aside, so that it can be taken back at once."""
    incoming_id = row_id(written)
    try:
        found = incoming.read_incoming(db, context.actor(), incoming_id) if incoming_id else None
    except incoming.IncomingNotFound:
        return None
    return found if found is not None and found.state == "set_aside" else None


def _tray(problem: HandslagError | None = None) -> str:
    asked = flask.request.args
    source = asked.get("source") if asked.get("source") in SOURCES else None
    state = "set_aside" if asked.get("state") == "set_aside" else "waiting"
    with context.database().reading() as db:
        found = incoming.find_incoming(context.actor(), state=state, source=source)
        text = asked.get("text", "").strip()
        if text:
            found = found.where(Incoming.title.icontains(text, autoescape=True))
        sorts = {"reply_by": Incoming.reply_by, "received_at": Incoming.received_at}
        aside = _put_aside(db, asked.get("aside", ""))
        page = select_page(db, found, Ask("-received_at", asked.get("cursor")), sorts, Incoming.id)
    rows = [told(each["sentence"]) for each in problem.errors] if problem else []
    return flask.render_template(
        "register/tray.html", page=page, source=source, state=state, asked=asked, rows=rows, aside=aside,
        problem=problems.sentence(problem) if problem else "", new=asked.get("new", type=int), known=asked.get("known", type=int),
        max_bytes=context.settings().max_upload_bytes, most_list_bytes=lists.MOST_BYTES,
    )  # fmt: skip

"""Meetings: the year of the chain of bodies, the list, and one meeting with its agenda."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import agenda, cases, meeting_file, meeting_year, meetings, minutes, summons
from committee.access import Actor
from committee.calendar import is_working_day
from committee.cases import Case
from committee.meeting_file import MeetingFile
from committee.meetings import Meeting
from committee.organisations import Body
from committee.worklist import by_id
from store import clock
from store.database import Database
from store.errors import Conflict, HandslagError, Invalid
from store.paging import Ask, select_page
from web import calendars, context, fields, meeting_terms, problems, taskform
from web.language import _

blp = flask.Blueprint("meetings", __name__)
meeting_terms.install(blp)

YEARS = range(1990, 2100)
FOUND_SHOWN = 10
MEETINGS_SHOWN = 20


@blp.get("/meetings")
def year() -> str:
    """The year, month by month, with the bodies of the chain beside each other."""
    asked = flask.request.args.get("year", type=int)
    shown = asked if asked is not None and asked in YEARS else clock.today().year
    with context.database().reading() as db:
        found = meeting_year.read_year(db, context.actor(), shown)
    return flask.render_template("meetings/year.html", year=found, may_create=may_create())


@blp.get("/meetings/list")
def list_meetings() -> str:
    """The meetings as a list: those to come, or those that have been, the nearest first."""
    asked = flask.request.args
    past = asked.get("when") == "past"
    now = clock.start_of(clock.today())
    actor = context.actor()
    with context.database().reading() as db:
        found = meetings.find_meetings(
            actor,
            body=asked.get("body") or None,
            state=asked.get("state") if asked.get("state") in meeting_terms.STATES else None,
            starts_from=None if past else now,
            starts_before=now if past else None,
        )
        ask = Ask("-starts_at" if past else "starts_at", asked.get("cursor"), MEETINGS_SHOWN)
        page = select_page(db, found, ask, {"starts_at": Meeting.starts_at}, Meeting.id)
        bodies = meeting_year.bodies_that_meet(db, actor)
        items = meeting_year.items_of(db, page.items)
    return flask.render_template(
        "meetings/list.html", page=page, bodies={body.id: body for body in bodies}, items=items, asked=asked, past=past,
        body_options=[(body.key, body.short_name) for body in bodies],
        state_options=[(key, _(name)) for key, name in meeting_terms.STATES.items()], may_create=may_create(),
    )  # fmt: skip


@blp.get("/meetings.ics")
def read_calendar() -> flask.Response:
    """The meetings to come that the reader may see, for a calendar; `body` narrows it to one body's."""
    body = flask.request.args.get("body") or None
    with context.database().reading() as db:
        ahead = meetings.find_meetings(context.actor(), body=body, starts_from=clock.start_of(clock.today()))
        ahead = ahead.where(Meeting.state != "cancelled").order_by(Meeting.starts_at, Meeting.id)
        found = db.scalars(ahead.limit(calendars.MOST)).all()
        bodies = by_id(db, Body, (meeting.body_id for meeting in found))
    return calendars.download(_("Meetings"), (calendars.of_meeting(each, bodies[each.body_id]) for each in found))


@blp.get("/meetings/<uuid:meeting_id>")
def read_meeting(meeting_id: UUID) -> str:
    """One meeting: its agenda, and what is next."""
    return page_of(meeting_id)


@blp.get("/meetings/<uuid:meeting_id>/summon")
def preview_summons(meeting_id: UUID) -> str:
    """Who would be called by which mail, before it is sent."""
    with context.database().reading() as db:
        found = summons.preview_summons(db, context.actor(), meeting_id)
    return flask.render_template("meetings/summons.html", found=found, meeting=found.meeting)


@blp.post("/meetings/<uuid:meeting_id>/summon")
def summon(meeting_id: UUID) -> Response | tuple[str, int]:
    """Send the summons."""
    return _done(meeting_id, lambda version: summons.summon_meeting(*who(), meeting_id, version=version))


@blp.get("/meetings/<uuid:meeting_id>/minutes")
def read_minutes(meeting_id: UUID) -> str:
    """All paragraphs on one page: what is read before the minutes are adjusted."""
    with context.database().reading() as db:
        found = minutes.read_minutes(db, context.actor(), meeting_id)
        written = [
            pair for task in found.written for pair in taskform.told(db, task, minutes.WRITTEN[task.operation or ""])
        ]
    return flask.render_template("meetings/minutes.html", minutes=found, written=written)


@blp.post("/meetings/<uuid:meeting_id>/adjust")
def adjust(meeting_id: UUID) -> Response | tuple[str, int]:
    """Note the day on which the minutes were adjusted."""
    return _done(
        meeting_id,
        lambda version: meetings.adjust_minutes(
            *who(), meeting_id, fields.day(flask.request.form, "adjusted_on"), version=version
        ),
    )


@blp.post("/meetings/<uuid:meeting_id>/notice")
def post_notice(meeting_id: UUID) -> Response | tuple[str, int]:
    """Note the day on which the notice was posted."""
    return _done(
        meeting_id,
        lambda version: meetings.post_notice(
            *who(), meeting_id, fields.day(flask.request.form, "notice_posted_on"), version=version
        ),
    )


def page_of(meeting_id: UUID, problem: HandslagError | None = None) -> str:
    """The page of a meeting; with what is wrong, when something could not be done."""
    actor = context.actor()
    asked_for = flask.request.args
    find = asked_for.get("find", "")[:200].strip()
    with context.database().reading() as db:
        file = meeting_file.read_meeting_file(db, actor, meeting_id)
        asked = cases.find_cases(actor, text=find).order_by(Case.received_at.desc(), Case.id).limit(FOUND_SHOWN)
        found = db.scalars(asked).all() if find and file.may_add else []
        removed = next((each.item for each in file.withdrawn if str(each.item.id) == asked_for.get("removed")), None)
        instead = agenda.place_instead(db, actor, removed) if removed is not None else None
        roles = {
            case.id: agenda.roles_for(case, [each.item for each in file.items]) for case in (*file.unplaced, *found)
        }
    return flask.render_template(
        "meetings/meeting.html",
        file=file,
        meeting=file.meeting,
        find=find,
        found=found,
        roles=roles,
        focused=_focused(file),
        removed=removed,
        instead=instead,
        changed="changed" in asked_for,
        is_day_off=file.meeting.state in ("planned", "summoned") and not is_working_day(file.meeting.day),
        **fields.again(problem),
    )


def _focused(file: MeetingFile) -> tuple[UUID, str] | None:
    """The arrow that was pressed last, so that a keyboard goes on from there; at an end the other one."""
    asked = flask.request.args
    places = [each.item.id for each in file.items]
    moved = next((item_id for item_id in places if str(item_id) == asked.get("moved")), None)
    if moved is None:
        return None
    ends = {places[0]: "down", places[-1]: "up"}
    return moved, ends.get(moved, "up" if asked.get("way") == "up" else "down")


def _done(meeting_id: UUID, verb: Callable[[int | None], object]) -> Response | tuple[str, int]:
    """Carry out a verb on a meeting and show the meeting again."""
    try:
        verb(flask.request.form.get("version", type=int))
    except (Invalid, Conflict) as problem:
        return page_of(meeting_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("meetings.read_meeting", meeting_id=meeting_id), 303)


def who() -> tuple[Database, Actor]:
    """What every verb is given first."""
    return context.database(), context.actor()


def may_create() -> bool:
    """Whether the reader looks after the meetings of any body."""
    actor = context.actor()
    return actor.has("secretary", "chair", "operator")

"""Who serves at a meeting: members who are away or disqualified, and who serves in their place."""

from __future__ import annotations

from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import attendance
from store.errors import Conflict, HandslagError, Invalid
from web import context, fields, meeting_terms, problems
from web.language import _
from web.terms import N_
from web.views.meetings import who

blp = flask.Blueprint("attendance", __name__)

POSITIONS = range(1, 1001)
LABELS = {
    "person_id": N_("Member"),
    "substitute_id": N_("Serves instead"),
    "ground": N_("Why"),
    "from_position": N_("From item"),
    "to_position": N_("To item"),
}


@blp.get("/meetings/<uuid:meeting_id>/attendance")
def read_attendance(meeting_id: UUID) -> str:
    """The members, and who is away from which items."""
    return _page(meeting_id)


@blp.post("/meetings/<uuid:meeting_id>/attendance")
def note_absence(meeting_id: UUID) -> Response | tuple[str, int]:
    """Note that a member does not serve."""
    form = flask.request.form
    try:
        person_id = form.get("person_id", type=UUID)
        if person_id is None:
            raise fields.wrong("person_id", _("Choose a member."))
        if form.get("ground") not in attendance.GROUNDS:
            raise fields.wrong("ground", _("Choose why."))
        first = form.get("from_position", type=int) if form.get("from_position", "").strip() else 1
        if first is None or first not in POSITIONS:
            raise fields.wrong("from_position", _("Give the number of an item on the agenda."))
        attendance.note_absence(
            *who(),
            meeting_id,
            person_id,
            ground=form["ground"],
            substitute_id=form.get("substitute_id", type=UUID),
            from_position=first,
            to_position=first if form["ground"] == "disqualified" else None,
        )
    except (Invalid, Conflict) as problem:
        return _page(meeting_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("attendance.read_attendance", meeting_id=meeting_id), 303)


@blp.post("/meetings/<uuid:meeting_id>/attendance/<uuid:absence_id>/take-back")
def take_back(meeting_id: UUID, absence_id: UUID) -> Response | tuple[str, int]:
    """Take back what was noted by mistake."""
    try:
        attendance.take_back_absence(*who(), absence_id)
    except (Invalid, Conflict) as problem:
        return _page(meeting_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("attendance.read_attendance", meeting_id=meeting_id), 303)


def _page(meeting_id: UUID, problem: HandslagError | None = None) -> str:
    with context.database().reading() as db:
        found = attendance.read_attendance(db, context.actor(), meeting_id)
    return flask.render_template(
        "meetings/attendance.html",
        found=found,
        meeting=found.meeting,
        body=found.body,
        labels={key: _(name) for key, name in LABELS.items()},
        people=lambda persons: [(person.id, person.name) for person in persons],
        grounds=[(key, meeting_terms.ground(key)) for key in attendance.GROUNDS],
        **fields.again(problem),
    )

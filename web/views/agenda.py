"""Agendas: in which order, and what became of each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import flask
from werkzeug.wrappers import Response

from committee import agenda, corrections, decisions, item_drafts, item_file, samrad
from committee.item_drafts import ItemDraft
from committee.organisations import Organization
from store.errors import Conflict, HandslagError, Invalid, NotFound
from web import context, fields, meeting_terms, problems, terms
from web.ids import row_id
from web.language import _
from web.terms import N_
from web.views.meetings import page_of, who

blp = flask.Blueprint("agenda", __name__)

WRITTEN = (
    "outcome", "text", "instruction", "method", "delegation_point", "immediate_adjustment",
    "region_position", "region_input", "municipal_position", "municipal_input",
)  # fmt: skip
"""What is kept while it is written."""

MOST_TEXT = 100_000
"""Characters of a paragraph."""
LABELS = {
    "outcome": N_("Outcome"),
    "text": N_("Text of the paragraph"),
    "instruction": N_("What is to be done before it comes back"),
    "method": N_("How it was decided"),
    "region_position": N_("The region"),
    "municipal_position": N_("The municipalities"),
    "reason": N_("Why"),
    "region_input": N_("The region"),
    "municipal_input": N_("The municipalities"),
    "description": N_("What has come"),
}
"""What the fields of the forms are called, for the summary of what is wrong."""


@blp.post("/agenda-items/<uuid:item_id>/order")
def order_item(item_id: UUID) -> Response | tuple[str, int]:
    """Put an item before another, or last, and come back to where one was."""
    form = flask.request.form
    with context.database().reading() as db:
        meeting_id = agenda.read_item(db, context.actor(), item_id).meeting_id
    try:
        agenda.order_item(*who(), item_id, _id(form.get("before_id")))
    except (Invalid, Conflict) as problem:
        return page_of(meeting_id, problem), problems.status_of(problem)
    # No fragment: with one, the browser would not give the focus to the arrow that was pressed.
    address = flask.url_for("meetings.read_meeting", meeting_id=meeting_id, moved=item_id, way=form.get("way"))
    return flask.redirect(address, 303)


@blp.post("/meetings/<uuid:meeting_id>/agenda")
def add_item(meeting_id: UUID) -> Response | tuple[str, int]:
    """Put a case on the agenda by hand."""
    form = flask.request.form
    try:
        case_id = _id(form.get("case_id"))
        if case_id is None or form.get("role") not in agenda.ROLES:
            raise fields.wrong("role", _("Choose a case, and what it is on the agenda for."))
        made = agenda.add_item(*who(), meeting_id, case_id, form["role"])
    except (Invalid, Conflict) as problem:
        return page_of(meeting_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("meetings.read_meeting", meeting_id=meeting_id) + f"#item-{made.id}", 303)


@blp.get("/agenda-items/<uuid:item_id>")
def read_item(item_id: UUID) -> str:
    """One item; `after` is the item that has just been recorded."""
    return _page(item_id)


@blp.get("/agenda-items/<uuid:item_id>/extract")
def read_extract(item_id: UUID) -> str:
    """The paragraph on a page of its own, made for paper (protokollsutdrag)."""
    actor = context.actor()
    with context.database().reading() as db:
        file = item_file.read_item_file(db, actor, item_id)
        tenant = db.get_one(Organization, actor.organization_id)
    if file.item.state != "handled":
        raise NotFound(_("There is no extract of this item: it has not been recorded what became of it."))
    return flask.render_template("meetings/extract.html", file=file, organization=tenant.name)


@blp.post("/agenda-items/<uuid:item_id>/outcome")
def record_outcome(item_id: UUID) -> Response | tuple[str, int]:
    """Record a paragraph, and go on to the next item."""
    form = flask.request.form

    def record() -> object:
        if form.get("outcome") not in decisions.OUTCOMES:
            raise fields.wrong("outcome", _("Choose what became of it."))
        if form.get("method") not in meeting_terms.METHODS:
            raise fields.wrong("method", _("Choose how it was decided."))
        return decisions.record_outcome(
            *who(),
            item_id,
            form["outcome"],
            fields.text(form, "text", longest=MOST_TEXT, asking=_("Write the text of the paragraph.")),
            immediate_adjustment="immediate_adjustment" in form,
            instruction=_optional("instruction"),
            method=form["method"],
            delegation_point=_optional("delegation_point"),
        )

    return _recorded(item_id, record)


@blp.post("/agenda-items/<uuid:item_id>/samrad")
def record_samrad(item_id: UUID) -> Response | tuple[str, int]:
    """Record where both sides stand, and go on to the next item."""
    form = flask.request.form

    def record() -> object:
        silent = [
            field for field in ("region_position", "municipal_position") if form.get(field) not in samrad.POSITIONS
        ]
        if silent:
            raise fields.wrong(silent, _("Choose where this side stands."))
        return samrad.record_samrad_outcome(
            *who(),
            item_id,
            region_position=form["region_position"],
            municipal_position=form["municipal_position"],
            region_input=_optional("region_input"),
            municipal_input=_optional("municipal_input"),
        )

    return _recorded(item_id, record)


@blp.post("/agenda-items/<uuid:item_id>/draft")
def keep_draft(item_id: UUID) -> str | tuple[str, int]:
    """Keep what is half written of an item, by itself when the writing pauses; says in a line how that went."""
    form = flask.request.form
    written = {name: form[name] for name in WRITTEN if name in form}
    try:
        draft = item_drafts.keep_draft(
            *who(), item_id, written, window=fields.window(form), version=form.get("version", 0, type=int)
        )
    except HandslagError as problem:
        return flask.render_template("kept.html", sentence=problems.sentence(problem)), problems.status_of(problem)
    return flask.render_template("kept.html", kept_at=draft.kept_at, version=draft.version)


@blp.post("/agenda-items/<uuid:item_id>/correct")
def correct(item_id: UUID) -> Response | tuple[str, int]:
    """Put right what was recorded, until it is adjusted."""
    form = flask.request.form
    version = form.get("version", type=int)
    try:
        if "text" in form:
            text = fields.text(form, "text", longest=MOST_TEXT, asking=_("Write the text of the paragraph."))
            corrections.correct_paragraph(*who(), item_id, text, version=version)
        else:
            inputs = {side: _optional(field) for side, field in samrad.INPUT_OF.items()}
            corrections.correct_positions(*who(), item_id, inputs, version=version)
    except (Invalid, Conflict) as problem:
        return _page(item_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("agenda.read_item", item_id=item_id), 303)


@blp.post("/agenda-items/<uuid:item_id>/withdraw")
def withdraw(item_id: UUID) -> Response | tuple[str, int]:
    """Take the item off its agenda."""
    try:
        reason = fields.text(flask.request.form, "reason", asking=_("Say why: whoever works with the case reads it."))
        made = agenda.withdraw_item(*who(), item_id, reason, version=flask.request.form.get("version", type=int))
    except (Invalid, Conflict) as problem:
        return _page(item_id, problem), problems.status_of(problem)
    address = flask.url_for("meetings.read_meeting", meeting_id=made.meeting_id, removed=made.id)
    return flask.redirect(address, 303)


@blp.post("/agenda-items/<uuid:item_id>/completions")
def supplement(item_id: UUID) -> Response | tuple[str, int]:
    """Note what has come after the summons."""
    try:
        come = fields.text(flask.request.form, "description", longest=1000, asking=_("Write what has come."))
        agenda.supplement_item(*who(), item_id, come)
    except (Invalid, Conflict) as problem:
        return _page(item_id, problem), problems.status_of(problem)
    return flask.redirect(flask.url_for("agenda.read_item", item_id=item_id), 303)


def _recorded(item_id: UUID, record: Callable[[], object]) -> Response | tuple[str, int]:
    """Record an item and go on to the next that is left; after the last, back to the meeting."""
    try:
        record()
    except (Invalid, Conflict) as problem:
        return _page(item_id, problem), problems.status_of(problem)
    with context.database().reading() as db:
        item = agenda.read_item(db, context.actor(), item_id)
        left = agenda.confirmed(db, item.meeting_id)
    following = next((each for each in left if each.position > item.position), next(iter(left), None))
    if following is None:
        return flask.redirect(flask.url_for("meetings.read_meeting", meeting_id=item.meeting_id), 303)
    return flask.redirect(flask.url_for("agenda.read_item", item_id=following.id, after=item_id), 303)


def _page(item_id: UUID, problem: HandslagError | None = None) -> str:
    with context.database().reading() as db:
        file = item_file.read_item_file(db, context.actor(), item_id)
        draft = item_drafts.draft_of(db, context.actor(), item_id) if file.may_record else None
    methods = ["acclamation", "vote", *(["minority"] if file.body.kind == "assembly" else [])]
    after = flask.request.args.get("after")
    return flask.render_template(
        "meetings/item.html",
        file=file,
        before=file.beside(-1),
        after=file.beside(1),
        recorded=next((each for each in file.agenda if str(each.id) == after and each.state == "handled"), None),
        labels={key: _(name) for key, name in LABELS.items()},
        outcomes=[(key, terms.status(key)) for key in file.outcomes],
        positions=[(key, meeting_terms.position(key)) for key in samrad.POSITIONS],
        methods=[(key, _(meeting_terms.METHODS[key])) for key in methods],
        inputs=samrad.INPUT_OF,
        lost=flask.request.form.get("text") or any(flask.request.form.get(field) for field in samrad.INPUT_OF.values()),
        **fields.again(problem) | {"written": _written(draft)},
        draft=draft,
        window=fields.new_window(),
        points=[(point.point, f"{point.point} {point.matter}") for point in file.points],
    )


def _written(draft: ItemDraft | None) -> Mapping[str, str]:
    """What was sent and refused, over what has been kept: of a form that is sent, what it leaves out was taken out."""
    sent = flask.request.form
    return sent if draft is None or any(name in sent for name in WRITTEN) else {**draft.content, **sent}


def _optional(field: str) -> str | None:
    """A text that may be left out."""
    return fields.optional_text(flask.request.form, field, longest=MOST_TEXT) or None


def _id(written: str | None) -> UUID | None:
    """An id from a hidden field. Raises Invalid for one that no page of ours has written."""
    found = row_id(written)
    if written and found is None:
        raise Invalid(_("This button is not known. Open the page again."))
    return found

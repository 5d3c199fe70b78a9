"""What a municipality has been asked: its list, each question with its documents, and its answer.

For people of organisations outside the region. The region's own people see the same from their case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, cast
from uuid import UUID

import flask
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from committee import asked, consultee_extensions, referrals, tasks
from committee.access import Actor
from committee.asked import GROUPS, Asked
from committee.filing import Upload
from committee.referrals import Consultee
from engine.models import Task
from store.database import Database
from store.errors import Conflict, HandslagError, Invalid, NotFound, TooLarge, Unavailable
from store.paging import Ask, select_page
from web import context, fields, forms, problems, taskform
from web.language import _
from web.taskform import Refusal, TaskForm
from web.terms import N_
from web.views.case_documents import ENVELOPE_BYTES
from web.views.tasks import keep, keep_refused, save

blp = flask.Blueprint("municipality", __name__)

WAYS = ("questions", "file", "time", "abstain")
"""What one can do with a question: write an answer, hand in a statement, ask for more time, or abstain."""
SORTS = {"reply_by": Consultee.reply_by, "answered_at": Consultee.answered_at}
REFUSALS = (Invalid, Conflict, TooLarge, Unavailable)
LONGEST_REASON = 2000
LABELS = {
    "new_date": N_("Until when"),
    "reason": N_("Why"),
    "decided_by": N_("Who decided it with you: body, day and paragraph, or a delegate"),
}
"""Of the fields with which one abstains or asks for more time."""


@blp.get("/consultations")
def list_asked() -> str:
    """What the reader's municipality has been asked: what waits for an answer, and what became of the rest."""
    actor, wanted = context.actor(), flask.request.args.get("group", "")
    if actor.is_internal:
        raise NotFound("There is no such page.")
    group = wanted if wanted in GROUPS else "open"
    sort = "-answered_at" if group in ("answered", "abstained") else "reply_by" if group == "open" else "-reply_by"
    with context.database().reading() as db:
        found = asked.find_asked(actor, group)
        page = select_page(db, found, Ask(sort, flask.request.args.get("cursor")), SORTS, Consultee.id)
        rows, counts = asked.described(db, page.items), asked.count_asked(db, actor)
    return flask.render_template("municipality/list.html", page=page, rows=rows, counts=counts, group=group)


@blp.get("/consultations/<uuid:consultee_id>")
def read_asked(consultee_id: UUID) -> Response | str:
    """One question: what is asked, until when, and the answer as it stands."""
    actor = context.actor()
    if actor.is_internal:
        with context.database().reading() as db:
            case_id = referrals.case_id_of(db, referrals.read_consultee(db, actor, consultee_id))
        return flask.redirect(flask.url_for("consultations.read_statements", case_id=case_id))
    return _page(consultee_id)


@blp.post("/consultations/<uuid:consultee_id>/answer")
def hand_in(consultee_id: UUID) -> Response | tuple[str, int]:
    """Hand the answer in, or keep it half written. What is refused comes back as it was written."""
    flask.request.max_content_length = context.settings().max_upload_bytes + ENVELOPE_BYTES
    form = flask.request.form
    with context.database().reading() as db:
        found = _read(db, consultee_id)
        step = found.task or found.ended
        schema = tasks.form_of(db, step) if step is not None else None
    values = forms.read(schema, form) | taskform.homeless(schema, form)
    try:
        if found.task is None:
            raise Conflict(asked.GONE)
        if form.get("action") == "draft":
            save(found.task.id, values)
            return _there(consultee_id, way=form.get("way"))
        taskform.require_same_form(found.task, form)
        keep(_handing_in(consultee_id, _uploads()), found.task.id, values)
    except REFUSALS as refused:
        problem = keep_refused(found.task.id, values, refused) if found.task is not None else refused
        return _page(consultee_id, problem, values), problems.status_of(problem)
    return _there(consultee_id, done="answered")


@blp.post("/consultations/<uuid:consultee_id>/more-time")
def ask_extension(consultee_id: UUID) -> Response | tuple[str, int]:
    """Ask for more time."""
    form = flask.request.form

    def ask() -> None:
        day, reason = fields.both(
            lambda: fields.day(form, "new_date"), lambda: fields.text(form, "reason", longest=LONGEST_REASON)
        )
        consultee_extensions.ask_extension(context.database(), context.actor(), consultee_id, day, reason)

    return _done(consultee_id, ask, "asked")


@blp.post("/consultations/<uuid:consultee_id>/abstain")
def abstain(consultee_id: UUID) -> Response | tuple[str, int]:
    """Say that one does not answer."""
    form = flask.request.form

    def say_so() -> None:
        reason = fields.text(form, "reason", longest=LONGEST_REASON)
        decided_by = fields.optional_text(form, "decided_by", longest=200) or None
        asked.abstain(context.database(), context.actor(), consultee_id, reason, decided_by=decided_by)

    return _done(consultee_id, say_so, "abstained")


def _done(consultee_id: UUID, verb: Callable[[], None], outcome: str) -> Response | tuple[str, int]:
    try:
        verb()
    except REFUSALS as problem:
        return _page(consultee_id, problem), problems.status_of(problem)
    return _there(consultee_id, done=outcome)


def _there(consultee_id: UUID, *, way: str | None = None, done: str | None = None) -> Response:
    address = flask.url_for("municipality.read_asked", consultee_id=consultee_id, way=way, done=done)
    return flask.redirect(address, 303)


def _read(db: Session, consultee_id: UUID) -> Asked:
    if context.actor().is_internal:
        raise NotFound("There is no such page.")
    return asked.read_asked(db, context.actor(), consultee_id)


def _uploads() -> list[Upload]:
    """The files that came, which in one way of answering are the answer."""
    sent = [file for file in flask.request.files.getlist("file") if file.filename]
    if not sent and flask.request.form.get("way") == "file":
        raise Invalid(
            _("The statement is missing."), errors=[{"field": "file", "sentence": _("Choose the file with it.")}]
        )
    return [Upload(file.filename or "", cast("BinaryIO", file.stream)) for file in sent]


def _handing_in(consultee_id: UUID, uploads: Sequence[Upload]) -> Callable[..., Task]:
    def verb(
        store: Database, actor: Actor, _task_id: UUID, values: Mapping[str, Any], *, version: int | None = None
    ) -> Task:
        return asked.hand_in(store, context.files(), actor, consultee_id, values, uploads, version=version)

    return verb


def _page(consultee_id: UUID, problem: HandslagError | None = None, written: Mapping[str, Any] | None = None) -> str:
    """The question with the way of answering that is wanted, and with what was written in it and refused."""
    actor, args = context.actor(), flask.request.values
    with context.database().reading() as db:
        found = _read(db, consultee_id)
        step = found.task or found.ended
        refusal = Refusal(step.id, written, problem) if problem and step and written is not None else None
        filled = taskform.of(db, actor, step, found.people, refusal) if step is not None else None
    form = filled if found.task is not None else None
    way = args.get("way", "questions" if form is not None and form.task.draft else "")
    has_asked = way == "time" and found.consultee.status == "extension_asked"
    unsent = filled.said if filled and not form and not found.consultee.answered_at else ()
    is_shown_again = form is not None and form.may_do and not has_asked
    return flask.render_template(
        "municipality/one.html",
        found=found,
        form=form,
        said=_said(found, form),
        unsent=unsent,
        is_shown_again=is_shown_again,
        left=[each for each in _left(filled) if each not in unsent],
        way=way if way in WAYS else "",
        had_files=any(file.filename for file in flask.request.files.values()),
        max_bytes=context.settings().max_upload_bytes,
        **fields.again(problem),
    )


def _said(found: Asked, form: TaskForm | None) -> list[tuple[str, str]]:
    """What was answered, by the labels of the form in which it was; the stance and who decided stand by themselves."""
    consultee = found.consultee
    if form is None or form.task.state != "completed":
        return [(_("What was written"), consultee.answer_text)] if consultee.answer_text else []
    told_apart = ("answer_kind", "answers", "decided_by")
    said = [
        each for each in form.inputs if each.key and each.key not in told_apart and each.value not in (None, "", [])
    ]
    return [*found.referral.answered(consultee), *((each.label, forms.shown(each, each.value)) for each in said)]


def _left(form: TaskForm | None) -> list[tuple[str, str]]:
    """What was written for a question that takes nothing any more: label and text, to be copied."""
    sent = flask.request.form
    own = [(_(label), sent[name]) for name, label in LABELS.items() if sent.get(name, "").strip()]
    return [*(form.left if form else ()), *own, *((_("What was written"), text) for text in _homeless(form))]


def _homeless(form: TaskForm | None) -> list[str]:
    """What was written in fields that the form no longer has: it is shown, so that it can be moved by hand."""
    known = {each.name for each in form.inputs} if form is not None else set()
    sent = flask.request.form.items(multi=True)
    return [text for name, text in sent if name.startswith(forms.PREFIX) and name not in known and text.strip()]

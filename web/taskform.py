"""The form of a task as a page shows it: on the task's own page, and on the case's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from committee import asked, asking, briefing, consultations, tasks, worklist
from committee.access import Actor
from committee.documents import File
from committee.organisations import Person, holders
from committee.samrad import SamradOutcome
from engine import incidents
from engine.models import Incident, Instance, Task
from store.errors import Conflict, HandslagError, Stale
from web import fields, forms, problems, words
from web.forms import Input
from web.language import _


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was written in a form that could not be accepted, and why."""

    task_id: UUID
    written: Mapping[str, Any]
    problem: HandslagError


@dataclass(frozen=True, slots=True)
class TaskForm:
    """A task with its form, filled in."""

    task: Task
    inputs: Sequence[Input]
    advice: str
    """How it is done, as whoever drew the step says."""
    sending: asking.Sending | None
    """What goes out when it is done."""
    given: Sequence[tuple[str, str]]
    """What the step is given, in words."""
    errors: Mapping[str, str]
    """What is wrong with a field, by its key."""
    problem: str
    theirs: Sequence[tuple[str, str]]
    """What somebody else has written meanwhile where it differs: label and text."""
    kept_at: datetime | None
    """When all that stands in the form was kept by its reader; None where it was not, or where nothing was."""
    is_unkept: bool
    """Whether what stands in the form was refused and could not even be kept."""
    writer: Person | None
    """Somebody else who keeps a half-written form of the same task."""
    may_do: bool
    successors: Mapping[tuple[str, str], Sequence[Person]]
    """To whom the reader, who has taken it, can hand it over: by role and body."""
    can_be_left: bool
    """Whether there is something to write, and so to keep."""
    papers: Sequence[File]
    """What there is to read before it is done."""
    stood: Sequence[SamradOutcome]
    """Where the sides stood at the samråd that it is adapted to."""
    reads_answers: bool
    """Whether it works on what those who were asked have answered."""
    said: Sequence[tuple[str, str]]
    """What was written in a step that is done, or ended before it was: label and text."""
    stopped: Incident | None
    """What stopped it when it was handed in last, until the operator has mended that."""
    homeless: Sequence[str]
    """What was written where the form asks for nothing any more."""
    left: Sequence[tuple[str, str]]
    """What the reader has written in a step that others have done or taken meanwhile: it can only be copied."""
    window: str
    """What this page is called among its reader's windows."""
    seen: str
    """By what to know the half-written form that it was filled in from."""


def of(
    db: Session, actor: Actor, task: Task, people: Mapping[UUID | None, Person], refusal: Refusal | None = None
) -> TaskForm:
    """The form of a task; what was written and refused goes before what was kept."""
    instance = db.get_one(Instance, task.instance_id)  # held: a session forgets what nobody holds, and asks for it anew
    schema = tasks.form_of(db, task)
    may_do = tasks.may_do(actor, task)
    papers = briefing.papers(db, actor, task) if task.state == "open" else []
    kept = task.draft or tasks.said(task) or briefing.begun(db, task, schema, papers)
    choices = _choices(db, actor, task, schema)
    inputs = list(forms.inputs(schema, refusal.written if refusal and may_do else kept, choices))
    other = people.get(task.drafted_by) if task.draft and task.drafted_by != actor.person_id else None
    problem = refusal.problem if refusal else None
    unasked_for = unasked(schema, task.draft)
    is_unkept = refusal is not None and filled(unasked_for | dict(refusal.written)) != filled(task.draft or {})
    return TaskForm(
        task=task,
        stood=briefing.stood(db, actor, task, papers),
        reads_answers=task.case_id is not None and task.form in briefing.ANSWERS,
        inputs=inputs,
        advice=tasks.advice(db, task) if task.state == "open" else "",
        sending=asking.sending(db, task),
        given=[(label, shown) for label, value in tasks.told(db, task) if (shown := words.value(value))],
        errors=fields.errors(problem),
        problem=problems.sentence(problem) if problem else "",
        theirs=_theirs(inputs, kept) if isinstance(problem, Stale) else (),
        kept_at=task.drafted_at if task.draft and not (other or is_unkept) else None,
        is_unkept=is_unkept,
        writer=other,
        may_do=may_do,
        successors=worklist.successors(db, actor, [task]) if may_do and task.assignee_id == actor.person_id else {},
        can_be_left=any(each.key for each in inputs),
        papers=papers,
        said=_told(inputs, kept) if task.state == "completed" or (task.state == "cancelled" and task.draft) else (),
        stopped=_stopped(db, task, instance),
        homeless=[words.value(value) for value in unasked_for.values()] if task.state == "open" and may_do else (),
        left=_told(inputs, refusal.written) if refusal and not may_do else (),
        window=fields.new_window(),
        seen=seen(task),
    )


def _stopped(db: Session, task: Task, instance: Instance) -> Incident | None:
    if task.state != "open" or not instance.has_incident:
        return None
    return incidents.of_task(db, instance.id, str(task.id))


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """What has been written or chosen of it."""
    return {name: value for name, value in values.items() if value not in (None, "", [], False)}


def homeless(schema: Mapping[str, Any] | None, sent: MultiDict[str, str]) -> dict[str, str]:
    """What was written in fields that the form does not have: the page was opened with another version of it."""
    known = {each.name for each in forms.inputs(schema, {})}
    named = {name: text for name, text in sent.items() if name.startswith(forms.PREFIX) and text.strip()}
    return {name.removeprefix(forms.PREFIX): text for name, text in named.items() if name not in known}


def unasked(schema: Mapping[str, Any] | None, draft: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was kept in fields that the form no longer has."""
    known = {each.key for each in forms.inputs(schema, {})}
    return {name: value for name, value in (draft or {}).items() if name not in known}


def require_same_form(task: Task, sent: MultiDict[str, str]) -> None:
    """Refuse what was written in another version of the form: what has no field any more would be lost unseen.

    Raises Conflict.
    """
    written_in = sent.get("form_version")
    if written_in is not None and written_in != str(task.form_definition_id):
        raise Conflict(
            _("The form has changed since you opened the page. Look through what you wrote, and send it again.")
        )


def seen(task: Task) -> str:
    """By what to know again the half-written form that a page shows: the same as long as nothing else is kept."""
    return digest(task.draft or {})


def digest(values: Mapping[str, Any]) -> str:
    """By what to know again what is written in a form."""
    return hashlib.sha256(orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _choices(db: Session, actor: Actor, task: Task, schema: Mapping[str, Any] | None) -> forms.Choices:
    """What the register knows and nobody should have to write: who and what can be chosen, what has been asked."""
    known: Mapping[str, Callable[[], list[tuple[str, str]]]] = {
        "officers": lambda: [(str(each.id), each.name) for each in holders(db, actor.organization_id, "officer")],
        "case_documents": lambda: _documents(db, actor, task),
        "questions": lambda: [("", question) for question in asked.questions_of(db, task)],
    }
    return {name: known[name]() for name in forms.asks_for(schema) if name in known}


def _documents(db: Session, actor: Actor, task: Task) -> list[tuple[str, str]]:
    """Those of the case that can be sent out, by their place in its register."""
    found = consultations.find_sendable(actor, task.case_id) if task.case_id is not None else None
    return [(str(each.id), f"{each.serial}. {each.title}") for each in db.scalars(found)] if found is not None else []


def chosen(db: Session, task: Task) -> str:
    """What was chosen in a step that is done, in the words of its form, with what was asked; empty where nothing was."""
    said = tasks.said(task)
    radios = [each for each in forms.inputs(tasks.form_of(db, task), said) if each.type == "radio" and each.key in said]
    return " ".join(f"{_asking(each.label)} {forms.shown(each, said[each.key])}." for each in radios)


def told(db: Session, task: Task, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Label and text of what was written in some fields of a step that is done."""
    said = tasks.said(task)
    return _told([each for each in forms.inputs(tasks.form_of(db, task), said) if each.key in keys], said)


def _asking(label: str) -> str:
    return label if label.endswith("?") else f"{label}:"


def _told(inputs: Sequence[Input], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and text of what was written."""
    return [
        (each.label, forms.shown(each, values[each.key]))
        for each in inputs
        if values.get(each.key) not in (None, "", [])
    ]


def _theirs(inputs: Sequence[Input], kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (each.label, forms.shown(each, kept[each.key]))
        for each in inputs
        if each.key in kept and kept[each.key] != each.value
    ]

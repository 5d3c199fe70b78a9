"""What an operator watches and mends: mail that does not go out, timers that do not fire, backups of what there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, select
from sqlalchemy.orm import Session

from committee import access, processes
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.meetings import Meeting
from committee.organisations import Body
from committee.referrals import Consultee, Referral
from committee.worklist import by_id
from engine import definitions, messages, timers
from engine.models import Incident, Instance, Message, Task, Timer
from store import clock, events
from store.backup import backup
from store.database import Database
from store.errors import Conflict, Invalid, NotFound
from store.events import Outbox
from store.settings import Settings

WATCHERS = ("operator",)
LONGEST_REASON = 2000
MOST_IN_ONE = 200
"""Mails that are sent again in one transaction."""
MOST_COUNTED = 1000
"""Of each thing that there is: whoever sees more need not know how many, and counting them all would take its time."""

_REFUSED = (Outbox.state == "pending", Outbox.attempts > 0, Outbox.error.is_not(None))
"""Mail that the server did not take, or that did not reach it, and that will be tried again by itself."""


class MailNotFound(NotFound):
    """No such mail."""

    code = "mail_not_found"


@dataclass(frozen=True, slots=True)
class Health:
    """How the installation is doing: counts of what waits and of what is wrong."""

    counts: Mapping[str, int]
    """At most one more than MOST_COUNTED, which then stands for all that there are beyond it."""
    oldest_due: datetime | None
    """The timer that should have fired first, of those that have not; None when none is late."""


def health(db: Session, actor: Actor) -> Health:
    """What there is to see to. The names are those of the metrics (docs/operations.md)."""
    access.require(actor, *WATCHERS)
    asked = {name: counted(found.limit(MOST_COUNTED + 1)) for name, found in questions(actor.organization_id).items()}
    row = db.execute(select(*(count.scalar_subquery().label(name) for name, count in asked.items()))).one()
    late = timers.late(clock.now()).subquery()
    return Health(
        {name: int(count or 0) for name, count in row._mapping.items()}, db.scalar(select(func.min(late.c.due_at)))
    )


def questions(organization_id: UUID | None = None) -> dict[str, Select[UUID]]:
    """What is counted, by the name of its metric: of one organisation, or of the whole installation.

    Timers that are due are the worker's, which serves all organisations.
    """
    now, is_open = clock.now(), literal("open", literal_execute=True)  # in the statement: the index is of open tasks

    def found(table: Any, *conditions: ColumnElement[bool]) -> Select[UUID]:
        own = () if organization_id is None else (table.organization_id == organization_id,)
        return select(table.id).where(*own, *conditions)

    return {
        "incidents_open": found(Incident, Incident.state == "open"),
        "timers_due": timers.late(now).with_only_columns(Timer.id),
        "outbox_failed": found(Outbox, Outbox.state == "failed"),
        "outbox_pending": found(Outbox, Outbox.state == "pending"),
        "outbox_refused": found(Outbox, *_REFUSED),
        "messages_waiting": found(Message, Message.state == literal("waiting", literal_execute=True)),
        "instances_running": found(Instance, Instance.status == "running"),
        "instances_suspended": found(Instance, Instance.suspended_at.is_not(None)),
        "tasks_open": found(Task, Task.state == is_open),
        "tasks_overdue": found(Task, Task.state == is_open, Task.due_on < clock.today()),
    }


def counted(found: Select[UUID]) -> Select[int]:
    """How many rows there are of what one of the questions finds."""
    return select(func.count()).select_from(found.subquery())


def find_mail(actor: Actor, *, state: str = "failed") -> Select[Outbox]:
    """What is to be sent (of it what has been `refused`), was sent, or could not be sent."""
    access.require(actor, *WATCHERS)
    meant = _REFUSED if state == "refused" else (Outbox.state == state,)
    return select(Outbox).where(Outbox.organization_id == actor.organization_id, *meant)


def find_timers(actor: Actor, *, late: bool = False) -> Select[Timer]:
    """The timers that have a day, or those of them that should have fired; those that could not be fired too."""
    access.require(actor, *WATCHERS)
    found = select(Timer).where(Timer.organization_id == actor.organization_id, Timer.due_at.is_not(None))
    return found.where(Timer.id.in_(questions()["timers_due"])) if late else found


def find_messages(actor: Actor) -> Select[Message]:
    """What has been told to processes that do not wait for it yet."""
    access.require(actor, *WATCHERS)
    return select(Message).where(Message.organization_id == actor.organization_id, Message.state == "waiting")


def subjects_of(db: Session, actor: Actor, found: Iterable[Message]) -> dict[UUID, tuple[UUID | None, UUID | None]]:
    """The ids of the case and of the meeting that each message is about, as far as its keys tell."""
    access.require(actor, *WATCHERS)
    keys = {each.id: {name: _id(value) for name, value in messages.keys_of(each).items()} for each in found}
    items = by_id(db, AgendaItem, (named.get("agenda_item_id") for named in keys.values()))
    asked = by_id(db, Consultee, (named.get("consultee_id") for named in keys.values()))
    referrals = by_id(db, Referral, (each.referral_id for each in asked.values()))
    cases = {key: item.case_id for key, item in items.items()}
    cases |= {key: referrals[each.referral_id].case_id for key, each in asked.items()}
    return {
        message_id: (
            named.get("case_id") or cases.get(named.get("agenda_item_id") or named.get("consultee_id")),
            named.get("meeting_id"),
        )
        for message_id, named in keys.items()
    }


def _id(value: object) -> UUID | None:
    """What a message from outside gives for an id may be anything."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def send_again(store: Database, actor: Actor, mail_id: UUID) -> Outbox:
    """Let a mail that could not be sent be tried from the beginning. Raises MailNotFound, Conflict."""
    access.require(actor, *WATCHERS)
    with store.transaction() as db:
        row = _failed(db, actor, mail_id)
        _try_again(db, actor, row)
        return row


def send_all_again(store: Database, actor: Actor) -> int:
    """Let all mail that could not be sent be tried from the beginning, some at a time; say how many there were."""
    access.require(actor, *WATCHERS)
    done = 0
    while (some := _send_some_again(store, actor)) > 0:
        done += some
    return done


def _send_some_again(store: Database, actor: Actor) -> int:
    with store.transaction() as db:
        failed = find_mail(actor).order_by(Outbox.created_at, Outbox.id).limit(MOST_IN_ONE)
        rows = db.scalars(failed.with_for_update(skip_locked=True)).all()
        for row in rows:
            _try_again(db, actor, row)
        return len(rows)


def give_up(store: Database, actor: Actor, mail_id: UUID, reason: str) -> Outbox:
    """Never send a mail that could not be sent; why stays in the history. Raises MailNotFound, Conflict, Invalid."""
    access.require(actor, *WATCHERS)
    with store.transaction() as db:
        row = _failed(db, actor, mail_id)
        row.given_up_because = require_reason(reason)
        row.state, row.given_up_at, row.given_up_by = "given_up", clock.now(), actor.person_id
        _record(db, actor, row, "mail.given_up", {"reason": row.given_up_because})
        return row


def skip_incident(store: Database, actor: Actor, incident_id: UUID, reason: str) -> Incident:
    """Close an incident without doing its step again. Raises NotFound, Conflict, Invalid."""
    return processes.skip_incident(store, actor, incident_id, require_reason(reason))


def names_of_elements(
    db: Session, rows: Iterable[Timer | Incident], instances: Mapping[UUID | None, Instance]
) -> dict[UUID, str]:
    """What the diagrams call the elements of rows, by the row; those without a name are left out."""
    found: dict[UUID, str] = {}
    for row in rows:
        instance = instances.get(row.instance_id)
        version = instance.definition_id if instance is not None else beginning(row)
        node = definitions.compiled(db, version).nodes.get(row.element_id or "") if version is not None else None
        if node is not None and node.name:
            found[row.id] = node.name
    return found


def beginning(row: Timer | Incident) -> UUID | None:
    """The version of the process that was to begin when a step failed; None for what is of one that had begun."""
    return _id(row.action_data.get("definition_id")) if isinstance(row, Incident) else None


def meetings(db: Session, actor: Actor, ids: Iterable[UUID | None]) -> dict[UUID, tuple[Meeting, Body]]:
    """Meetings of the organisation with the body that meets, by id."""
    access.require(actor, *WATCHERS)
    asked = select(Meeting, Body).join(Body, Body.id == Meeting.body_id)
    asked = asked.where(Meeting.organization_id == actor.organization_id, Meeting.id.in_({*ids} - {None}))
    return {meeting.id: (meeting, body) for meeting, body in db.execute(asked)}


def meetings_of(db: Session, actor: Actor, instance_ids: Iterable[UUID]) -> dict[UUID, tuple[Meeting, Body]]:
    """The meetings that processes carry, with the body that meets, by the process."""
    access.require(actor, *WATCHERS)
    found = db.execute(
        select(Meeting, Body)
        .join(Body, Body.id == Meeting.body_id)
        .where(Meeting.organization_id == actor.organization_id, Meeting.instance_id.in_(set(instance_ids)))
    )
    return {meeting.instance_id: (meeting, body) for meeting, body in found if meeting.instance_id is not None}


def require_reason(reason: str) -> str:
    """The reason as it is kept. Raises Invalid for none, or for one that is too long."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid("Say why, in at most 2,000 characters.")
    return reason


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the embedded database in a file beside it."""

    name: str
    made_at: datetime
    size: int
    """Bytes."""


def backups(store: Database, settings: Settings, actor: Actor) -> list[Backup] | None:
    """The backups made here, the last first; None on PostgreSQL, which has tools of its own for that."""
    access.require(actor, *WATCHERS)
    if not store.is_sqlite:
        return None
    found = [(path, path.stat()) for path in sorted(backup_folder(settings, actor).glob("handslag-*.db"), reverse=True)]
    return [Backup(path.name, datetime.fromtimestamp(about.st_mtime, UTC), about.st_size) for path, about in found]


def back_up(store: Database, settings: Settings, actor: Actor) -> Path:
    """Copy the embedded database as it is at one instant. Raises Invalid on PostgreSQL, Conflict twice in a second.

    The file is a thing of the machine and is named by its clock: where time is simulated it may stand still for months.
    """
    folder = backup_folder(settings, actor)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"handslag-{clock.machine_now():%Y%m%d-%H%M%S}.db"
    backup(store, target)
    return target


def backup_folder(settings: Settings, actor: Actor) -> Path:
    """Where they lie on the machine that serves the pages."""
    access.require(actor, *WATCHERS)
    return (settings.data_dir / "backups").resolve()


def _failed(db: Session, actor: Actor, mail_id: UUID) -> Outbox:
    """A mail that could not be sent, locked. Raises MailNotFound, Conflict."""
    own = and_(Outbox.id == mail_id, Outbox.organization_id == actor.organization_id)
    row = db.scalar(select(Outbox).where(own).with_for_update())
    if row is None:
        raise MailNotFound("There is no such mail.")
    if row.state != "failed":
        raise Conflict("This mail is not among those that failed. Look at the list again.")
    return row


def _try_again(db: Session, actor: Actor, row: Outbox) -> None:
    row.state, row.attempts, row.due_at = "pending", 0, clock.now()
    _record(db, actor, row, "mail.sent_again", {})


def _record(db: Session, actor: Actor, row: Outbox, type_: str, data: Mapping[str, str]) -> None:
    events.record(
        db, row.organization_id, type_, "outbox", row.id, actor_id=actor.person_id, case_id=row.case_id, data=data
    )

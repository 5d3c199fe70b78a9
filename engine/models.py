"""The engine's tables. Everything that people and queries read is here; the kernel's state is opaque bytes.

State machines:
- instance: running -> completed | cancelled | failed (a called process, by an error that its caller catches);
  `incident` is a flag beside it: a step failed, the last good state is kept and an operator may retry;
  `suspended_at` another: an operator holds it, with all that it called, until it is resumed.
- task: open -> completed | cancelled. Claiming sets `assignee_id`, it is not a state.
- timer, subscription: rows that exist while the wait exists.
- message: waiting (nobody waits for it yet) -> delivered | expired.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Identified, Versioned
from store.said import OneSentence


class Resource(Identified, Base):
    """A deployed file by content: a diagram, decision table or form, stored once."""

    __tablename__ = "resource"

    sha256: Mapped[str]
    content: Mapped[bytes]

    __table_args__ = (UniqueConstraint("organization_id", "sha256"),)


class Deployment(Identified, Base):
    """Files that were put in use together; a call activity with binding `deployment` stays within it."""

    __tablename__ = "deployment"

    deployed_at: Mapped[datetime]
    deployed_by: Mapped[UUID | None]


class Definition(Identified, Base):
    """One version of one process, decision file or form. Never changed after it was deployed."""

    __tablename__ = "definition"

    kind: Mapped[str]
    """`process`, `decisions` or `form`."""
    key: Mapped[str]
    """Id of the process, or name of the file without its ending for decisions and forms."""
    number: Mapped[int]
    """Version, counted from 1 for each key."""
    name: Mapped[str]
    version_tag: Mapped[str | None]
    file_name: Mapped[str]
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id"), index=True)
    deployed_at: Mapped[datetime]
    start_form: Mapped[str | None]
    """The form of the start event at which a person starts the process; None where only something else starts it."""
    starts: Mapped[list[str]] = mapped_column(default=list)
    """What starts an instance when it is published: `message:ReferralReceived`, `signal:Storm`, `conditional:`."""

    __table_args__ = (UniqueConstraint("organization_id", "kind", "key", "number"),)


class Instance(Identified, Versioned, Base):
    """One running or ended process instance; a call activity's instance has a parent."""

    __tablename__ = "instance"

    definition_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"))
    process_key: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    """What the instance is about, for the layers above; the engine only carries it."""
    root_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    """The topmost of those that called one another, itself where nobody called it: the one that a step locks first."""
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"), index=True)
    parent_key: Mapped[str | None]
    """Kernel key of the call activity in the parent."""
    parent_element_id: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="running")
    has_incident: Mapped[bool] = mapped_column(default=False)
    suspended_at: Mapped[datetime | None]
    """While it is suspended: since when, by whom and why."""
    suspended_by: Mapped[UUID | None]
    suspension_reason: Mapped[str | None]
    held_signals: Mapped[list[Any]] = mapped_column(default=list)
    """Signals that came while it was suspended: {"key", "payload"}, to be given to it when it is resumed."""
    state: Mapped[bytes]
    """The kernel's state. Bytes, never JSON: key order matters to it."""
    advances: Mapped[int] = mapped_column(default=0)
    """Counts whenever it goes on, is changed by hand or migrated; suspending and resuming it alone do not count."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error_code: Mapped[str | None]

    __table_args__ = (
        Index(
            "ix_instance_called",
            "organization_id",
            "parent_element_id",
            "ended_at",
            postgresql_where=text("parent_element_id IS NOT NULL"),
            sqlite_where=text("parent_element_id IS NOT NULL"),
        ),
        Index("ix_instance_definition", "definition_id", "status"),
        Index("ix_instance_started", "organization_id", "status", "started_at", "id"),
        Index(
            "ix_instance_incident",  # has_incident also as a column: SQLite takes the index of which it can use the most
            "organization_id",
            "status",
            "has_incident",
            "started_at",
            "id",
            postgresql_where=text("has_incident"),
            sqlite_where=text("has_incident = 1"),
        ),
        Index(
            "ix_instance_suspended",
            "organization_id",
            "status",
            "started_at",
            "id",
            postgresql_where=text("suspended_at IS NOT NULL"),
            sqlite_where=text("suspended_at IS NOT NULL"),
        ),
    )


class Task(Identified, Versioned, Base):
    """Work that waits for a person."""

    __tablename__ = "task"

    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    key: Mapped[str]
    """Kernel key of the wait."""
    process_key: Mapped[str]
    element_id: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    suspended: Mapped[bool] = mapped_column(default=False)
    """Its instance is suspended; kept here too, so that lists show it."""
    assignee_id: Mapped[UUID | None]
    candidate_body_id: Mapped[UUID | None]
    """The body whose members may do it."""
    candidate_role: Mapped[str | None]
    """The role that they must have in it."""
    form: Mapped[str | None]
    form_definition_id: Mapped[UUID | None]
    """The version of the form that the task was opened with; it stays, so that an open page stays right."""
    operation: Mapped[str | None]
    locals: Mapped[dict[str, Any]]
    due_on: Mapped[date | None]
    """The day by which it should be done, in Europe/Stockholm."""
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[UUID | None]
    result: Mapped[dict[str, Any] | None]
    draft: Mapped[dict[str, Any] | None]
    drafted_at: Mapped[datetime | None]
    """When what is half written was last kept, and by whom: so that a second person at the task can see the first."""
    drafted_by: Mapped[UUID | None]
    drafted_in: Mapped[str | None]
    """In which window of theirs, by a name that its page has made: what another window writes does not go over it unseen."""

    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        Index(
            "ix_task_body_open",
            "candidate_body_id",
            "candidate_role",
            "due_on",
            "id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_task_assignee_open",
            "organization_id",
            "assignee_id",
            "due_on",
            "id",
            postgresql_where=text("state = 'open' AND assignee_id IS NOT NULL"),
            sqlite_where=text("state = 'open' AND assignee_id IS NOT NULL"),
        ),
        Index(
            "ix_task_step_open",
            "organization_id",
            "candidate_body_id",
            "element_id",
            "due_on",
            "name",
            "process_key",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_task_done",
            "organization_id",
            "process_key",
            "completed_at",
            "element_id",
            "created_at",
            postgresql_where=text("state = 'completed'"),
            sqlite_where=text("state = 'completed'"),
        ),
        Index(
            "ix_task_longest_open",
            "organization_id",
            "created_at",
            "id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_task_due_open",
            "organization_id",
            "due_on",
            "id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )


class Timer(Identified, Base):
    """An instant at which an instance is to be stepped. `due_at` is None while its deadline has no date yet."""

    __tablename__ = "timer"

    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    key: Mapped[str]
    element_id: Mapped[str]
    type: Mapped[str]
    """`timeDate`, `timeDuration` or `timeCycle`."""
    expression: Mapped[str]
    armed_at: Mapped[datetime]
    """When the wait began: durations count from here, however often they are computed again."""
    due_at: Mapped[datetime | None]
    last_due_at: Mapped[datetime | None]
    """The firing that has been: a deadline that stays where it was does not fire twice."""
    remaining: Mapped[int | None]
    """Cycles: how many firings are left, None for no end."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Firings that failed; after `engine.timers.MAX_ATTEMPTS` an incident holds the timer until an operator retries."""
    retry_at: Mapped[datetime | None]
    """Earliest next attempt after one that failed."""

    __table_args__ = (UniqueConstraint("instance_id", "key"), Index("ix_timer_due_at", "due_at", "id"))


class StartTimer(Identified, Base):
    """An instant at which a process in use starts by itself. Only the newest version of a process has any."""

    __tablename__ = "start_timer"

    definition_id: Mapped[UUID] = mapped_column(ForeignKey("definition.id"), index=True)
    process_key: Mapped[str]
    element_id: Mapped[str]
    number: Mapped[int]
    """Which trigger of the element."""
    due_at: Mapped[datetime]
    remaining: Mapped[int | None]
    """How many starts are left, None for no end."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Starts that failed; after `engine.timers.MAX_ATTEMPTS` an incident holds the timer until an operator retries."""
    retry_at: Mapped[datetime | None]
    """Earliest next attempt after one that failed."""

    __table_args__ = (
        UniqueConstraint("organization_id", "process_key", "element_id", "number"),
        Index("ix_start_timer_due_at", "due_at", "id"),
    )


class Subscription(Identified, Base):
    """An instance that waits for a message or a signal."""

    __tablename__ = "subscription"

    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"), index=True)
    case_id: Mapped[UUID | None]
    key: Mapped[str]
    element_id: Mapped[str]
    kind: Mapped[str]
    """`message` or `signal`."""
    name: Mapped[str]
    correlation: Mapped[str]
    """Canonical text of the correlation keys (`engine.messages.canonical`)."""
    repeats: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        Index("ix_subscription_route", "organization_id", "kind", "name", "correlation"),
    )


class Message(Identified, Base):
    """A message that was published; kept until somebody waits for it."""

    __tablename__ = "message"

    name: Mapped[str]
    correlation: Mapped[str]
    payload: Mapped[dict[str, Any]]
    """FEEL values in their stored form."""
    state: Mapped[str] = mapped_column(default="waiting")
    unique_key: Mapped[str | None]
    """The sender's own key: a second message with it is the same message."""
    published_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    delivered_to: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("organization_id", "unique_key"),
        Index("ix_message_route", "organization_id", "name", "correlation", "state"),
        Index(
            "ix_message_waiting",
            "published_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )


class Incident(Identified, Versioned, Base):
    """A step that could not be carried out. The instance stands at its last good state."""

    __tablename__ = "incident"

    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"), index=True)
    """None where a process could not even start by itself."""
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    element_id: Mapped[str | None]
    action: Mapped[str]
    """What was being done: `complete_task`, `fire_timer`, `start_process` …"""
    action_data: Mapped[dict[str, Any]]
    """What is needed to do it again."""
    code: Mapped[str]
    sentence: Mapped[str] = mapped_column(OneSentence)
    """Why, for people: a page says it in its own language."""
    detail: Mapped[str]
    """For the operator: the kind of exception and where, never personal data."""
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    skip_reason: Mapped[str | None]
    """Why the step is not to be done, where it was skipped."""
    attempts: Mapped[int] = mapped_column(default=1)

    __table_args__ = (Index("ix_incident_state", "organization_id", "state", "created_at", "id"),)

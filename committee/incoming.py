"""What has come in and is no case yet: rows of the government's list of referrals, and e-mails that somebody dropped.

It waits in a tray until the registrar makes a case of it or puts it aside. What comes twice stands there once.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access, alike, filing, letters
from committee.access import Actor
from committee.cases import OPENERS, Case, open_case
from committee.file_kinds import FileRefused
from committee.lists import MOST_LINE, MOST_TITLE, line, rows_of
from store import clock, events
from store.base import JSON_TYPE, Base, Identified, Versioned
from store.database import Database
from store.errors import Conflict, NotFound, TooLarge
from store.files import FileStore
from store.sentences import Sentence

_SUBJECT_PREFIX = re.compile(r"^(?:\s*(?:sv|vb|re|fw|fwd)\s*:)+\s*", re.IGNORECASE)


class IncomingNotFound(NotFound):
    """No such thing in the tray."""

    code = "incoming_not_found"


class Incoming(Identified, Versioned, Base):
    """Something in the tray."""

    __tablename__ = "incoming"

    source: Mapped[str]
    """`list` or `email`."""
    digest: Mapped[str]
    """Of what it is known by, so that it is taken in once."""
    title: Mapped[str]
    sender: Mapped[str | None]
    sender_reference: Mapped[str | None]
    reply_by: Mapped[date | None]
    sha256: Mapped[str | None]
    """An e-mail's file, as it came."""
    file_names: Mapped[list[str]] = mapped_column(JSON_TYPE)
    """An e-mail's attachments."""
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    """`waiting` -> `registered` or `set_aside`, from where it can be taken back."""
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_.id"))

    __table_args__ = (
        UniqueConstraint("organization_id", "digest"),
        Index(None, "organization_id", "state", "received_at"),
    )


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of a list."""

    new: int
    known: int
    """Rows that were there before."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A case that was made of something, and the files of it that could not be taken."""

    case: Case
    refused: Sequence[tuple[str, Sentence]]


def find_incoming(actor: Actor, *, state: str = "waiting", source: str | None = None) -> Select[Incoming]:
    """What is in the tray."""
    access.require(actor, *OPENERS)
    found = select(Incoming).where(Incoming.organization_id == actor.organization_id, Incoming.state == state)
    return found.where(Incoming.source == source) if source is not None else found


def read_incoming(db: Session, actor: Actor, incoming_id: UUID) -> Incoming:
    """One thing of the tray. Raises IncomingNotFound."""
    access.require(actor, *OPENERS)
    return _own(actor, db.get(Incoming, incoming_id))


def take_in_list(store: Database, actor: Actor, content: bytes) -> TakenIn:
    """Put the rows of a list (`committee.lists`) into the tray. All of it, or nothing.

    Raises Invalid with an error for each wrong row, TooLarge.
    """
    access.require(actor, *OPENERS)
    rows = list(rows_of(content))
    with store.transaction() as db:
        digests = {row["digest"] for row in rows}
        known = (
            set(db.scalars(select(Incoming.digest).where(Incoming.organization_id == actor.organization_id))) & digests
        )
        new = {row["digest"]: row for row in rows if row["digest"] not in known}
        for row in new.values():
            _put(db, actor, source="list", file_names=[], sha256=None, **row)
    return TakenIn(len(new), len(rows) - len(new))


def take_in_mail(store: Database, files: FileStore, actor: Actor, source: BinaryIO) -> Incoming:
    """Put an e-mail (RFC 5322, a file .eml) into the tray; one that is there already is given back as it is.

    Raises Invalid for what is no e-mail, TooLarge, Unavailable (the disk).
    """
    access.require(actor, *OPENERS)
    stored = files.keep(source)
    message = letters.parsed(files, stored.sha256)
    name, address = parseaddr(str(message.get("From", ""))[:MOST_LINE])
    text = letters.text_of(message)
    with store.transaction() as db:
        own = select(Incoming).where(
            Incoming.organization_id == actor.organization_id, Incoming.digest == stored.sha256
        )
        there = db.scalar(own)
        return there or _put(
            db,
            actor,
            source="email",
            digest=stored.sha256,
            sha256=stored.sha256,
            title=line(_SUBJECT_PREFIX.sub("", str(message.get("Subject", ""))), MOST_TITLE) or "E-post",
            sender=line(name or address, MOST_LINE) or None,
            sender_reference=None,
            reply_by=letters.last_day(text),
            file_names=[name for name, _content in letters.attachments_of(message)],
        )


def register(
    store: Database,
    files: FileStore,
    actor: Actor,
    incoming_id: UUID,
    case_type: str,
    title: str,
    *,
    once: bool = False,
    **known: Any,
) -> Registered:
    """Make a case of something in the tray; an e-mail's text and attachments become documents of it.

    `known` is as `open_case` takes it; `once`: not when there is a case of the same letter (KnownAlready). A file that is
    not taken (a program, say) is left out, and named. Raises IncomingNotFound, Conflict when it was dealt with meanwhile,
    and what `open_case` raises.
    """
    with store.joined() as db:
        found = _own(actor, db.get(Incoming, incoming_id, with_for_update=True))
        if once:
            alike.require_new(db, actor, title, **known)
        _require_waiting(found)
        case = open_case(store, actor, case_type, title, **known)
        found.state, found.case_id = "registered", case.id
        sha256 = found.sha256
    refused = _file(store, files, actor, case, sha256) if sha256 is not None else []
    return Registered(case, refused)


def set_aside(store: Database, actor: Actor, incoming_id: UUID) -> Incoming:
    """Say that something is no case of ours. Raises IncomingNotFound, Conflict."""
    access.require(actor, *OPENERS)
    with store.transaction() as db:
        found = _own(actor, db.get(Incoming, incoming_id, with_for_update=True))
        _require_waiting(found)
        found.state = "set_aside"
        _record(db, found, "incoming.set_aside", actor)
        return found


def take_back(store: Database, actor: Actor, incoming_id: UUID) -> Incoming:
    """Put what was set aside into the tray again. Raises IncomingNotFound, Conflict."""
    access.require(actor, *OPENERS)
    with store.transaction() as db:
        found = _own(actor, db.get(Incoming, incoming_id, with_for_update=True))
        if found.state != "set_aside":
            raise Conflict("This is not among what was put aside. Look in the tray again.")
        found.state = "waiting"
        _record(db, found, "incoming.taken_back", actor)
        return found


def _own(actor: Actor, found: Incoming | None) -> Incoming:
    if found is None or found.organization_id != actor.organization_id:
        raise IncomingNotFound("There is no such thing in the tray.")
    return found


def _require_waiting(found: Incoming) -> None:
    if found.state != "waiting":
        raise Conflict("Somebody else has dealt with this already. Look in the tray again.")


def _put(db: Session, actor: Actor, **columns: Any) -> Incoming:
    made = Incoming(organization_id=actor.organization_id, received_at=clock.now(), **columns)
    db.add(made)
    db.flush()
    _record(db, made, "incoming.came", actor)
    return made


def _record(db: Session, about: Incoming, type_: str, actor: Actor) -> None:
    events.record(db, about.organization_id, type_, "incoming", about.id, actor_id=actor.person_id)


def _file(store: Database, files: FileStore, actor: Actor, case: Case, sha256: str) -> list[tuple[str, Sentence]]:
    """The e-mail's text and attachments, as documents of the case; those that are not taken, with why."""
    message = letters.parsed(files, sha256)
    refused: list[tuple[str, Sentence]] = []
    for name, content in [("e-post.txt", letters.text_of(message).encode()), *letters.attachments_of(message)]:
        if content is None:
            refused.append((name, letters.WITHIN))
            continue
        if not content.strip():
            continue
        try:
            filing.add_document(store, files, actor, case.id, filing.Upload(name, io.BytesIO(content)))
        except (FileRefused, TooLarge) as problem:
            refused.append((name, problem.message))
    return refused

"""What has come in and is no case yet: rows of the government's list of referrals, and e-mails that somebody dropped.

It waits in a tray until the registrar makes a case of it or puts it aside. What comes twice stands there once.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from committee import access, filing
from committee.access import Actor
from committee.cases import OPENERS, Case, open_case
from committee.file_kinds import FileRefused
from store import clock, events
from store.base import JSON_TYPE, Base, Identified, Versioned
from store.database import Database
from store.errors import Conflict, Invalid, NotFound, TooLarge
from store.files import FileStore
from store.sentences import Sentence, say

COLUMNS = ("title", "ministry", "sender_reference", "reply_by")
"""Columns that a list must have; others are passed over."""
MOST_ROWS = 5_000
MOST_LIST_BYTES = 5 * 1024 * 1024
MOST_PARTS = 200
MOST_TITLE, MOST_LINE = 300, 300
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
_LAST_DAY = re.compile(
    rf"(?:senast|före|svarsdatum)\D{{0,40}}?(?:(\d{{4}})-(\d{{2}})-(\d{{2}})|(\d{{1,2}})\s+({'|'.join(MONTHS)})\s+(\d{{4}}))",
    re.IGNORECASE,
)
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
    """`waiting` -> `registered` or `set_aside`."""
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
    """Put the rows of a list (CSV in UTF-8 with a line of column names) into the tray. All of it, or nothing.

    Raises Invalid with an error for each wrong row, TooLarge.
    """
    access.require(actor, *OPENERS)
    rows = list(_rows(content))
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
    message = _message(files, stored.sha256)
    name, address = parseaddr(str(message.get("From", "")))
    text = _text(message)
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
            title=_line(_SUBJECT_PREFIX.sub("", str(message.get("Subject", ""))), MOST_TITLE) or "E-post",
            sender=_line(name or address, MOST_LINE) or None,
            sender_reference=None,
            reply_by=_last_day(text),
            file_names=[name for name, _content in _attachments(message)],
        )


def register(
    store: Database, files: FileStore, actor: Actor, incoming_id: UUID, case_type: str, title: str, **known: Any
) -> Registered:
    """Make a case of something in the tray; an e-mail's text and attachments become documents of it.

    `known` is as `open_case` takes it. A file that is not taken (a program, say) is left out, and named. Raises
    IncomingNotFound, Conflict when it was dealt with meanwhile, and what `open_case` raises.
    """
    with store.joined() as db:
        found = _own(actor, db.get(Incoming, incoming_id, with_for_update=True))
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


def _rows(content: bytes) -> Iterator[dict[str, Any]]:
    if len(content) > MOST_LIST_BYTES:
        raise TooLarge("The list is larger than 5 MB. Send the rows that are new.")
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise Invalid(
                say("The list has no column %(names)s. Its first line must name them.", names=", ".join(missing))
            )
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Invalid("This is no list: it must be CSV in UTF-8, with a first line of column names.") from problem
    if len(rows) > MOST_ROWS:
        raise TooLarge("The list has more than 5,000 rows. Send those that are new.")
    errors: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 2):
        title, day = _line(row["title"] or "", MOST_TITLE), (row["reply_by"] or "").strip()
        try:
            reply_by = date.fromisoformat(day) if day else None
        except ValueError:
            errors.append(
                {
                    "field": f"{number}",
                    "sentence": say("Line %(line)s: '%(day)s' is no day.", line=number, day=day[:40]),
                }
            )
            continue
        if not title:
            errors.append({"field": f"{number}", "sentence": say("Line %(line)s has no title.", line=number)})
            continue
        sender, reference = (_line(row[name] or "", MOST_LINE) or None for name in ("ministry", "sender_reference"))
        known_by = "\n".join((title, reference or "", day))
        digest = hashlib.sha256(known_by.encode()).hexdigest()
        yield {"title": title, "sender": sender, "sender_reference": reference, "reply_by": reply_by, "digest": digest}
    if errors:
        raise Invalid("The list has rows that cannot be read; nothing of it was taken in.", errors=errors)


def _line(text: str, most: int) -> str:
    """A text on one line, without what cannot be seen, cut to a length."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.split())[:most]


def _message(files: FileStore, sha256: str) -> EmailMessage:
    with files.open_path(sha256).open("rb") as kept:
        message = BytesParser(policy=policy.default).parse(kept)
    if not isinstance(message, EmailMessage) or not (message.get("From") or message.get("Subject")):
        raise Invalid("This is no e-mail. Save the e-mail as a file (.eml) and drop that.")
    if sum(1 for _ in message.walk()) > MOST_PARTS:
        raise Invalid("This e-mail has more than 200 parts. Send its files by themselves.")
    return message


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    if body is None:
        return ""
    try:
        content = body.get_content()
    except (LookupError, UnicodeError):  # a character set that nobody knows
        return ""
    return content if isinstance(content, str) else ""


def _attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for number, part in enumerate(message.iter_attachments(), 1):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            name = _line(PurePosixPath((part.get_filename() or "").replace("\\", "/")).name, 150)
            yield name or f"bilaga-{number}", content


def _last_day(text: str) -> date | None:
    """The day that a letter names as the last one to answer; a guess, which the registrar sees before it counts."""
    found = _LAST_DAY.search(text)
    if found is None:
        return None
    year, month, day, day_in_words, month_in_words, year_in_words = found.groups()
    try:
        if year:
            return date(int(year), int(month), int(day))
        return date(int(year_in_words), MONTHS.index(month_in_words.lower()) + 1, int(day_in_words))
    except ValueError:
        return None


def _file(store: Database, files: FileStore, actor: Actor, case: Case, sha256: str) -> list[tuple[str, Sentence]]:
    """The e-mail's text and attachments, as documents of the case; those that are not taken, with why."""
    message = _message(files, sha256)
    refused = []
    for name, content in [("e-post.txt", _text(message).encode()), *_attachments(message)]:
        if not content.strip():
            continue
        try:
            filing.add_document(store, files, actor, case.id, filing.Upload(name, io.BytesIO(content)))
        except (FileRefused, TooLarge) as problem:
            refused.append((name, problem.message))
    return refused

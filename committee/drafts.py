"""Drafts of the studio: diagrams, decision tables and forms that somebody is writing, before they are put in use.

A draft is the organisation's, not its author's: any process owner may go on with it. Nobody writes over another: who
saves names the version that was read (`Stale`). It is not checked when it is saved, since what is half done is wrong;
the checker looks at it when it is tried and when it is deployed. See docs/decisions/0018-studio.md.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from committee import access, processes
from committee.access import Actor
from engine import definitions
from engine.bpmn import imports
from engine.bpmn.imports import picture
from engine.bpmn.read import read
from engine.bpmn.xml import DiagramUnreadable
from engine.models import Definition, Resource
from store import clock, events
from store.base import Base, Identified, Versioned
from store.database import Database
from store.errors import Invalid, NotFound, Stale, TooLarge
from store.sentences import say

AUTHORS = ("process_owner",)
KINDS = {".bpmn": "process", ".dmn": "decisions", ".form": "form"}
"""What a file is, by the ending of its name."""
ENDINGS = {kind: ending for ending, kind in KINDS.items()}
MAX_BYTES = 10 * 1024 * 1024
MAX_NAME = 200


class DraftNotFound(NotFound):
    """No such draft, or no longer."""

    code = "draft_not_found"


class Draft(Identified, Versioned, Base):
    """A file that is being written."""

    __tablename__ = "draft"

    name: Mapped[str]
    file_name: Mapped[str]
    """Under which it is deployed; its ending says what it is."""
    content: Mapped[bytes]
    base_id: Mapped[UUID | None] = mapped_column(ForeignKey("definition.id"))
    """The version that it was begun from; None for one begun from nothing or from somebody else's file."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (Index(None, "organization_id", "changed_at"),)

    @property
    def kind(self) -> str:
        """`process`, `decisions` or `form`, as of a definition."""
        return KINDS[PurePath(self.file_name).suffix]

    @property
    def has_comments(self) -> bool:
        """Whether somebody has written notes in the XML, which no editor keeps."""
        return b"<!--" in self.content


def begin(store: Database, actor: Actor, definition_id: UUID) -> Draft:
    """A draft of a deployed version. One that nobody has changed yet is taken, so that a double click makes no second.

    Raises DefinitionNotFound.
    """
    access.require(actor, *AUTHORS)
    with store.transaction() as db:
        base = processes.definition(db, actor, definition_id)
        return _untouched(db, actor, Draft.base_id == base.id) or _begin(
            db, actor, base.name, base.file_name, processes.content(db, base), base
        )


def begin_with(store: Database, actor: Actor, name: str, file_name: str, content: bytes) -> Draft:
    """A draft of a file that is not deployed: a new one, one from another tool, or one's own copy of a draft.

    The same that nobody has changed yet is taken, as in `begin`.
    """
    access.require(actor, *AUTHORS)
    _require_size(content)
    if PurePath(file_name).suffix not in KINDS or file_name != PurePath(file_name).name or len(file_name) > MAX_NAME:
        raise Invalid("Give a file whose name ends in .bpmn, .dmn or .form.")
    name = _named(name)
    with store.transaction() as db:
        same = Draft.base_id.is_(None), Draft.name == name, Draft.file_name == file_name, Draft.content == content
        return _untouched(db, actor, *same) or _begin(db, actor, name, file_name, content, None)


def bring(store: Database, actor: Actor, name: str, file_name: str, content: bytes) -> Draft:
    """A draft of a file from elsewhere: what a diagram says in the words of other engines is said in ours.

    It is called what its process is called, and `name` where that says nothing. One without a picture gets one, so that
    it can be gone on with. Its forms become drafts beside it. Raises DiagramUnreadable.
    """
    access.require(actor, *AUTHORS)
    _require_size(content)
    made = imports.imported(content) if file_name.endswith(".bpmn") else None
    for key, form in made.forms.items() if made else ():
        begin_with(store, actor, key, f"{key}.form", form)
    called = _process_name(made.content) if made else ""
    return begin_with(store, actor, called or name, file_name, picture.drawn(made.content) if made else content)


def save(store: Database, actor: Actor, draft_id: UUID, content: bytes, *, version: int) -> Draft:
    """Keep what has been written. What is the same as before makes no new version.

    Raises Stale when somebody else, or oneself in another window, has saved since the version that was read.
    """
    access.require(actor, *AUTHORS)
    _require_size(content)
    with store.transaction() as db:
        draft = _taken(db, actor, draft_id, version)
        if content != draft.content:
            draft.content = content
            _changed(draft, actor)
        return draft


def rename(store: Database, actor: Actor, draft_id: UUID, name: str, *, version: int) -> Draft:
    """Call the draft something else; it is not the name of the process, which stands in the diagram."""
    access.require(actor, *AUTHORS)
    with store.transaction() as db:
        draft = _taken(db, actor, draft_id, version)
        draft.name = _named(name)
        _changed(draft, actor)
        return draft


def discard(store: Database, actor: Actor, draft_id: UUID, *, version: int) -> None:
    """Throw a draft away. What was deployed from it stays in use."""
    access.require(actor, *AUTHORS)
    with store.transaction() as db:
        draft = _taken(db, actor, draft_id, version)
        _record(db, actor, draft, "draft.discarded")
        db.delete(draft)


def find_drafts(actor: Actor, *, base_ids: list[UUID] | None = None) -> Select[Draft]:
    """The drafts of the organisation without their content; `base_ids` narrows to those begun from some versions."""
    access.require(actor, *AUTHORS)
    found = select(Draft).where(Draft.organization_id == actor.organization_id).options(defer(Draft.content))
    return found.where(Draft.base_id.in_(base_ids)) if base_ids is not None else found


def read_draft(db: Session, actor: Actor, draft_id: UUID) -> Draft:
    """One draft. Raises DraftNotFound, also for those who may not write drafts."""
    found = db.get(Draft, draft_id)
    if found is None or found.organization_id != actor.organization_id or not actor.has(*AUTHORS):
        raise DraftNotFound(
            "There is no such draft. It may have been put in use or thrown away: look in the library, or begin a new one."
        )
    return found


def content(draft: Draft) -> bytes:
    """The file as it was last saved."""
    return draft.content


def base(db: Session, draft: Draft) -> Definition | None:
    """The version that it was begun from."""
    return db.get(Definition, draft.base_id) if draft.base_id is not None else None


def findings(db: Session, draft: Draft, written: bytes) -> list[dict[str, object]]:
    """What the checker says about what has been written, errors first.

    The decisions and forms that it names are read beside it, so that what they bring is known.
    """
    files = {draft.file_name: written} | named_files(db, draft.organization_id, written)
    found = definitions.check_files(files, processes.check_context(db, draft.organization_id))
    return [each for each in found if each["file"] == draft.file_name]


def named_files(db: Session, organization_id: UUID, written: bytes) -> dict[str, bytes]:
    """The decisions and forms that a diagram names, by file name; none where it cannot be read.

    Of what is not in use yet it is the draft, so that a step and its form can be written and tried together.
    """
    keys = _named_keys(written)
    names = _files_of(keys)
    drafted = select(Draft.file_name, Draft.content).where(
        Draft.organization_id == organization_id, Draft.file_name.in_(names)
    )
    found = {name: held for name, held in db.execute(drafted.order_by(Draft.changed_at))}  # noqa: C416 - rows are no pairs to mypy
    return found | _deployed(db, organization_id, keys)


def unused_named(db: Session, draft: Draft) -> list[Draft]:
    """The drafts of decisions and forms that a diagram names and that are not in use: it can only be deployed with them."""
    if draft.kind != "process":
        return []
    keys = _named_keys(draft.content)
    missing = _files_of(keys) - _deployed(db, draft.organization_id, keys).keys()
    found = select(Draft).where(Draft.organization_id == draft.organization_id, Draft.file_name.in_(missing))
    return list({each.file_name: each for each in db.scalars(found.order_by(Draft.changed_at))}.values())


def _named_keys(written: bytes) -> set[str]:
    """What a diagram calls forms and decisions; nothing where it cannot be read."""
    try:
        diagram = read(written)
    except DiagramUnreadable:
        return set()
    nodes = [node for process in diagram.processes.values() for node in process.scope.walk()]
    return {key for node in nodes for key in (node.form, node.decision) if key}


def _process_name(written: bytes) -> str:
    """What the first process with a name is called; nothing where the diagram cannot be read."""
    try:
        return next((each.name for each in read(written).processes.values() if each.name.strip()), "")
    except DiagramUnreadable:
        return ""


def _files_of(keys: set[str]) -> set[str]:
    """What the files of decisions and forms under some keys would be called."""
    return {f"{key}{ENDINGS[kind]}" for key in keys for kind in ("form", "decisions")}


def _deployed(db: Session, organization_id: UUID, keys: set[str]) -> dict[str, bytes]:
    """The newest decisions and forms in use under some keys, by file name."""
    newest = (
        select(Definition.kind, Definition.key, func.max(Definition.number))
        .where(Definition.organization_id == organization_id, Definition.kind.in_(("form", "decisions")))
        .where(Definition.key.in_(keys))
        .group_by(Definition.kind, Definition.key)
    )
    found = (
        select(Definition.kind, Definition.key, Resource.content)
        .join(Resource, Resource.id == Definition.resource_id)
        .where(Definition.organization_id == organization_id)
        .where(tuple_(Definition.kind, Definition.key, Definition.number).in_(newest))
    )
    return {f"{key}{ENDINGS[kind]}": held for kind, key, held in db.execute(found)}


def _untouched(db: Session, actor: Actor, *begun: ColumnElement[bool]) -> Draft | None:
    """A draft that was begun so and never changed; who begins one at the same time waits for the other."""
    processes.take_turn(db, actor.organization_id)
    found = select(Draft).where(Draft.organization_id == actor.organization_id, Draft.version == 1, *begun)
    return db.scalar(found.limit(1))


def _begin(db: Session, actor: Actor, name: str, file_name: str, content: bytes, base: Definition | None) -> Draft:
    now = clock.now()
    made = Draft(
        organization_id=actor.organization_id,
        name=name,
        file_name=file_name,
        content=content,
        base_id=base.id if base is not None else None,
        created_at=now,
        changed_at=now,
        changed_by=actor.person_id,
    )
    db.add(made)
    db.flush()
    _record(db, actor, made, "draft.begun")
    return made


def _taken(db: Session, actor: Actor, draft_id: UUID, version: int) -> Draft:
    """The draft, locked, in the version that was read."""
    db.get(Draft, draft_id, with_for_update=True)
    draft = read_draft(db, actor, draft_id)
    if draft.version != version:
        raise Stale("This draft has been changed in another window, or by somebody else. Read it again first.")
    return draft


def _changed(draft: Draft, actor: Actor) -> None:
    draft.changed_at, draft.changed_by = clock.now(), actor.person_id


def _record(db: Session, actor: Actor, draft: Draft, happened: str) -> None:
    data = {"name": draft.name, "file_name": draft.file_name}
    events.record(db, draft.organization_id, happened, "draft", draft.id, actor_id=actor.person_id, data=data)


def _named(name: str) -> str:
    named = " ".join(name.split())
    if not named:
        raise Invalid("Give the draft a name.", errors=[{"field": "name", "sentence": "Give the draft a name."}])
    return named[:MAX_NAME]


def _require_size(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise TooLarge(
            say(
                "The file is larger than %(max_bytes)s MB. Split it into several processes.",
                max_bytes=MAX_BYTES // 1024 // 1024,
            )
        )

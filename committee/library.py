"""The library of processes, decision tables and forms: their versions, who runs on them, and where they are used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from committee import processes
from committee.access import Actor
from committee.organisations import Person
from committee.worklist import by_id
from engine import definitions
from engine.models import Definition, Deployment, Instance
from engine.uses import Uses, uses
from store.errors import NotFound
from store.query import narrowed

KINDS = ("process", "decisions", "form")


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the library under one key: its newest version and what belongs to all of them."""

    newest: Definition
    running: int
    """Instances that go on, on any version."""
    users: Sequence[Definition]
    """The processes, as they are now, that call it, ask it or show it."""
    step: str = ""
    """Of a form: what a step is called that shows it, for one that has no name of its own."""

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.newest.name if self.newest.name != self.newest.key else self.step or self.newest.key


@dataclass(frozen=True, slots=True)
class Version:
    """One version, with who put it in use and what runs on it."""

    definition: Definition
    deployed_by: Person | None
    running: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every version of one thing, the newest first."""

    versions: Sequence[Version]
    users: Sequence[Definition]
    used: Sequence[Definition]
    """What its newest version calls, asks and shows."""

    @property
    def newest(self) -> Definition:
        return self.versions[0].definition


def require_reader(actor: Actor) -> None:
    """Only the organisation's own people know what is deployed. Raises NotFound for all others."""
    if not actor.is_internal:
        raise NotFound("There is no such page.")


def find_newest(actor: Actor, kind: str, *, text: str | None = None) -> Select[Definition]:
    """The newest version of everything of a kind; `text` is a part of its name or key."""
    require_reader(actor)
    if kind not in KINDS:
        raise NotFound("There is no such page.")
    found = processes.definitions(actor, kind=kind, latest=True)
    if not text:
        return found
    part = text.lower()
    named = func.lower(Definition.name).contains(part, autoescape=True)
    return narrowed(found, named | func.lower(Definition.key).contains(part, autoescape=True))


def entries(db: Session, actor: Actor, newest: Sequence[Definition]) -> list[Entry]:
    """The newest versions as the library shows them."""
    running = _running_by_key(db, actor, [each.key for each in newest if each.kind == "process"])
    known = _processes_in_use(db, actor)
    return [
        Entry(
            each,
            running.get(each.key, 0) if each.kind == "process" else 0,
            _users(known, each),
            _steps(known).get(each.key, "") if each.kind == "form" else "",
        )
        for each in newest
    ]


def shelf(db: Session, actor: Actor, kind: str, key: str) -> Shelf:
    """Every version under a key. Raises NotFound."""
    require_reader(actor)
    rows = db.execute(
        select(Definition, Deployment.deployed_by)
        .join(Deployment, Deployment.id == Definition.deployment_id)
        .where(Definition.organization_id == actor.organization_id, Definition.kind == kind, Definition.key == key)
        .order_by(Definition.number.desc())
    ).all()
    if not rows:
        raise NotFound("There is no such page.")
    people = by_id(db, Person, (deployed_by for _, deployed_by in rows))
    running = running_on(db, [definition.id for definition, _ in rows]) if kind == "process" else {}
    versions = [
        Version(definition, people.get(deployed_by), running.get(definition.id, 0)) for definition, deployed_by in rows
    ]
    known = _processes_in_use(db, actor)
    newest = versions[0].definition
    return Shelf(versions, _users(known, newest), _used(db, actor, known, newest))


def read_version(db: Session, actor: Actor, definition_id: UUID, kind: str | None = None) -> Definition:
    """One version, of a kind if one is given. Raises NotFound."""
    require_reader(actor)
    found = processes.definition(db, actor, definition_id)
    if kind not in (None, found.kind):
        raise NotFound("There is no such page.")
    return found


def newest(db: Session, actor: Actor, kind: str, key: str) -> Definition | None:
    """The version in use under a key, if any is."""
    require_reader(actor)
    return db.scalar(processes.definitions(actor, kind=kind, key=key).order_by(Definition.number.desc()).limit(1))


def findings(db: Session, actor: Actor, files: Mapping[str, bytes]) -> list[dict[str, object]]:
    """What the checker says today about files that belong together, errors first."""
    require_reader(actor)
    return definitions.check_files(files, processes.check_context(db, actor.organization_id))


def running_on(db: Session, definition_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many instances go on, by version."""
    counted = (
        select(Instance.definition_id, func.count())
        .where(Instance.definition_id.in_(list(definition_ids)), Instance.status == "running")
        .group_by(Instance.definition_id)
    )
    return {key: count for key, count in db.execute(counted)}  # noqa: C416 - rows are no pairs to mypy


def _running_by_key(db: Session, actor: Actor, keys: Sequence[str]) -> dict[str, int]:
    if not keys:
        return {}
    counted = (
        select(Definition.key, func.count())
        .join(Instance, Instance.definition_id == Definition.id)
        .where(
            Definition.organization_id == actor.organization_id, Definition.key.in_(keys), Instance.status == "running"
        )
        .group_by(Definition.key)
    )
    return {key: count for key, count in db.execute(counted)}  # noqa: C416 - rows are no pairs to mypy


def _processes_in_use(db: Session, actor: Actor) -> list[tuple[Definition, Uses]]:
    newest = db.scalars(processes.definitions(actor, kind="process", latest=True).order_by(Definition.name)).all()
    named = uses(db, newest)
    return [(each, named.get(each.id, Uses())) for each in newest]


def steps_of_forms(db: Session, actor: Actor) -> dict[str, str]:
    """What a step is called that shows a form, by the form's key, as the processes are now."""
    return _steps(_processes_in_use(db, actor))


def _steps(known: Sequence[tuple[Definition, Uses]]) -> dict[str, str]:
    return {form: step for _, named in reversed(known) for form, step in named.steps.items()}


def _users(known: Sequence[tuple[Definition, Uses]], of: Definition) -> list[Definition]:
    return [process for process, named in known if of.key in named.of_kind(of.kind)]


def _used(
    db: Session, actor: Actor, known: Sequence[tuple[Definition, Uses]], newest: Definition
) -> Sequence[Definition]:
    named = next((found for process, found in known if process.id == newest.id), Uses())
    keys = named.process | named.decisions | named.form
    if not keys:
        return ()
    every = processes.definitions(actor, latest=True).where(Definition.key.in_(keys))
    found = db.scalars(every.order_by(Definition.kind, Definition.name)).all()
    return [each for each in found if each.key in named.of_kind(each.kind)]

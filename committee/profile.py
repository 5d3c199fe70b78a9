"""Organisation profiles: a region's bodies, chain, registries and neighbours, loaded from TOML as often as one likes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access
from committee.calendar import Roll, roll
from committee.delegations import Delegation
from committee.meetings import SUMMONS_DAYS, Meeting, add_meeting, start_cycles
from committee.organisations import Body, BodyComposition, Membership, Organization, Person
from committee.processes import check_context, take_turn
from committee.profile_schema import require_profile
from committee.registry import Registry, require_pattern
from committee.terms import LegislativeTerm
from engine import definitions
from engine.models import Definition
from store import clock
from store.base import Base
from store.database import Database
from store.errors import Misconfigured
from store.ids import new_id
from store.settings import Settings

Row = TypeVar("Row", bound=Base)
DEPLOYABLE = (".form", ".dmn", ".bpmn")


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody of the demo organisation, and the token to act as them."""

    key: str
    name: str
    roles: str
    token: str


def profile_path(settings: Settings) -> Path:
    """Where the profile of the settings' region lies."""
    return settings.processes_dir / "regions" / f"{settings.region}.toml"


def read_profile(path: Path) -> dict[str, Any]:
    """A profile from its file. Raises Misconfigured with every mistake in it and its place."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise Misconfigured(f"The organisation profile {path.name} cannot be read: {problem}") from problem
    require_profile(found, path.name)
    return found


def load_profile(db: Session, profile: dict[str, Any]) -> Organization:
    """Make the register agree with a profile; what is there already is kept and updated."""
    given = profile["organization"]
    tenant = _tenant(db, given["key"])
    if tenant is None:
        key = new_id()
        tenant = Organization(id=key, organization_id=key, key=given["key"], name=given["name"], kind=given["kind"])
        db.add(tenant)
    tenant.name = given["name"]
    tenant.area_code = given.get("area_code")
    tenant.political_model = given.get("political_model")
    tenant.profile = {name: profile[name] for name in ("chain", "reminders") if name in profile}
    db.flush()
    for entry in profile.get("registry", []):
        _put(db, Registry, tenant.id, entry["key"], prefix=entry["prefix"], pattern=require_pattern(entry["pattern"]))
    for entry in profile.get("body", []):
        _body(db, tenant, entry)
    for entry in profile.get("term", []):
        days = {"start_date": entry["start"], "end_date": entry["end"]}
        _put(db, LegislativeTerm, tenant.id, entry["key"], name=entry["name"], applies_to=entry["applies_to"], **days)
    _delegations(db, tenant, profile.get("delegation", []))
    for key, entry in profile.get("municipalities", {}).items():
        _neighbour(db, tenant, key, {**entry, "kind": "municipality"}, f"{key}_kansli", "Kommunkansliet")
    for key, entry in profile.get("organizations", {}).items():
        _neighbour(db, tenant, key, entry, f"{key}_registratur", "Registraturen")
    return tenant


def load_demo(store: Database, settings: Settings, *, meetings: bool = True) -> list[DemoUser]:
    """Load the profile with its invented people, and give each a token that is easy to copy.

    Without `meetings` the calendar stays empty. The tokens are no secret: production refuses them.
    """
    if settings.environment == "production":
        raise Misconfigured("The demo organisation has tokens that everybody knows; production does not load it.")
    profile = read_profile(profile_path(settings))
    for key, entry in profile.get("organizations", {}).items():
        entry.setdefault("email", f"{key}@demo.invalid")
    with store.transaction() as db:
        tenant = load_profile(db, profile)
        people = [*profile.get("demo", []), *_municipal_officers(profile)]
        users = [_demo_user(db, tenant, entry) for entry in people]
        if meetings and (calendar := profile.get("demo_calendar")) is not None:
            _demo_meetings(db, tenant, calendar)
        return users


def deploy_processes(store: Database, settings: Settings) -> list[Definition]:
    """Deploy what is new in the processes folder.

    A file that was in use once is left alone, so that starting again never takes back what a process owner has deployed
    since over the API.
    """
    return deploy_files(store, settings, processes_files(settings.processes_dir), only_new=True)


def deploy_files(
    store: Database, settings: Settings, files: Mapping[str, bytes], *, only_new: bool = False
) -> list[Definition]:
    """Put files in use together, as the operator; with `only_new` those alone that never were in use.

    Raises DiagramRefused with every error of every file.
    """
    with store.transaction() as db:
        tenant_id = tenant_of(db, settings.region).id
        take_turn(db, tenant_id)
        if only_new:
            files = {name: data for name, data in files.items() if not definitions.is_known(db, tenant_id, data)}
        deployed = definitions.deploy(db, tenant_id, files, context=check_context(db, tenant_id)) if files else []
        start_cycles(db, tenant_id)
        return deployed


def processes_files(folder: Path) -> dict[str, bytes]:
    """The deployable files of a folder, forms and decision tables before the diagrams that name them."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in DEPLOYABLE]
    ordered = sorted(found, key=lambda path: DEPLOYABLE.index(path.suffix))
    return {path.name: path.read_bytes() for path in ordered}


def tenant_of(db: Session, key: str) -> Organization:
    """The organisation that this installation serves."""
    found = _tenant(db, key)
    if found is None:
        raise Misconfigured(f"The organisation '{key}' has not been loaded. Run: handslag organization load")
    return found


def _tenant(db: Session, key: str) -> Organization | None:
    """An organisation that the installation serves, and no neighbour of the same name in somebody else's register."""
    return db.scalar(
        select(Organization).where(Organization.key == key, Organization.id == Organization.organization_id)
    )


def _body(db: Session, tenant: Organization, entry: dict[str, Any]) -> None:
    parent = entry.get("parent")
    made = _put(
        db,
        Body,
        tenant.id,
        entry["key"],
        name=entry["name"],
        short_name=entry["short_name"],
        kind=entry["kind"],
        authoritative=entry["authoritative"],
        owner_id=None if entry.get("joint") else tenant.id,
        parent_id=_id(db, Body, tenant.id, parent) if parent else None,
        member_count=entry.get("member_count"),
    )
    for part in entry.get("composition", []):
        source = _id(db, Body, tenant.id, part["body"])
        found = db.scalar(
            select(BodyComposition).where(BodyComposition.body_id == made.id, BodyComposition.source_body_id == source)
        )
        if found is None:
            found = BodyComposition(organization_id=tenant.id, body_id=made.id, source_body_id=source)
            db.add(found)
        found.expected_seats = part["seats"]


def _delegations(db: Session, tenant: Organization, entries: list[dict[str, Any]]) -> None:
    """Make the delegation register agree with the profile: a point that it no longer has ends, but stays to be cited."""
    register = db.scalars(select(Delegation).where(Delegation.organization_id == tenant.id)).all()
    known = {(point.body_id, point.point): point for point in register}
    for entry in entries:
        values = {
            "matter": entry["matter"],
            "ground": entry["ground"],
            "delegate_body_id": _id(db, Body, tenant.id, entry["delegate_body"]),
            "delegate_role": entry.get("delegate_role"),
            "valid_to": None,
        }
        key = (_id(db, Body, tenant.id, entry["body"]), entry["point"])
        if (point := known.pop(key, None)) is None:
            db.add(Delegation(organization_id=tenant.id, body_id=key[0], point=key[1], **values))
            continue
        for name, value in values.items():
            setattr(point, name, value)
    yesterday = clock.today() - timedelta(days=1)
    for point in known.values():
        point.valid_to = min(point.valid_to or yesterday, yesterday)
    db.flush()


def _neighbour(db: Session, tenant: Organization, key: str, entry: dict[str, Any], office: str, called: str) -> None:
    """Somebody who is asked for views, with an office of its own where what is sent arrives."""
    made = _put(
        db,
        Organization,
        tenant.id,
        key,
        name=entry["name"],
        kind=entry["kind"],
        area_code=entry.get("area_code"),
        email=entry.get("email"),
    )
    _put(
        db,
        Body,
        tenant.id,
        office,
        name=f"{called}, {entry['name']}",
        short_name=entry["name"],
        kind="administration",
        authoritative=False,
        owner_id=made.id,
    )


def _municipal_officers(profile: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "name": f"Handläggare, {entry['name']}", "roles": {f"{key}_kansli": ["officer"]}}
        for key, entry in profile.get("municipalities", {}).items()
    ]


def _demo_user(db: Session, tenant: Organization, entry: dict[str, Any]) -> DemoUser:
    email = f"{entry['key']}@demo.invalid"
    person = _put(db, Person, tenant.id, entry["key"], name=entry["name"], email=email, kind="official")
    for body_key, roles in entry["roles"].items():
        body_id = _id(db, Body, tenant.id, body_key)
        for role in roles:
            held = select(Membership).where(
                Membership.person_id == person.id, Membership.body_id == body_id, Membership.role == role
            )
            if db.scalar(held) is None:
                db.add(Membership(organization_id=tenant.id, person_id=person.id, body_id=body_id, role=role))
    token = f"demo-{tenant.key}-{entry['key']}"
    if access.authenticate(db.connection(), token) is None:
        access.store_token(db, person, access.DEMO, token)
    db.flush()
    roles_text = ", ".join(f"{role} ({body_key})" for body_key, roles in entry["roles"].items() for role in roles)
    return DemoUser(entry["key"], entry["name"], roles_text, token)


def _demo_meetings(db: Session, tenant: Organization, calendar: dict[str, Any]) -> None:
    """A year of meetings, each month in the order of the chain: preparing, consulting, deciding body.

    It begins with the first month whose summonses are all still to come, so that nothing is late from the start.
    """
    if db.scalar(select(Meeting.id).where(Meeting.organization_id == tenant.id).limit(1)) is not None:
        return
    chain = (tenant.profile or {})["chain"]
    bodies = {
        name: db.get_one(Body, _id(db, Body, tenant.id, chain[f"{name}_body"])) for name in calendar["days_before"]
    }
    first = clock.today().replace(day=1)
    for month in range(calendar["months"]):
        deciding = roll(first + relativedelta(months=month, day=calendar["day"]), Roll.FORWARD)
        preparing: Meeting | None = None
        for name, days in calendar["days_before"].items():
            on = roll(deciding - timedelta(days=days), Roll.BACKWARD)
            if preparing is None and roll(on - timedelta(days=SUMMONS_DAYS), Roll.BACKWARD) < clock.today():
                break
            made = add_meeting(db, bodies[name], clock.at(on, 9), prepared_by_id=preparing.id if preparing else None)
            preparing = preparing or made


def _put(db: Session, table: type[Row], tenant: UUID, key: str, **values: Any) -> Row:
    found = db.scalar(select(table).where(table.organization_id == tenant, table.key == key))  # type: ignore[attr-defined,arg-type]
    if found is None:
        found = table(organization_id=tenant, key=key, **values)
        db.add(found)
    else:
        for name, value in values.items():
            setattr(found, name, value)
    db.flush()
    return found


def _id(db: Session, table: type[Base], tenant: UUID, key: str) -> UUID:
    found: UUID | None = db.scalar(
        select(table.id).where(table.organization_id == tenant, table.key == key)  # type: ignore[attr-defined]
    )
    if found is None:
        raise Misconfigured(f"The profile names '{key}' before it says what that is.")
    return found

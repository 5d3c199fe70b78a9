"""What an organisation profile may say. A mistake in it gets a sentence with its place, and nothing of it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from committee.deadlines import KINDS
from committee.organisations import ADVISORY_KINDS
from committee.registry import require_pattern
from store.errors import Invalid, Misconfigured

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
OrganizationKind = Literal["region", "municipality", "state_agency", "ministry", "association", "company", "university"]
BodyKind = Literal[
    "assembly", "board", "committee", "subcommittee", "preparation", "delegation", "joint_consultation", "council",
    "management_group", "administration",
]  # fmt: skip


class _Part(BaseModel):
    """A table of the profile; a key that it does not know is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class OrganizationPart(_Part):
    """`[organization]`: whom the installation serves."""

    key: Key
    name: Name
    kind: Literal["region", "municipality"]
    area_code: Annotated[str, Field(pattern=r"^\d{2}(\d{2})?$")] | None = None
    political_model: Literal["0", "1", "2plus"] | None = None


class AppearancePart(_Part):
    """`[appearance]`: how the pages look; `committee.appearance` says what may stand here."""

    main: str | None = None
    accent: str | None = None
    logo: Name | None = None


class ChainPart(_Part):
    """`[chain]`: which bodies prepare, consult and decide. Without `consulting_body` there is no samråd."""

    preparing_body: Key
    consulting_body: Key | None = None
    deciding_body: Key
    board: Key
    assembly: Key
    administration: Key


class TermPart(_Part):
    """`[[term]]`: a legislative term."""

    key: Key
    name: Name
    start: date
    end: date
    applies_to: Literal["assembly", "committees"]


class RegistryPart(_Part):
    """`[[registry]]`: a series of registry numbers."""

    key: Key
    prefix: Annotated[str, Field(max_length=20)]
    pattern: Name


class CompositionPart(_Part):
    """A part of a joint body."""

    body: Key
    seats: Annotated[int, Field(ge=1, le=200)]


class BodyPart(_Part):
    """`[[body]]`: an organ, named after those that it belongs to or is put together from."""

    key: Key
    name: Name
    short_name: Annotated[str, Field(min_length=1, max_length=50)]
    kind: BodyKind
    authoritative: bool
    parent: Key | None = None
    member_count: Annotated[int, Field(ge=1, le=200)] | None = None
    joint: bool = False
    composition: list[CompositionPart] = []


class DelegationPart(_Part):
    """`[[delegation]]`: a point of the delegation register. Without a role the delegate body decides at its meetings."""

    body: Key
    point: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.]{0,19}$")]
    matter: Annotated[str, Field(min_length=1, max_length=500)]
    ground: Literal["KL 6:37", "KL 6:39", "KL 7:5"]
    delegate_body: Key
    delegate_role: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,62}$")] | None = None


class NeighbourPart(_Part):
    """A municipality of `[municipalities]`."""

    name: Name
    area_code: Annotated[str, Field(pattern=r"^\d{4}$")] | None = None
    email: Name | None = None


class OrganizationNeighbourPart(NeighbourPart):
    """Somebody else who is asked for views, of `[organizations]`."""

    kind: OrganizationKind


class CalendarPart(_Part):
    """`[demo_calendar]`: the deciding body's day of the month, and how many days before it the others meet."""

    months: Annotated[int, Field(ge=1, le=60)]
    day: Annotated[int, Field(ge=1, le=28)]
    days_before: dict[Literal["preparing", "consulting", "deciding"], Annotated[int, Field(ge=0, le=60)]]


class PersonPart(_Part):
    """`[[demo]]`: an invented person and their roles."""

    key: Key
    name: Name
    roles: dict[Key, list[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,62}$")]]]


class Profile(_Part):
    """The whole file."""

    organization: OrganizationPart
    appearance: AppearancePart = AppearancePart()
    chain: ChainPart
    reminders: dict[Literal[KINDS], Annotated[int, Field(ge=0, le=250)]] = {}  # type: ignore[valid-type]
    registry: Annotated[list[RegistryPart], Field(min_length=1)]
    body: Annotated[list[BodyPart], Field(min_length=1)]
    delegation: list[DelegationPart] = []
    term: list[TermPart] = []
    municipalities: dict[Key, NeighbourPart] = {}
    organizations: dict[Key, OrganizationNeighbourPart] = {}
    demo_calendar: CalendarPart | None = None
    demo: list[PersonPart] = []


def require_profile(data: dict[str, Any], file_name: str) -> None:
    """Refuse a profile that cannot be loaded. Raises Misconfigured with every mistake and its place."""
    try:
        problems = list(_contradictions(Profile.model_validate(data)))
    except ValidationError as found:
        problems = [(".".join(str(part) for part in each["loc"]), f"{each['msg']}.") for each in found.errors()]
    if problems:
        lines = "".join(f"\n- {place}: {sentence}" for place, sentence in problems)
        raise Misconfigured(f"The organisation profile {file_name} has mistakes; nothing of it was loaded.{lines}")


def _contradictions(profile: Profile) -> Iterator[tuple[str, str]]:
    """What is wrong between parts that are each right by themselves."""
    known: set[str] = set()
    for index, body in enumerate(profile.body):
        place = f"body.{index} ({body.key})"
        if body.key in known:
            yield place, "There are two bodies with this key. Give one of them another."
        for other in [body.parent, *(part.body for part in body.composition)]:
            if other is not None and other not in known:
                yield place, f"It names the body '{other}', which does not come before it."
        if body.authoritative and body.kind in ADVISORY_KINDS:
            yield place, f"A body of kind {body.kind} only advises. Say authoritative = false."
        known.add(body.key)
    offices = {f"{key}_kansli" for key in profile.municipalities} | {
        f"{key}_registratur" for key in profile.organizations
    }
    yield from _of_delegations(profile, known)
    for index, term in enumerate(profile.term):
        if term.end < term.start:
            yield f"term.{index} ({term.key})", "Its last day is before its first. Change one of them."
    for name, key in profile.chain.model_dump(exclude_none=True).items():
        if key not in known:
            yield f"chain.{name}", f"There is no body '{key}'."
    if not any(series.key == "main" for series in profile.registry):
        yield "registry", "One registry must have the key 'main': cases get their numbers from it."
    for index, series in enumerate(profile.registry):
        try:
            require_pattern(series.pattern)
        except Invalid as problem:
            yield f"registry.{index} ({series.key})", problem.message
    for index, person in enumerate(profile.demo):
        for key in sorted(person.roles.keys() - known - offices):
            yield f"demo.{index} ({person.key})", f"There is no body '{key}'."


def _of_delegations(profile: Profile, bodies: set[str]) -> Iterator[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(profile.delegation):
        place = f"delegation.{index} ({entry.body} {entry.point})"
        for key in sorted({entry.body, entry.delegate_body} - bodies):
            yield place, f"There is no body '{key}'."
        if (entry.body, entry.point) in seen:
            yield place, "This body has two points of this number."
        if entry.body == entry.delegate_body and entry.delegate_role is None:
            yield place, "A body cannot delegate to itself. Name the role in it that decides."
        seen.add((entry.body, entry.point))

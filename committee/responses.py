"""How the municipalities and others answer: in time, late, not at all, by those who were asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from committee import access
from committee.access import Actor
from committee.cases import Case
from committee.organisations import Organization
from committee.overview import WATCHERS
from committee.referrals import Consultee, Referral, find_consultees
from committee.worklist import by_id
from store import clock
from store.query import equal, narrowed

ANSWERS = ("answered", "abstained", "late")
COUNTED = (*ANSWERS, "silent")
"""What the rate is counted of: those who have answered, and those whose day has passed without an answer."""
OUTCOMES = (*COUNTED, "waiting", "stopped")
"""`waiting`: still has time; `stopped`: nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Responses:
    """How one organisation answers."""

    key: str
    name: str
    counts: Mapping[str, int]
    """By outcome."""

    @property
    def asked(self) -> int:
        """Of how many the rate is."""
        return sum(self.counts.get(outcome, 0) for outcome in COUNTED)

    @property
    def rate(self) -> float | None:
        """The share that was answered, also late or with an abstention; None while nothing was to be answered."""
        return self._answered / self.asked if self.asked else None

    @property
    def percent(self) -> int | None:
        """The rate in whole per cent, half of one upwards: 1 of 8 is 13."""
        return (200 * self._answered + self.asked) // (2 * self.asked) if self.asked else None

    @property
    def _answered(self) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in ANSWERS)


@dataclass(frozen=True, slots=True)
class Asked:
    """One time that an organisation was asked."""

    consultee: Consultee
    organization: Organization
    referral: Referral
    case: Case


def responses(db: Session, actor: Actor, since: date) -> list[Responses]:
    """Everybody who was asked to answer on a day or later, by name."""
    access.require(actor, *WATCHERS)
    asked = (
        select(Consultee.consulted_id, outcome().label("outcome"))
        .where(Consultee.organization_id == actor.organization_id, Consultee.reply_by >= since)
        .subquery()
    )
    groups = (asked.c.consulted_id, asked.c.outcome)
    counted = select(*groups, func.count().label("count")).group_by(*groups).subquery()
    named = select(Organization.key, Organization.name, counted.c.outcome, counted.c.count)
    found: dict[tuple[str, str], Counter[str]] = {}
    for key, name, which, count in db.execute(named.join(counted, counted.c.consulted_id == Organization.id)):
        found.setdefault((name, key), Counter())[which] = count
    return [Responses(key, name, counts) for (name, key), counts in sorted(found.items(), key=_by_name)]


def total(found: Sequence[Responses]) -> Responses:
    """All of them together."""
    counts: Counter[str] = Counter()
    for each in found:
        counts.update(each.counts)
    return Responses("", "", counts)


def find_asked(
    actor: Actor, since: date, *, organization: str | None = None, which: str | None = None
) -> Select[Consultee]:
    """The list behind a number; `which` is one of the outcomes, or `asked` for all that the rate is counted of."""
    access.require(actor, *WATCHERS)
    found = find_consultees(actor, organization=organization, reply_by_from=since)
    if which == "asked":
        return found.where(outcome().in_(COUNTED))
    return narrowed(found, equal(outcome(), which))


def described(db: Session, consultees: Sequence[Consultee]) -> list[Asked]:
    """Those who were asked, with what they were asked about."""
    referrals = by_id(db, Referral, (each.referral_id for each in consultees))
    cases = by_id(db, Case, (each.case_id for each in referrals.values()))
    organizations = by_id(db, Organization, (each.consulted_id for each in consultees))
    return [
        Asked(
            each,
            organizations[each.consulted_id],
            referrals[each.referral_id],
            cases[referrals[each.referral_id].case_id],
        )
        for each in consultees
    ]


def outcome() -> ColumnElement[str]:
    """What became of a question so far."""
    still = Consultee.status.in_(("invited", "extension_asked"))
    return case(
        (and_(still, Consultee.reply_by >= clock.today()), "waiting"),
        (still, "silent"),
        (Consultee.status == "no_reply", "silent"),
        else_=Consultee.status,
    )


def _by_name(pair: tuple[tuple[str, str], object]) -> str:
    return pair[0][0].casefold()

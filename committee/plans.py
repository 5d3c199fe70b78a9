"""The plan of a case: what the calendar allows before the answer is due, and the ladder when it allows too little.

`committee.planning` counts; here its question is put with the meetings and the deadlines of the register.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access, deadlines, delegations, planning
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.calendar import Roll, roll
from committee.cases import DECIDED, ENDED, Case, read_case
from committee.chain import calendar_of, coming
from committee.meetings import Meeting
from committee.organisations import Body, Organization, body
from committee.overview import AT_RISK_WORKING_DAYS
from committee.planning import Calendar, Plan
from engine import definitions, instances, jobs
from engine.feel import Value
from engine.models import Instance
from store import clock

LADDER = (
    ("ordinary", "ordinary_fits"),
    ("immediate", "immediate_fits"),
    ("extra", "extra_possible"),
    ("extension", "extension_possible"),
    ("au_delegated", "au_fits"),
    ("chair", "chair_possible"),
    ("preliminary", "in_time"),
    ("abstain", None),
)
"""Ways to an answer from the best down, and the fact that each depends on. The table that is deployed chooses."""
TABLE = "decision_route"
CHAIN = ("preparing_body", "consulting_body", "deciding_body")


@dataclass(frozen=True, slots=True)
class Rung:
    """A way to an answer."""

    rung: int
    route: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that a case has on an agenda."""

    agenda_item_id: UUID
    meeting_id: UUID
    body: str
    day: date
    role: str
    state: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class CasePlan:
    """The plan of a case as of today."""

    case_id: UUID
    today: date
    reply_by: date | None
    """The date in force, with the extensions that were granted; None where the case has none: then nothing is planned."""
    health: str
    """on_track, at_risk, overdue, or ended."""
    plan: Plan | None
    """None where nothing is planned any more: the case has been decided, or has ended."""
    route: str | None
    rung: int | None
    warning: str | None
    ladder: Sequence[Rung]
    slots: Sequence[Slot]


def read_plan(db: Session, actor: Actor, case_id: UUID) -> CasePlan:
    """The plan of a case, counted anew from today's calendar; nothing is changed by asking."""
    case = read_case(db, actor, case_id)
    access.require_internal(actor)
    due = deadlines.of_kind(db, case.id, "reply_by")
    today, slots = clock.today(), _slots(db, case.id)
    reply_by = due.due_on if due is not None else None
    if reply_by is None or case.status in (*ENDED, *DECIDED):
        is_late = reply_by is not None and reply_by < today
        health = "ended" if case.status in ENDED else "overdue" if is_late else "on_track"
        return CasePlan(case.id, today, reply_by, health, None, None, None, None, (), slots)
    known = _variables(db, case)
    plan = planning.plan_case(reply_by, today, calendar(db, case, known))
    found = facts(db, case.organization_id, plan, known)
    ladder = _ladder(plan, found)
    route, rung, warning = _route(db, case, {**known, **found})
    return CasePlan(case.id, today, reply_by, _health(plan), plan, route, rung, warning, ladder, slots)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a plan would be: for something that is not a case yet, or for a case with another day to answer by."""

    reply_by: date
    plan: Plan
    health: str
    """on_track, at_risk or overdue."""
    ladder: Sequence[Rung]
    bodies: Mapping[str, Body]
    """The chain: preparing_body, consulting_body where there is one, deciding_body."""

    @property
    def counted_on(self) -> date:
        """The working day by which the answer must be there, `reply_by` or the one before it."""
        return roll(self.reply_by, Roll.BACKWARD)


def propose(db: Session, actor: Actor, reply_by: date, case: Case | None = None) -> Proposal:
    """Plan backwards from a day; nothing is kept.

    With the chain and the places on agendas of a case, or else with the chain of the organisation's profile.
    """
    access.require_internal(actor)
    tenant = db.get_one(Organization, actor.organization_id)
    chain: Mapping[str, Value] = (tenant.profile or {}).get("chain", {})
    known = _variables(db, case) if case is not None else chain
    found = [_named(db, tenant.id, known, name) for name in CHAIN]
    planned = (case.id,) if case is not None else ()
    meetings = coming(db, planned, found).calendar(case.id if case is not None else tenant.id, *found)
    plan = planning.plan_case(reply_by, clock.today(), meetings)
    ladder = _ladder(plan, facts(db, tenant.id, plan, known))
    bodies = {name: of for name, of in zip(CHAIN, found, strict=True) if of is not None}
    return Proposal(reply_by, plan, _health(plan), ladder, bodies)


def calendar(db: Session, case: Case, chain: Mapping[str, Value]) -> Calendar:
    """The coming meetings that can take a case, of what `preparing_body`, `consulting_body` and `deciding_body` name."""
    bodies = [_named(db, case.organization_id, chain, name) for name in CHAIN]
    return calendar_of(db, case, *bodies)


def extra_days(db: Session, case: Case, reply_by: date) -> tuple[date, date] | None:
    """The days on which an extra meeting could decide the case in time, as of today; None where none could."""
    return planning.extra_days(reply_by, clock.today(), calendar(db, case, _variables(db, case)))


def dates_of(plan: Plan) -> dict[str, date | None]:
    """The deadlines that a plan sets in its case, by kind."""
    # A paragraph that is adjusted at once can leave on the day of the meeting, later than the usual margin.
    send = max(plan.send, plan.decision.day) if plan.decision and not plan.ordinary_fits else plan.send
    return {
        "send": send,
        "draft": plan.draft,
        "consultation": plan.consultation,
        "decision": plan.decision.day if plan.decision else send,
        "summons": plan.decision.summons_due if plan.decision else None,
        "preparation": plan.preparation.day if plan.preparation else None,
        "joint_consultation": plan.joint_consultation.day if plan.joint_consultation else None,
        "material_stop": (plan.preparation or plan.decision).material_stop if plan.decision else None,
    }


def facts(db: Session, organization_id: UUID, plan: Plan, known: Mapping[str, Value]) -> dict[str, Value]:
    """What a plan says to the decision table of the ladder, given what has been tried, allowed and delegated."""
    tried, allowed = known.get("extension_tried") is True, known.get("sender_allows_extension") is not False
    deciding, preparing = (_named(db, organization_id, known, name) for name in ("deciding_body", "preparing_body"))
    return {
        "days_to_reply_by": Decimal(plan.days_to_reply_by),
        "slack_days": Decimal(plan.slack_days),
        "ordinary_fits": plan.ordinary_fits,
        "immediate_fits": plan.immediate_fits,
        "extra_possible": plan.extra_days is not None and known.get("extra_meeting_tried") is not True,
        "extra_from": plan.extra_days[0] if plan.extra_days else None,
        "extra_until": plan.extra_days[1] if plan.extra_days else None,
        "extension_possible": allowed and not tried,
        "au_fits": plan.au_fits
        and known.get("goal_setting") is not True
        and _is_delegated(db, deciding, preparing, None),
        "chair_possible": plan.days_to_reply_by >= 0 and _is_delegated(db, deciding, deciding, "chair"),
        "consultation_days": Decimal(plan.consultation_days),
        "decision_date": plan.decision.day if plan.decision else None,
        "earliest_decision_date": plan.earliest_decision,
    }


def _ladder(plan: Plan, found: Mapping[str, Value]) -> list[Rung]:
    holds = {**found, "in_time": plan.days_to_reply_by >= 0}
    return [Rung(number, route, fact is None or holds[fact] is True) for number, (route, fact) in enumerate(LADDER, 1)]


def _is_delegated(db: Session, of: Body | None, delegate: Body | None, role: str | None) -> bool:
    """Whether the deciding body has delegated anything to a body of the chain, or to a role in it."""
    return of is not None and delegate is not None and bool(delegations.points(db, of, delegate, role))


def _named(db: Session, organization_id: UUID, chain: Mapping[str, Value], name: str) -> Body | None:
    key = chain.get(name)
    return body(db, organization_id, key) if isinstance(key, str) else None


def _variables(db: Session, case: Case) -> Mapping[str, Value]:
    """What the process of the case knows."""
    root = db.scalar(
        select(Instance).where(Instance.case_id == case.id, Instance.parent_id.is_(None)).order_by(Instance.id).limit(1)
    )
    return instances.variables(db, root) if root is not None else {}


def _route(db: Session, case: Case, known: Mapping[str, Value]) -> tuple[str | None, int | None, str | None]:
    """What the deployed table says; nothing where none is deployed."""
    if definitions.latest_id(db, case.organization_id, "decisions", TABLE) is None:
        return None, None, None
    chosen = jobs.ask(db, case.organization_id, case.id, TABLE, known)
    if not isinstance(chosen, Mapping):
        return None, None, None
    route, rung, warning = (chosen.get(name) for name in ("route", "rung", "warning"))
    return (
        route if isinstance(route, str) else None,
        int(rung) if isinstance(rung, Decimal) else None,
        warning if isinstance(warning, str) else None,
    )


def _health(plan: Plan) -> str:
    if plan.days_to_reply_by < 0:
        return "overdue"
    return "at_risk" if plan.slack_days < AT_RISK_WORKING_DAYS else "on_track"


def _slots(db: Session, case_id: UUID) -> list[Slot]:
    rows = db.execute(
        select(AgendaItem, Meeting, Body.key)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Body, Body.id == Meeting.body_id)
        .where(AgendaItem.case_id == case_id, AgendaItem.state != "withdrawn")
        .order_by(Meeting.starts_at, AgendaItem.id)
    )
    return [
        Slot(item.id, meeting.id, key, meeting.day, item.role, item.state, item.outcome) for item, meeting, key in rows
    ]

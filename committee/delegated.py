"""Decisions by delegates: taken by one person for a body, and reported to it (anmälan, KL 6:40, 7:8)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import agenda, cases, decisions, delegations
from committee.access import Actor
from committee.agenda import AgendaItem
from committee.cases import Case
from committee.decisions import Decision
from committee.delegations import Delegation, NotDelegated
from committee.meetings import Meeting
from committee.organisations import Body, body
from store import clock, events
from store.database import Database
from store.errors import Conflict, Forbidden
from store.sentences import say


def decide_by_delegation(
    store: Database, actor: Actor, case_id: UUID, body_key: str, point: str, text: str, *, kind: str = "adopted"
) -> Decision:
    """Decide in a case for a body, by a point of its delegation register. Raises NotDelegated or Forbidden."""
    with store.transaction() as db:
        case = cases.lock(db, actor, case_id)
        of = body(db, actor.organization_id, body_key)
        found = db.scalar(select(Delegation).where(Delegation.body_id == of.id, Delegation.point == point))
        if found is None:
            raise NotDelegated(
                say(
                    "The delegation register of %(body)s has no point %(point)s. Look at /delegations.",
                    body=of.short_name,
                    point=point,
                )
            )
        delegate = db.get_one(Body, found.delegate_body_id)
        if found.delegate_role is None:
            raise Forbidden(
                say(
                    "By point %(point)s %(body)s decides at its meetings, nobody alone.",
                    point=point,
                    body=delegate.short_name,
                )
            )
        if not actor.has_in(delegate.id, (found.delegate_role,)):
            raise Forbidden(
                say(
                    "By point %(point)s only the %(role)s of %(body)s decides.",
                    point=point,
                    role=found.delegate_role,
                    body=delegate.short_name,
                )
            )
        if case.closed_at is not None:
            raise Conflict("This case has ended; there is nothing to decide in it.")
        in_force = delegations.require_point(db, of, delegate, found.delegate_role, point)
        return _decide(db, of, case, in_force, kind, text, actor.person_id)


def decide_as_chair(
    db: Session, of: Body, case: Case, text: str, point: str | None, person_id: UUID | None
) -> Decision:
    """The chair's decision in an urgent matter (KL 6:39), in the verb's transaction. Raises NotDelegated."""
    return _decide(db, of, case, delegations.require_point(db, of, of, "chair", point), "adopted", text, person_id)


def report_waiting(db: Session, meeting: Meeting) -> None:
    """Put the decisions for which there was no meeting yet on the agenda of this one."""
    waiting = (
        select(Decision, Case)
        .join(Delegation, Delegation.id == Decision.delegation_id)
        .join(Case, Case.id == Decision.case_id)
        .where(Delegation.body_id == meeting.body_id, Decision.reported_item_id.is_(None))
        .order_by(Decision.decided_on, Decision.id)
    )
    for made, case in db.execute(waiting).all():
        made.reported_item_id = agenda.place(db, meeting, case, "reporting").id
    db.flush()


def report_elsewhere(db: Session, item: AgendaItem) -> None:
    """An item at which a decision was to be reported has gone from its agenda: report it at another meeting."""
    for made in db.scalars(select(Decision).where(Decision.reported_item_id == item.id)).all():
        decisions.report(db, made, db.get_one(Delegation, made.delegation_id))


def _decide(
    db: Session, of: Body, case: Case, delegation: Delegation, kind: str, text: str, person_id: UUID | None
) -> Decision:
    method = "chair" if delegation.delegate_role == "chair" else "delegation"
    made = decisions.decide(
        db, of, case.id, kind, text, method=method, on=clock.today(), decided_by=person_id, delegation=delegation
    )
    data = {"kind": kind, "point": delegation.point, "number": made.paragraph}
    events.record(
        db, made.organization_id, "decision.delegated", "decision", made.id, actor_id=person_id, case_id=case.id,
        data=data,
    )  # fmt: skip
    return made

"""One case of one letter: the form is sent again, or two have opened it, perhaps at the same instant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from committee import cases, processes
from committee.access import Actor
from committee.cases import Case
from store.database import Database
from store.errors import Conflict


class KnownAlready(Conflict):
    """There is a case that may be of the same letter."""

    code = "known_already"

    def __init__(self, case_id: UUID) -> None:
        super().__init__("There is a case of this letter already, it seems. Open it, or say that this is another.")
        self.case_id = case_id


def open_once(
    store: Database,
    actor: Actor,
    case_type: str,
    title: str,
    *,
    sender: str | None = None,
    sender_reference: str | None = None,
    **known: Any,
) -> Case:
    """Open a case unless there is one of the same letter. Raises KnownAlready, and what `open_case` raises."""
    with store.joined() as db:
        require_new(db, actor, title, sender=sender, sender_reference=sender_reference)
        return cases.open_case(
            store, actor, case_type, title, sender=sender, sender_reference=sender_reference, **known
        )


def require_new(
    db: Session, actor: Actor, title: str, *, sender: str | None, sender_reference: str | None, **_known: Any
) -> None:
    """Refuse a letter that has a case: with the sender's number, else with the same title and sender.

    Whoever registers at the same time waits until this transaction has ended. Raises KnownAlready.
    """
    cases.require_opener(actor)
    processes.take_turn(db, actor.organization_id)
    same = (
        Case.sender_reference == sender_reference
        if sender_reference
        else and_(Case.title == title, Case.sender == sender if sender else Case.sender.is_(None))
    )
    found = select(Case.id).where(cases.visible_to(actor), same, Case.status != "withdrawn")
    there = db.scalar(found.order_by(Case.received_at.desc(), Case.id).limit(1))
    if there is not None:
        raise KnownAlready(there)

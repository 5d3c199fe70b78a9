"""The day by which a case is to be answered, where it comes later than the case."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from committee import access, deadlines
from committee.access import Actor
from committee.cases import DECIDED, ENDED, OPENERS, Case, lock, require_reply_by, require_unchanged
from store import events
from store.database import Database
from store.errors import Conflict


def set_reply_by(store: Database, actor: Actor, case_id: UUID, day: date, *, version: int | None = None) -> Case:
    """Set the day to answer by of a case that was registered without one; its process plans by it.

    Raises Invalid for a day that cannot be right, and Conflict for a case that has one or is at its end.
    """
    with store.transaction() as db:
        case = lock(db, actor, case_id)
        access.require(actor, *OPENERS)
        require_unchanged(case, version)
        if case.status in (*ENDED, *DECIDED):
            raise Conflict("This case has been decided or has ended; it needs no day to answer by.")
        if case.reply_by is not None:
            raise Conflict("This case has a day to answer by already. Move that one, and say why.")
        require_reply_by(day, passed=False)
        source = "sender" if case.sender else "self"
        made = deadlines.set_deadline(db, case.organization_id, case.id, "reply_by", day, basis=source)
        events.record(
            db, case.organization_id, "case.reply_by_set", "case", case.id, actor_id=actor.person_id, case_id=case.id,
            data={"due_on": made.due_on.isoformat()},
        )  # fmt: skip
        deadlines.pass_on(db, made, actor.person_id)
        return case

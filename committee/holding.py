"""Processes that an operator holds: what cannot be done in them meanwhile is refused with who, when and why."""

from __future__ import annotations

from sqlalchemy.orm import Session

from committee.organisations import Person
from engine.errors import InstanceSuspended
from engine.models import Instance
from store import clock
from store.sentences import say


def require_going_on(db: Session, instance: Instance) -> None:
    """Refuse what cannot be done while an operator holds the process, and say who does, since when and why."""
    if instance.suspended_at is None:
        return
    person = db.get(Person, instance.suspended_by) if instance.suspended_by is not None else None
    day = clock.local_date(instance.suspended_at)
    raise InstanceSuspended(
        say(
            "%(who)s suspended this process on %(day)s: %(reason)s Wait until it is resumed; drafts can still be saved.",
            who=person.name if person else say("The operator"),
            day=day,
            reason=_sentence(instance.suspension_reason or ""),
        )
    )


def _sentence(reason: str) -> str:
    """What a person gave as the reason, with the full stop that few write."""
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."

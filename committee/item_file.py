"""An item of an agenda as its secretary treats it: what it is, who serves, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from committee import attendance, corrections, delegations, documents, samrad
from committee.access import Actor
from committee.agenda import AgendaItem, Completion, agenda_of, completions_of, read_item
from committee.decisions import OUTCOMES
from committee.delegations import Delegation
from committee.documents import File
from committee.meeting_file import Item, described
from committee.meetings import Meeting, may_change
from committee.organisations import Body, Person
from committee.samrad import SamradOutcome
from committee.statements import PROPOSAL
from store import clock

USUAL = {"preparation": "forwarded", "decision": "adopted", "information": "noted", "reporting": "noted"}
"""The outcome that an item most often has; it is offered first."""


@dataclass(frozen=True, slots=True)
class ItemFile:
    """An item and all that its secretary needs to record what became of it."""

    about: Item
    meeting: Meeting
    body: Body
    agenda: Sequence[AgendaItem]
    """The items of the meeting in their order, without those that were withdrawn."""
    may_change: bool
    may_supplement: bool
    serving: Sequence[Person]
    """Who serves at the item, where the body decides and the item is still to come."""
    disqualified: Sequence[tuple[str, str | None]]
    """Who does not take part in it for disqualification (jäv), and who serves instead."""
    positions: Sequence[SamradOutcome]
    """Where the sides stand on it, of an item of a samråd."""
    advised: Sequence[SamradOutcome]
    """Where they stood when its case was at a samråd, of an item to be decided."""
    completions: Sequence[Completion]
    papers: Sequence[File]
    """What is attached to the item, in the order of its case's register."""
    points: Sequence[Delegation]
    """The points by which a subcommittee may decide for its committee."""

    @property
    def item(self) -> AgendaItem:
        """The item itself."""
        return self.about.item

    @property
    def proposal(self) -> str:
        """What the officer proposes that the body decides; empty where nothing has been handed in."""
        found = [version.text for document, version in self.papers if document.step == PROPOSAL]
        return (found[-1] if found else None) or ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be treated."""
        return self.item.state == "confirmed" and self.meeting.state != "cancelled"

    @property
    def may_record(self) -> bool:
        """Whether the reader may record what became of it, today."""
        called = self.meeting.state in ("summoned", "held") and self.meeting.day <= clock.today()
        return self.may_change and self.is_open and called

    @property
    def may_correct(self) -> bool:
        """Whether the reader may put right what was recorded of it: until it is adjusted."""
        return self.may_change and corrections.is_open(self.meeting, self.item, self.about.decision)

    @property
    def outcomes(self) -> Sequence[str]:
        """What can become of it, the usual first; nothing where the body only advises."""
        usual = USUAL.get(self.item.role, "noted")
        return sorted(OUTCOMES, key=lambda outcome: outcome != usual) if self.body.authoritative else ()

    def beside(self, step: int) -> AgendaItem | None:
        """The item before (-1) or after (1) this one."""
        place = next((n for n, each in enumerate(self.agenda) if each.id == self.item.id), None)
        found = place + step if place is not None else -1
        return self.agenda[found] if 0 <= found < len(self.agenda) else None


def read_item_file(db: Session, actor: Actor, item_id: UUID) -> ItemFile:
    """An item. Raises NotFound also for one of a meeting that the reader may not see."""
    item = read_item(db, actor, item_id)
    meeting = db.get_one(Meeting, item.meeting_id)
    of = db.get_one(Body, meeting.body_id)
    on_agenda = db.scalars(agenda_of(actor, meeting.id).order_by(AgendaItem.position))
    is_next = item.state == "confirmed"
    after_summons = actor.is_internal and meeting.summoned_at is not None
    added = db.scalars(completions_of(actor, item.id).order_by(Completion.at)).all() if after_summons else ()
    stood = db.scalars(samrad.outcomes_of(actor, item.id)) if of.kind == "joint_consultation" else ()
    is_decided = of.authoritative and item.role == "decision"
    advised = db.scalars(samrad.last_of(actor, item.case_id)) if is_decided else ()
    return ItemFile(
        about=described(db, actor, [item])[0],
        meeting=meeting,
        body=of,
        agenda=[each for each in on_agenda if each.state != "withdrawn"],
        may_change=may_change(actor, of),
        may_supplement=is_next
        and meeting.state == "summoned"
        and actor.has("secretary", "officer", "registrar", "head"),
        serving=attendance.serving(db, meeting, item.position) if is_next and of.authoritative else (),
        disqualified=attendance.disqualified_at(db, actor, meeting.id).get(item.position, ()),
        positions=samrad.by_side(stood),
        advised=samrad.by_side(advised),
        completions=added,
        papers=documents.attached_to(db, actor, [item.id]).get(item.id, ()),
        points=_points(db, of, item) if is_next else (),
    )


def _points(db: Session, of: Body, item: AgendaItem) -> Sequence[Delegation]:
    if of.kind != "subcommittee" or of.parent_id is None or item.role != "decision":
        return ()
    return delegations.points(db, db.get_one(Body, of.parent_id), of, None)

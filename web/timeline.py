"""The log of a case in sentences. A type of event that has none here is left out, and `LEFT_OUT` says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from committee.history import Happening
from web import terms, words
from web.language import _
from web.terms import N_

SENTENCES = {
    "case.opened": N_("The case was opened."),
    "case.assigned": N_("The case was given to %(person)s."),
    "case.withdrawn": N_("The case was withdrawn: %(reason)s"),
    "case.reply_by_set": N_("The day to answer by was set: %(due_on)s."),
    "case.dispatched": N_("The answer was sent %(sent_on)s to %(sent_to)s: %(channel)s."),
    "case.replanned": N_("It was planned anew: a decision is expected %(to)s, not %(from)s."),
    "case.plan_lapsed": N_("%(kind)s, %(due_on)s, passed without the case, and it was planned anew."),
    "case.archived": N_("The case was handed to the archive."),
    "case.reminded": N_("A message was put in the mail: %(subject)s"),
    "extension.answered": N_("The sender answered about more time: %(granted)s."),
    "task.claimed": N_("Took the step “%(about)s”."),
    "task.released": N_("Gave back the step “%(about)s”."),
    "task.assigned": N_("Handed the step “%(about)s” to %(person)s."),
    "task.completed": N_("Did the step “%(about)s”."),
    "deadline.extended": N_("%(kind)s was moved from %(from)s to %(to)s: %(reason)s"),
    "deadline.corrected": N_("%(kind)s was corrected from %(from)s to %(to)s: %(reason)s"),
    "deadline.reminded": N_("A reminder of %(kind)s, %(due_on)s, was put in the mail."),
    "deadline.escalated": N_("%(kind)s, %(due_on)s, has passed; a message to the head was put in the mail."),
    "document.received": N_("Added the file “%(about)s”, version %(number)s."),
    "document.written": N_("Wrote “%(about)s”, version %(number)s."),
    "document.attached": N_("Attached “%(about)s”, version %(number)s."),
    "agenda_item.added": N_("The case was put on the agenda of %(about)s, %(on)s."),
    "agenda_item.withdrawn": N_("The case was taken off the agenda of %(about)s, %(on)s: %(reason)s"),
    "agenda_item.supplemented": N_("The item of %(about)s, %(on)s, was supplemented: %(description)s"),
    "consultation.not_held": N_("Nobody was asked for views: %(reason)s"),
    "samrad.recorded": N_("The outcome of the joint consultation in %(about)s, %(on)s, was recorded."),
    "samrad.attached": N_("The outcome of the joint consultation was attached to the case."),
    "samrad.not_held": N_("No joint consultation was held: %(reason)s"),
    "samrad.oral": N_("The joint consultation is reported orally to the deciding body."),
    "agenda_item.corrected": N_("What was recorded of %(about)s, %(on)s, was corrected."),
    "decision.recorded": N_("%(about)s, %(on)s: %(kind)s."),
    "decision.delegated": N_("Decided on delegation, %(about)s, %(on)s: %(kind)s."),
    "decision.appealed": N_("%(about)s, %(on)s, was appealed."),
    "appeal.ruled": N_("The appeal against %(about)s, %(on)s, was ruled on."),
    "decision.in_legal_force": N_("%(about)s, %(on)s, has gained legal force."),
    "consultee.answered": N_("The answer of %(about)s was registered: %(answer_kind)s."),
    "consultee.extension_asked": N_("%(about)s asked for time until %(new_date)s: %(reason)s"),
    "referral.stopped": N_("No more answers are waited for: %(reason)s"),
    "incident.opened": N_("A step stopped on an error. The operator has been told."),
    "incident.resolved": N_("The error was mended, and the case goes on."),
    "incident.skipped": N_("The step that stopped is not to be done again: %(reason)s"),
    "instance.modified": N_("The process was changed by hand: %(reason)s"),
    "instance.suspended": N_("The case was suspended: %(reason)s"),
    "instance.resumed": N_("The case goes on again: %(reason)s"),
    "instance.migrated": N_("The case was moved to version %(number)s of the process “%(process)s”: %(reason)s"),
    "instance.migration_undone": N_("The case was taken back to version %(number)s of the process “%(process)s”."),
    "mail.failed": N_("The message “%(about)s” could not be sent, and has not left. The operator sees it."),
    "mail.sent_again": N_("The message “%(about)s”, which could not be sent, is tried again."),
    "mail.given_up": N_("The message “%(about)s” could not be sent, and is given up: %(reason)s"),
}
"""By type: what is said. The names are those of `values`."""
TYPES = tuple(SENTENCES)
LEFT_OUT = {
    "agenda_item.ordered": "The order of an agenda is the meeting's; the case is treated all the same.",
    "instance.started": "What opened the case, or the step that called, stands there.",
    "instance.advanced": "The tokens of the machinery; people's steps stand there when they are done.",
    "instance.completed": "What ended it stands there: the last step, or the archive.",
    "instance.cancelled": "What cancelled it stands there: the case withdrawn, or a move by hand.",
    "instance.failed": "The step that ended it stands there, and what follows in the process that called.",
    "task.opened": "A step stands there when somebody does it; what waits is told by the case's own page.",
    "timer.fired": "What it leads to stands there: a reminder, a day that has passed, a step.",
}
"""The machinery's own, by type: why people need no sentence about it."""
BY_HAND = {
    (True, True): N_("Moved by hand from %(cancelled)s to %(begun)s: %(reason)s"),
    (True, False): N_("Cancelled by hand, %(cancelled)s: %(reason)s"),
    (False, True): N_("Begun by hand, %(begun)s: %(reason)s"),
}
"""What is said of a modification, by whether something was cancelled and something begun."""
DAYS = ("from", "to", "due_on", "new_date", "sent_on")
WORDS = ("kind", "answer_kind", "channel", "granted")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said once of what happened, perhaps several times in a row, in the same moment."""

    sentence: str
    who: str | None
    at: datetime
    count: int | None
    """None where more of them may stand on another page."""


def entries(happened: Iterable[Happening], *, begins: bool = True, ends: bool = True) -> list[Entry]:
    """The log as it is read. A message to fifteen municipalities is one entry.

    Where the page is not the one with which the log begins, or ends, its entry at that edge may go on beyond it: it is
    left uncounted.
    """
    said = ((sentence(each), each.who, each.event.at) for each in happened)
    found = [
        Entry(*key, count=len(list(same)))
        for key, same in groupby(
            said, key=lambda entry: (entry[0], entry[1], entry[2].replace(second=0, microsecond=0))
        )
    ]
    for edge, is_whole in ((0, begins), (-1, ends)):
        if found and not is_whole:
            found[edge] = replace(found[edge], count=None)
    return found


def sentence(happening: Happening) -> str:
    """What happened, in the language of the page."""
    known = dict.fromkeys(("reason", "subject", "description", "number", "process", "sent_to", *DAYS, *WORDS), "")
    for name, value in happening.event.data.items():
        known[name] = _word(happening.event.subject_type, name, str(value))
    known |= {
        "about": happening.about or _("(removed)"),
        "on": words.day(happening.on),
        "person": happening.person or _("somebody"),
    }
    if happening.event.type == "instance.modified":
        return _by_hand(happening.event.data, known["reason"])
    return _(SENTENCES[happening.event.type], **known)


def _by_hand(data: Mapping[str, Any], reason: str) -> str:
    """What an operator did to the process, by the names that its steps had then."""
    cancelled, begun = (_steps(data["names"], data[key]) for key in ("cancelled", "begun"))
    template = BY_HAND.get((bool(cancelled), bool(begun)), SENTENCES["instance.modified"])
    return _(template, cancelled=cancelled, begun=begun, reason=reason)


def _steps(names: Mapping[str, str], elements: Iterable[str]) -> str:
    """Each step once, though it may stand several times: for each municipality."""
    found = dict.fromkeys(names.get(each) or _("(without a name)") for each in elements)
    return ", ".join(_("“%(name)s”", name=each) for each in found)


def _word(subject_type: str, name: str, text: str) -> str:
    """A value of an event as people say it."""
    if name in DAYS:
        try:
            return words.day(date.fromisoformat(text))
        except ValueError:
            return ""
    if name == "granted":
        return _("yes") if text == "True" else _("no")
    if name == "sent_to":
        return text or _("the sender")
    if name == "kind" and subject_type in ("deadline", "case"):  # of a case: the day of its plan that has passed
        return terms.deadline_kind(text)
    return terms.status(text) if name in WORDS else text

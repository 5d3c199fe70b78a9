"""How a case goes, in one word with its reason in a sentence."""

from __future__ import annotations

from jinja2 import Environment

from committee.calendar import working_days_between
from committee.casefile import Head
from store import clock
from web import terms, words
from web.language import _, ngettext
from web.terms import N_

STATES = {
    "ended": ("neutral", N_("Ended")),
    "suspended": ("neutral", N_("Suspended")),
    "sent": ("success", N_("Answer sent")),
    "sent_late": ("warning", N_("Sent late")),
    "passed": ("danger", N_("Late")),
    "step_late": ("danger", N_("Late")),
    "decided": ("success", N_("Decided")),
    "preliminary": ("success", N_("Answered with a reservation")),
    "never": ("danger", N_("Not in time")),
    "tight": ("warning", N_("At risk")),
    "fits": ("success", N_("In time")),
    "unplanned": ("neutral", N_("Not planned yet")),
    "free": ("neutral", N_("No day to answer by")),
}
"""Colour and word; the word says it without the colour."""


def reason(head: Head) -> str:
    """Why a case stands as it does."""
    case = head.case
    match head.health:
        case "ended":
            return _("It ended %(day)s.", day=words.day(clock.local_date(case.closed_at))) if case.closed_at else ""
        case "suspended":
            return _("Nothing goes on until it is resumed.")
        case "passed":
            return _("The day to answer by was %(day)s.", day=words.day(head.reply_by))
        case "step_late":
            step, day = head.late_step or "", words.day(head.late_since)
            return _("“%(step)s” should have been done %(day)s.", step=step, day=day)
        case "sent" | "sent_late":
            return _sent(head)
        case "decided":
            return _decided(head)
        case "preliminary":
            return _("A preliminary answer was sent in time; the final one follows when it has been decided.")
        case "never":
            return _never(head)
        case "tight" | "fits":
            day, left = words.day(case.planned_decision_on), terms.slack(case.slack_days or 0)
            return _("A decision can be made %(day)s: %(left)s.", day=day, left=left)
        case "unplanned":
            return _("It is planned backwards from its day when it has got its registry number.")
    return _("Nobody has set a day to reply by, so nothing is planned.")


def _sent(head: Head) -> str:
    sent, by = head.case.sent_on, head.reply_by
    if sent is None or by is None:
        return _("The answer was sent %(day)s.", day=words.day(sent))
    day, apart = words.day(sent), working_days_between(sent, by)
    if apart == 0:
        return _("The answer was sent %(day)s, on the day it was due.", day=day)
    if apart > 0:
        before = ngettext("%(num)s working day before", "%(num)s working days before", apart)
        return _("The answer was sent %(day)s, %(before)s the day to answer by.", day=day, before=before)
    after = ngettext("%(num)s working day after", "%(num)s working days after", -apart)
    return _("The answer was sent %(day)s, %(after)s the day to answer by.", day=day, after=after)


def _decided(head: Head) -> str:
    day, by = words.day(head.case.planned_decision_on), words.day(head.reply_by)
    if not by:
        return _("It was decided %(day)s; the answer is to be sent.", day=day)
    return _("It was decided %(day)s; the answer must be there by %(by)s.", day=day, by=by)


def _never(head: Head) -> str:
    if head.case.planned_decision_on is None:
        return _("No meeting can decide before the answer is due.")
    day, late = words.day(head.case.planned_decision_on), terms.slack(head.case.slack_days or 0)
    return _("The first meeting that can decide is %(day)s: %(late)s.", day=day, late=late)


def install(environment: Environment) -> None:
    """Make them known to the templates."""
    environment.filters["reason"] = reason
    environment.globals["health_states"] = STATES

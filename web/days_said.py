"""Days that a diagram gives as expressions, in words: those that are written again and again. The rest stay as they are."""

from __future__ import annotations

import re

from committee.deadlines import LABELS
from web import terms
from web.language import _, ngettext
from web.terms import N_

LONGEST = 200
"""Characters of an expression that is looked at."""
OTHER_DAYS = {
    "meeting": N_("the day of the meeting"),
    "agenda_opens": N_("the day on which the agenda opens"),
    "adjustment_latest": N_("the last day to adjust the minutes"),
    "notice_down": N_("the day on which the notice is taken down"),
    "legal_force": N_("the day on which the decision gains legal force"),
}
"""Those that are no deadlines of cases."""
_STILL_TO_COME = re.compile(r"still to come\((.+)\)")
_AFTER_BEGINNING = re.compile(r"working days after\(today\(\), (\d{1,4})\)")
_DEADLINE = r'(?:own )?deadline\((?:\w+, )?"(\w+)"\)'
_WORKING_DAYS_BEFORE = re.compile(rf"working days before\({_DEADLINE}, (\d{{1,4}})\)")
_AFTER = re.compile(rf'{_DEADLINE} \+ duration\("P(\d{{1,4}})D"\)')
_BEFORE = re.compile(rf'{_DEADLINE} - duration\("P(\d{{1,4}})D"\)')
_ON = re.compile(_DEADLINE)


def said(expression: str) -> str | None:
    """A day as people say it; None where there are no words for it."""
    text = expression.removeprefix("=").strip()
    if len(text) > LONGEST:
        return None
    if still := _STILL_TO_COME.fullmatch(text):  # that day too, but for one that has passed
        text = still[1]
    if found := _AFTER_BEGINNING.fullmatch(text):
        return ngettext("%(num)s working day after it begins", "%(num)s working days after it begins", int(found[1]))
    found = next(filter(None, (each.fullmatch(text) for each in (_WORKING_DAYS_BEFORE, _AFTER, _BEFORE, _ON))), None)
    day = _kind(found[1]) if found else None
    if found is None or day is None or found.re is _ON:
        return day
    count = int(found[2])
    if found.re is _WORKING_DAYS_BEFORE:
        return ngettext("%(num)s working day before %(day)s", "%(num)s working days before %(day)s", count, day=day)
    if found.re is _AFTER:
        return ngettext("%(num)s day after %(day)s", "%(num)s days after %(day)s", count, day=day)
    return ngettext("%(num)s day before %(day)s", "%(num)s days before %(day)s", count, day=day)


def _kind(key: str) -> str | None:
    if key in OTHER_DAYS:
        return _(OTHER_DAYS[key])
    return terms.deadline_kind(key).lower() if key in LABELS else None

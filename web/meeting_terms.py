"""What meetings and the items of their agendas are called on a page."""

from __future__ import annotations

from datetime import date, datetime

import flask
from babel.dates import format_date, format_time

from store import clock
from web.language import _, current
from web.terms import N_

STATES = {
    "planned": N_("planned"),
    "summoned": N_("summoned to"),
    "held": N_("has been held"),
    "adjusted": N_("minutes adjusted"),
    "cancelled": N_("cancelled"),
}
COLORS = {"planned": "neutral", "summoned": "info", "held": "warning", "adjusted": "success", "cancelled": "danger"}
"""The colour of a state's tag; the word says the same."""
ITEM_ROLES = {
    "preparation": N_("Preparation"),
    "consultation": N_("Joint consultation"),
    "information": N_("Information"),
    "decision": N_("Decision"),
    "reporting": N_("Report of a decision by delegation"),
}
POSITIONS = {
    "agrees": N_("Agrees"),
    "agrees_with_input": N_("Agrees, with input"),
    "differs": N_("Differs"),
    "not_handled": N_("Not treated"),
}
SIDES = {"region": N_("The region"), "municipalities": N_("The municipalities")}
METHODS = {
    "acclamation": N_("By acclamation"),
    "vote": N_("By vote"),
    "minority": N_("At the request of a minority (a third of the assembly)"),
}
GROUNDS = {"absent": N_("Absent"), "disqualified": N_("Disqualified")}


def meeting_state(key: str) -> str:
    """What has become of a meeting."""
    return _(STATES.get(key, key))


def state_color(key: str) -> str:
    """The colour of a state's tag."""
    return COLORS.get(key, "neutral")


def item_role(key: str) -> str:
    """What an item is on the agenda for."""
    return _(ITEM_ROLES.get(key, key))


def position(key: str) -> str:
    """Where one side of the joint consultation stands."""
    return _(POSITIONS.get(key, key))


def side(key: str) -> str:
    """A side of the joint consultation."""
    return _(SIDES.get(key, key))


def method(key: str) -> str:
    """How a paragraph was decided."""
    return _(METHODS.get(key, key))


def ground(key: str) -> str:
    """Why a member does not serve."""
    return _(GROUNDS.get(key, key))


def weekday(value: date | None) -> str:
    """A day with its weekday, as calendars write it: tors 11 mars; the year only when it is not this one."""
    if value is None:
        return ""
    return format_date(value, "EEE d MMM" if value.year == clock.today().year else "EEE d MMM y", locale=current())


def week(value: date) -> int:
    """The number of the week (ISO 8601), as Swedes count them."""
    return value.isocalendar().week


def month_name(value: date) -> str:
    """The month in letters."""
    name = format_date(value, "LLLL", locale=current())
    return name[:1].upper() + name[1:]


def time_of_day(value: datetime) -> str:
    """The time on the wall in Sweden."""
    return format_time(value.astimezone(clock.STOCKHOLM), "HH:mm", locale=current())


def install(blueprint: flask.Blueprint) -> None:
    """Make them filters of the templates."""
    for filter_ in (
        meeting_state, state_color, item_role, position, side, method, ground, weekday, week, month_name, time_of_day,
    ):  # fmt: skip
        blueprint.add_app_template_filter(filter_)

"""What the options of `handslag try` may say: each is read, or refused with a sentence, before anything is run."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from engine import trial
from engine.bpmn.model import TimerType
from engine.errors import ExpressionFailed
from engine.feel import Value, from_json
from engine.iso8601 import is_literal
from engine.schedule import due
from store import clock
from store.errors import Invalid

YEARS = range(1000, 9000)
"""Years in which a trial may stand: with room for time to pass, and for the day's neighbours in every time zone."""


class InOrder(click.Command):
    """Remembers the order in which options were given, which click forgets between different options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; `ctx.obj` holds the options' names, one for each time that one was given."""
        for argument in args:
            if not is_text(argument):
                raise click.UsageError(f"{argument!r} is not UTF-8. Write it anew.")
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.obj = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


class Object(click.ParamType[Any]):
    """A JSON object."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Value]:
        """Its values."""
        try:
            found = from_json(json.loads(value, parse_float=Decimal))
        except (ValueError, RecursionError) as wrong:
            self.fail(f"'{value}' is not JSON: {wrong}.", param, ctx)
        except Invalid as wrong:
            self.fail(f"'{value}' cannot be taken: {wrong.message}", param, ctx)
        if not is_text(json.dumps(found, ensure_ascii=False, default=str)):
            self.fail(f"'{value}' has half of a character (\\ud800 to \\udfff). Write the whole one.", param, ctx)
        if not isinstance(found, dict):
            self.fail(f"""'{value}' must be a JSON object, such as {{"granted": true}}.""", param, ctx)
        return found


class Pair(click.ParamType[Any]):
    """A name and what is said of it: `NAME=JSON`. `!CODE` in place of JSON is a BPMN error."""

    name = "pair"

    def __init__(self, separator: str, *, may_fail: bool = True, must_say: bool = False) -> None:
        self.separator, self.may_fail, self.must_say = separator, may_fail, must_say

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """(name, value); an empty object where nothing is said."""
        name, said, text = str(value).partition(self.separator)
        if not name.strip():
            self.fail(f"'{value}' names nothing.", param, ctx)
        if not said and self.must_say:
            self.fail(f"'{value}' does not say what {name} answers: {name}={{}}.", param, ctx)
        if not said:
            return name, {}
        if self.may_fail and text.startswith("!"):
            return name, trial.Refusal(text[1:])
        return name, Object().convert(text, param, ctx)


class Moment(click.ParamType[datetime]):
    """A date (00:00 in Stockholm) or an instant (Stockholm's time, where it names no zone)."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant."""
        if isinstance(value, datetime):
            return value
        try:
            found = due(TimerType.DATE, value, clock.now()).at if is_literal(TimerType.DATE, value) else None
        except ExpressionFailed:
            found = None
        if found is None:
            self.fail(f"'{value}' is no date such as 2026-03-02, and no instant such as 2026-03-02T09:00.", param, ctx)
        if found.year not in YEARS:
            self.fail(f"'{value}' must lie in the years {YEARS.start} to {YEARS.stop - 1}.", param, ctx)
        return found


class Duration(click.ParamType[str]):
    """A duration."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The same, when it is one that time can pass by."""
        if not is_literal(TimerType.DURATION, value) or value.startswith("-"):
            self.fail(f"'{value}' is no duration such as P14D (days), P2M (months) or PT8H (hours).", param, ctx)
        try:
            due(TimerType.DURATION, value, clock.now())
        except ExpressionFailed:
            self.fail(f"'{value}' is too long: it leads beyond the year 9999.", param, ctx)
        return str(value)


def is_text(text: str) -> bool:
    """Whether it can be printed: halves of characters come from arguments that are not UTF-8, and from JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""The story of a trial as the page carries it along: one hidden field of JSON that every button sends with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import orjson
from werkzeug.datastructures import MultiDict

from committee.trials import Story, values
from engine import trial
from engine.bpmn.model import Node
from engine.feel import to_json
from engine.forms import Form, accept
from store import clock
from store.errors import Invalid
from web import forms
from web.language import _

MAX_STORY = 500_000
MAX_LINES = 200
NAME = re.compile(r"[A-Za-z_]\w{0,99}")
LATER = timedelta(days=60)
"""From the trial's first day to its deadlines, until the person says otherwise."""

Plain = dict[str, Any]


def first(kinds: list[str]) -> Plain:
    """A story in which nothing has happened yet."""
    today = clock.today()
    later = (today + LATER).isoformat()
    return {"at": today.isoformat(), "given": {}, "answers": {}, "deadlines": dict.fromkeys(kinds, later), "acts": []}


def read(form: MultiDict[str, str]) -> Plain:
    """The story so far. Raises Invalid for one that this page has not written."""
    text = form.get("story", "")
    try:
        found = orjson.loads(text) if len(text) <= MAX_STORY else None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("acts"), list):
        raise Invalid(_("The trial could not be read. Begin it anew."))
    return found


def begun(form: MultiDict[str, str], kinds: list[str], outputs: Mapping[str, tuple[str, ...]]) -> Plain:
    """A story that begins as the form says."""
    answers = {
        name: {
            output: plain_value(text) for output in given if (text := form.get(f"answer.{name}.{output}", "").strip())
        }
        for name, given in outputs.items()
    }
    return {
        "at": form.get("at", ""),
        "given": lines(form.get("given", "")),
        "answers": {name: given for name, given in answers.items() if given},
        "deadlines": {kind: day for kind in kinds if (day := form.get(f"deadline.{kind}", ""))},
        "acts": [],
    }


def told(plain: Plain) -> Story:
    """As the trial understands it. Raises Invalid."""
    try:
        at = date.fromisoformat(str(plain.get("at")))
    except ValueError as error:
        raise Invalid(_("Give the day on which the trial begins, for example 2027-04-08.")) from error
    try:
        acts = [_act(each) for each in plain["acts"]]
        return Story(at, dict(plain["given"]), dict(plain["answers"]), dict(plain["deadlines"]), acts)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(_("The trial could not be read. Begin it anew.")) from error


def _act(each: Mapping[str, Any]) -> trial.Act:
    match each["what"]:
        case "complete":
            return trial.Complete(str(each["element"]), values(each["values"]))
        case "message":
            return trial.Message(str(each["name"]), values(each["values"]))
        case "signal":
            return trial.Signal(str(each["name"]), values(each["values"]))
        case "until":
            return trial.Until(str(each["instant"]))
        case "advance":
            return trial.Advance(str(each["duration"]))
        case _:
            raise ValueError(each["what"])


def act(form: MultiDict[str, str], nodes: Mapping[str, Node], known: Mapping[str, Form]) -> Plain:
    """What the button that was pressed does. Raises Invalid, for a form that is not filled in as the step asks too."""
    what, _sep, which = form.get("act", "").partition(":")
    match what:
        case "complete":
            node = nodes.get(which)
            asked = known.get(node.form or "") if node is not None else None
            values = _accepted(asked, form) if asked else lines(form.get("values", ""))
            return {"what": what, "element": which, "values": values}
        case "message" | "signal":
            return {"what": what, "name": which, "values": lines(form.get("values", ""))}
        case "until":
            return {"what": what, "instant": form.get("instant", "") or which}
        case "advance":
            return {"what": what, "duration": which}
        case _:
            raise Invalid(_("This button is not known. Open the page again."))


def _accepted(asked: Form, form: MultiDict[str, str]) -> Plain:
    """What was filled in, as the real step would take it: what is left empty is known to be nothing."""
    return {name: to_json(value) for name, value in accept(asked, forms.read(asked.schema, form)).items()}


def lines(text: str) -> Plain:
    """Names and values, one on each line: `importance = 2`. Raises Invalid for what is no such line."""
    found: Plain = {}
    for line in text.splitlines()[:MAX_LINES]:
        name, sign, value = (part.strip() for part in line.partition("="))
        if not name and not sign:
            continue
        if not NAME.fullmatch(name) or not sign:
            raise Invalid(_("Write each value on a line of its own: its name, an equals sign and the value."))
        found[name] = plain_value(value)
    return found


def plain_value(text: str) -> Any:
    """A number, true or false, a list in brackets, or a text."""
    text = text.strip()
    words = {"ja": True, "nej": False, "yes": True, "no": False, "true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return orjson.loads(text)
    except ValueError:
        return text

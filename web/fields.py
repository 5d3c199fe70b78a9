"""The pages' own small forms: how their fields are read, and shown again when something is wrong with them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import flask
from werkzeug.datastructures import MultiDict

from engine.forms import FIRST_YEAR, LAST_YEAR
from store.errors import HandslagError, Invalid
from web import problems
from web.ids import row_id
from web.language import _, told

First = TypeVar("First")
Second = TypeVar("Second")

MAX_TEXT = 10_000
"""Characters in a field that has no limit of its own."""

WINDOW_LENGTH = 40
"""Of the name of a window: ours are shorter."""


def day(form: MultiDict[str, str], name: str) -> date:
    """A day that must be given. Raises Invalid with a sentence for the field."""
    try:
        found = date.fromisoformat(form.get(name, "").strip())
    except ValueError as error:
        raise wrong(name, _("Choose a day, or write it like 2026-03-12.")) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise wrong(name, _("This year cannot be right."))
    return found


def text(form: MultiDict[str, str], name: str, *, longest: int = 2000, asking: str = "") -> str:
    """A text that must be given; `asking` says what for, where nothing stands. Raises Invalid."""
    found = optional_text(form, name, longest=longest)
    if not found:
        raise wrong(name, asking or _("This must be filled in."))
    return found


def optional_text(form: MultiDict[str, str], name: str, *, longest: int = MAX_TEXT) -> str:
    """A text that may be left out. Raises Invalid for one that is too long."""
    found = form.get(name, "").replace("\r\n", "\n").strip()
    if len(found) > longest:
        raise wrong(name, _("This is longer than %(longest)s characters. Shorten it.", longest=longest))
    if "\x00" in found:
        raise wrong(name, _("This holds a letter that cannot be written. Write it again."))
    return found


def yes_or_no(form: MultiDict[str, str], name: str) -> bool:
    """An answer that must be given: none is no refusal. Raises Invalid."""
    answer = form.get(name)
    if answer not in ("yes", "no"):
        raise wrong(name, _("Choose Yes or No."))
    return answer == "yes"


def key(form: MultiDict[str, str], name: str) -> UUID:
    """What was chosen in a list. Raises Invalid."""
    found = row_id(form.get(name))
    if found is None:
        raise wrong(name, _("Choose one."))
    return found


def both(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Two fields of a form, read so that what is wrong with either is said at once. Raises Invalid."""
    try:
        found = first()
    except Invalid as problem:
        try:
            second()
        except Invalid as other:
            raise Invalid(problem.message, errors=[*problem.errors, *other.errors]) from problem
        raise
    return found, second()


def new_window() -> str:
    """What a page is called among its reader's windows: what another one keeps is not written over."""
    return secrets.token_urlsafe(12)


def window(form: MultiDict[str, str]) -> str:
    """The window that a form was sent from; none where the page gave it no name."""
    return form.get("window", "")[:WINDOW_LENGTH]


def again(problem: HandslagError | None) -> dict[str, Any]:
    """What a template needs to show a form again: what was written, and what is wrong with it."""
    said = problems.sentence(problem) if problem else ""
    return {"problem": said, "errors": errors(problem), "written": flask.request.form}


def errors(problem: HandslagError | None) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    return {each["field"]: told(each["sentence"]) for each in problem.errors if "field" in each} if problem else {}


def wrong(names: str | Sequence[str], sentence: str) -> Invalid:
    """What is wrong with a field, or with several alike."""
    named = [names] if isinstance(names, str) else names
    found = [{"field": name, "sentence": sentence} for name in named]
    return Invalid(_("Something is missing or cannot be right."), errors=found)

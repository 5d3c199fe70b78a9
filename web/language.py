"""Swedish and English. Messages are keyed by their English text, so that only the Swedish has a catalogue of its own.

A text of the process owner (names of steps, labels of forms) is shown as it was written, in either language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import cast

import flask
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from store.sentences import translated

LANGUAGES = {"sv": "Svenska", "en": "English"}
DEFAULT = "sv"
COOKIE = "handslag_language"
CATALOGUES = Path(__file__).parent / "catalogues"
_TWO_STOPS = re.compile(r"(?<=\w)\.\.(?=\s|$)")


def current() -> str:
    """The language of this page: as chosen, else Swedish. A browser's wish is no choice: offices share computers."""
    chosen = flask.request.cookies.get(COOKIE, DEFAULT) if flask.has_request_context() else DEFAULT
    return chosen if chosen in LANGUAGES else DEFAULT


@cache
def catalogue(language: str) -> NullTranslations:
    """The messages of a language, of all its files (one for each part of the pages); read once."""
    paths = sorted((CATALOGUES / language).glob("*.po"))
    if not paths:
        return NullTranslations()
    messages = Catalog(locale=language)
    for path in paths:
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    messages[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


def _(message: str, **values: object) -> str:
    """A message in the language of this page, with values for its %(names)s."""
    found = catalogue(current()).ugettext(message)
    return _ended(found % values) if values else found


def told(sentence: str) -> str:
    """What an error says, in the language of this page, with its days written as there."""
    return _ended(translated(sentence, catalogue(current()).ugettext, _shown))


def _shown(value: object) -> object:
    from web import words  # words are of a language

    return words.day(value) if isinstance(value, date) and not isinstance(value, datetime) else value


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """A message that counts something; %(num)s is the count."""
    return _ended(catalogue(current()).ungettext(one, many, count) % {"num": count, **values})


def _ended(text: str) -> str:
    """A sentence with one full stop at its end, also where its last word is a month that has one (30 apr.)."""
    return type(text)(_TWO_STOPS.sub(".", text))


def install(environment: Environment) -> None:
    """Teach the templates to speak: `_`, `ngettext` and `{% trans %}`."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # comes with the extension
        lambda message: catalogue(current()).ugettext(message),
        lambda one, many, count: catalogue(current()).ungettext(one, many, count),
        newstyle=True,
    )
    for name in ("gettext", "ngettext"):
        environment.globals[name] = _said(cast("Callable[..., str]", environment.globals[name]))


def _said(gettext: Callable[..., str]) -> Callable[..., str]:
    """What a template says with values in it, ended once."""

    @pass_context
    def said(context: Context, *texts: object, **values: object) -> str:
        return _ended(gettext(context, *texts, **values))

    return said

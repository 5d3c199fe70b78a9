"""Sentences for people: a template in English with named values, so that a page can say the same in another language.

The template is the message's id in the catalogues (gettext, as `web/catalogues` has them). A sentence is a text like
any other, in English, wherever nobody asks for another language: in logs, on the command line, in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Self


class Sentence(str):
    """A text that remembers what it was made of."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, values: dict[str, object]) -> Self:
        """The template with its values; without any it is said as it stands, and a % in it is only a %."""
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[str, dict[str, object]]]:
        """Copied with what it was made of."""
        return type(self), (self.template, self.values)


def say(template: str, /, **values: object) -> Sentence:
    """A sentence with values for its `%(names)s`. Values are shown as `str` has them: a date as 2021-04-30.

    What others wrote (a name, a file's name) is a value, never part of the template. A value may be a sentence itself.
    """
    return Sentence(template, values)


def quoted(name: object) -> Sentence:
    """A name within a sentence, in the quotation marks of whatever language that is said in."""
    return say("'%(name)s'", name=name)


def listed(items: Iterable[object]) -> Sentence:
    """Several things within a sentence, with commas between them."""
    values = {str(number): item for number, item in enumerate(items)}
    return Sentence(", ".join(f"%({number})s" for number in values), values)


def stopped_at(line: int, column: int, words: object) -> Sentence:
    """Where a parser could not go on (both count from 1), with what it says of that itself, which is always English."""
    return say(
        "it cannot be read on from line %(line)s, column %(column)s (the reader's own words: %(words)s)",
        line=line,
        column=column,
        words=quoted(words),
    )


def translated(
    sentence: str, gettext: Callable[[str], str], shown: Callable[[object], object] = lambda value: value
) -> str:
    """The sentence in the language of `gettext`, which gives a message back as it is where it knows no better.

    `shown` writes a value as that language does: a date.
    """
    if not isinstance(sentence, Sentence):
        return gettext(sentence)
    told = gettext(sentence.template)
    if not sentence.values:
        return told
    return told % {
        name: translated(value, gettext, shown) if isinstance(value, Sentence) else shown(value)
        for name, value in sentence.values.items()
    }

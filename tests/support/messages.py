"""What the pages and the errors say, and what the catalogues have of it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.support import sentences

ROOT = Path(__file__).parents[2]
METHODS = [("client/**", "ignore"), ("static/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

Key = str
"""A message's English; the first form of one that counts."""


def said() -> dict[Key, str]:
    """Every message of the pages, of the errors and of the checkers' findings, and the file that says it.

    The API's errors are among them: it speaks Swedish to those who ask for it. What is only told on the command line is
    not (`sentences.OPERATORS`), nor what the API's schemas say of a value of the wrong kind: the forms of the pages
    send none.
    """
    options = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
    found = extract_from_dir(ROOT / "web", method_map=METHODS, options_map=options, keywords=KEYWORDS)
    pages = {_key(message): file for file, _line, message, _comments, _context in found}
    return sentences.findings() | sentences.templates() | pages


def translated(language: str) -> tuple[dict[Key, Message], list[Key]]:
    """The messages of a language's catalogues, and those that are said in more than one way there."""
    messages: list[Message] = []
    for path in sorted((ROOT / "web" / "catalogues" / language).glob("*.po")):
        with path.open("rb") as file:
            messages += [message for message in read_po(file, locale=language, abort_invalid=True) if message.id]
    ways = Counter(key for key, _ in {(_key(message.id), str(message.string)) for message in messages})
    return {_key(message.id): message for message in messages}, [key for key, number in ways.items() if number > 1]


def is_whole(message: Message) -> bool:
    """Whether every form of it is translated, with the same %(names)s."""
    forms = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    wanted = [message.id] * len(forms) if isinstance(message.id, str) else [message.id[0], *[message.id[1]] * 9]
    return all(form and _names(form) == _names(english) for form, english in zip(forms, wanted, strict=False))


def _names(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text))


def _key(message: object) -> Key:
    return message if isinstance(message, str) else str(message[0])  # type: ignore[index]

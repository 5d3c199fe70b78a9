"""E-mails that are saved as files (RFC 5322, .eml): their text, their attachments, and the day that they name.

Trap: strangers write them, and the standard library's reader has no limits. A sender's name of a megabyte takes it hours
and all memory, and some short ones make it fall over.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.parser import BytesFeedParser
from email.policy import EmailPolicy
from functools import partial
from itertools import count
from pathlib import PurePosixPath
from time import thread_time
from typing import Any, BinaryIO, cast

from committee.file_kinds import FileRefused, media_type_of
from committee.lists import line
from store.errors import Invalid
from store.files import FileStore
from store.sentences import Sentence, say

MOST_PARTS = 200
MOST_FIELD = 2000
"""Letters of a header field that are read."""
MOST_SECONDS = 8.0
"""Of work to take an e-mail apart; the largest that may be sent takes one or two."""
CHUNK = 16 * 1024
MOST_SEARCHED = 200_000
"""Letters of an e-mail's text in which its last day is looked for."""
SLOW = ("idna", "punycode")
"""Character sets that no e-mail is written in, whose readers take ever longer the more there is."""
NO_EMAIL = say("This is no e-mail. Save the e-mail as a file (.eml) and drop that.")
WITHIN = say("This is an e-mail within the e-mail. Save it as a file (.eml) of its own and drop that too.")
MOST_SHOWN = 20_000
"""Letters of an e-mail's text that are shown."""
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
_LAST_DAY = re.compile(
    rf"(?:senast|före|svarsdatum)\D{{0,40}}?(?:(\d{{4}})-(\d{{2}})-(\d{{2}})|(\d{{1,2}})\s+({'|'.join(MONTHS)})\s+(\d{{4}}))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail as somebody reads it before it becomes a case."""

    text: str
    files: Sequence[tuple[str, Sentence | None]]
    """The attachments, each with why it will not be taken."""


def read_letter(files: FileStore, sha256: str) -> Letter:
    """An e-mail that has been kept."""
    message = parsed(files, sha256)
    return Letter(
        text_of(message)[:MOST_SHOWN].strip(),
        [(name, _refused(name, content)) for name, content in attachments_of(message)],
    )


def _refused(name: str, content: bytes | None) -> Sentence | None:
    if content is None:
        return WITHIN
    try:
        media_type_of(name, io.BytesIO(content))
    except FileRefused as problem:
        return problem.message
    return None


def parsed(files: FileStore, sha256: str) -> EmailMessage:
    """An e-mail that has been kept. Raises Invalid for what is none, and for one that is there to keep us busy."""
    with files.open_path(sha256).open("rb") as kept:
        message = _taken_apart(kept)
    if not (message.get("From") or message.get("Subject")):
        raise Invalid(NO_EMAIL)
    return message


class _Policy(EmailPolicy):
    """Reads the beginning of each header field, and one that cannot be read as the text that it is."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value[:MOST_FIELD])
        except (LookupError, AttributeError, TypeError, ValueError, RecursionError):  # the library's own mistakes
            is_told = not name.lower().startswith("content-")
            return super().header_fetch_parse("Subject" if is_told else name, value[:MOST_FIELD] if is_told else "")


def _taken_apart(source: BinaryIO) -> EmailMessage:
    parts, begun, rules = count(), thread_time(), _Policy()  # the reader makes one to try before it begins

    def part(policy: EmailPolicy = rules) -> EmailMessage:
        if next(parts) > MOST_PARTS:
            raise Invalid("This e-mail has more than 200 parts. Send its files by themselves.")
        return EmailMessage(policy)

    reader = BytesFeedParser(part, policy=rules)
    try:
        for chunk in iter(partial(source.read, CHUNK), b""):
            reader.feed(chunk)
            if thread_time() - begun > MOST_SECONDS:
                raise Invalid("This e-mail takes too long to read. Send its files by themselves.")
        return cast("EmailMessage", reader.close())
    except RecursionError as error:
        raise Invalid(NO_EMAIL) from error


def text_of(message: EmailMessage) -> str:
    """Its plain text; nothing where it has none."""
    body = message.get_body(preferencelist=("plain",))
    if body is None:
        return ""
    try:
        if codecs.lookup(body.get_content_charset("utf-8")).name in SLOW:
            return ""
        content = body.get_content()
    except (LookupError, ValueError):  # a character set that nobody knows, or not the one that it says
        return ""
    return content if isinstance(content, str) else ""


def attachments_of(message: EmailMessage) -> Iterator[tuple[str, bytes | None]]:
    """Its attachments, each with a name that is only a name; without content for an e-mail that it carries."""
    for number, part in enumerate(message.iter_attachments(), 1):
        content = part.get_payload(decode=True)
        name = line(PurePosixPath((part.get_filename() or "").replace("\\", "/")).name, 150) or f"bilaga-{number}"
        if isinstance(content, bytes):
            yield name, content
        elif part.get_content_maintype() == "message":
            yield name, None


def last_day(text: str) -> date | None:
    """The day that a letter names as the last one to answer; a guess, which the registrar sees before it counts."""
    found = _LAST_DAY.search(text[:MOST_SEARCHED])
    if found is None:
        return None
    year, month, day, day_in_words, month_in_words, year_in_words = found.groups()
    try:
        if year:
            return date(int(year), int(month), int(day))
        return date(int(year_in_words), MONTHS.index(month_in_words.lower()) + 1, int(day_in_words))
    except ValueError:
        return None

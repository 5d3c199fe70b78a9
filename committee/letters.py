"""E-mails that are saved as files (RFC 5322, .eml): their text, their attachments, and the day that they name."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import PurePosixPath

from committee.file_kinds import FileRefused, media_type_of
from committee.lists import line
from store.errors import Invalid
from store.files import FileStore
from store.sentences import Sentence

MOST_PARTS = 200
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


def _refused(name: str, content: bytes) -> Sentence | None:
    try:
        media_type_of(name, io.BytesIO(content))
    except FileRefused as problem:
        return problem.message
    return None


def parsed(files: FileStore, sha256: str) -> EmailMessage:
    """An e-mail that has been kept. Raises Invalid for what is none."""
    with files.open_path(sha256).open("rb") as kept:
        message = BytesParser(policy=policy.default).parse(kept)
    if not isinstance(message, EmailMessage) or not (message.get("From") or message.get("Subject")):
        raise Invalid("This is no e-mail. Save the e-mail as a file (.eml) and drop that.")
    if sum(1 for _ in message.walk()) > MOST_PARTS:
        raise Invalid("This e-mail has more than 200 parts. Send its files by themselves.")
    return message


def text_of(message: EmailMessage) -> str:
    """Its plain text; nothing where it has none."""
    body = message.get_body(preferencelist=("plain",))
    if body is None:
        return ""
    try:
        content = body.get_content()
    except (LookupError, UnicodeError):  # a character set that nobody knows
        return ""
    return content if isinstance(content, str) else ""


def attachments_of(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Its attachments, each with a name that is only a name."""
    for number, part in enumerate(message.iter_attachments(), 1):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            name = line(PurePosixPath((part.get_filename() or "").replace("\\", "/")).name, 150)
            yield name or f"bilaga-{number}", content


def last_day(text: str) -> date | None:
    """The day that a letter names as the last one to answer; a guess, which the registrar sees before it counts."""
    found = _LAST_DAY.search(text)
    if found is None:
        return None
    year, month, day, day_in_words, month_in_words, year_in_words = found.groups()
    try:
        if year:
            return date(int(year), int(month), int(day))
        return date(int(year_in_words), MONTHS.index(month_in_words.lower()) + 1, int(day_in_words))
    except ValueError:
        return None

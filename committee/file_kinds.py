"""Which kinds of files are taken: those that authorities exchange, known by their content and never by a claim.

An allow list, not a detector: what is not known to be one of these is refused. So no page, script or program is ever
kept, and what a browser is told about a file is what the file is. Archives are refused (send the files one by one), and
so are documents with macros and the old binary formats of Office, in which macros cannot be seen.
"""

from __future__ import annotations

import codecs
import os
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO

from store.errors import Invalid
from store.sentences import say

NAME_CHARACTERS = 200
MAX_DIRECTORY_BYTES = 1024 * 1024
"""Of the table of contents of a packed document: some 20,000 parts, far more than any has."""
MAX_TYPE_BYTES = 200
MAX_UNPACKED_BYTES, MAX_UNPACKED_TIMES = 100 * 1024 * 1024, 100
"""A document that says that it unpacks to more than both, in bytes and in times its size, is there to fill disks."""
CHUNK = 256 * 1024
FORBIDDEN_IN_TEXT = frozenset(range(32)) - {9, 10, 12, 13}
"""Control characters but tab, line feed, form feed and carriage return."""
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode's categories of what is not seen: among them the letters that turn the direction of a name around."""
END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
"""The last record of a ZIP file (APPNOTE 4.3.16)."""
ACCEPTED = say(
    "PDF, OpenDocument (odt, ods, odp), Office (docx, xlsx, pptx), plain text and CSV in UTF-8, PNG, JPEG, TIFF"
)


class FileRefused(Invalid):
    """The file is of a kind that is not taken, or its name cannot be."""

    code = "file_refused"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken."""

    media_type: str
    endings: tuple[str, ...]


PDF = Kind("application/pdf", (".pdf",))
TEXT = Kind("text/plain", (".txt", ".csv", ".md"))
IMAGES = {
    b"\x89PNG\r\n\x1a\n": Kind("image/png", (".png",)),
    b"\xff\xd8\xff": Kind("image/jpeg", (".jpg", ".jpeg")),
    b"II*\x00": Kind("image/tiff", (".tif", ".tiff")),
    b"MM\x00*": Kind("image/tiff", (".tif", ".tiff")),
}
OPEN_DOCUMENT = {
    f"application/vnd.oasis.opendocument.{name}": Kind(f"application/vnd.oasis.opendocument.{name}", (ending,))
    for name, ending in {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp"}.items()
}
OFFICE = {
    folder: Kind(f"application/vnd.openxmlformats-officedocument.{name}", (ending,))
    for folder, name, ending in (
        ("word/", "wordprocessingml.document", ".docx"),
        ("xl/", "spreadsheetml.sheet", ".xlsx"),
        ("ppt/", "presentationml.presentation", ".pptx"),
    )
}
MEDIA_TYPES = tuple(
    dict.fromkeys(kind.media_type for kind in (PDF, TEXT, *IMAGES.values(), *OPEN_DOCUMENT.values(), *OFFICE.values()))
)
MACROS = ("vbaproject.bin", "basic/", "scripts/")
"""Parts that hold programs: Office's, and OpenDocument's two folders."""


def media_type_of(name: str, source: BinaryIO) -> str:
    """The media type of a file by its content, if the kind is taken and the name's ending fits it. Raises FileRefused."""
    require_name(name)
    if not source.seek(0, os.SEEK_END):
        raise FileRefused("This file is empty: there is nothing in it. Save it again, or ask the sender for it.")
    kind = _kind(source)
    source.seek(0)
    if kind is None:
        raise FileRefused(say("This kind of file is not taken. Send %(accepted)s.", accepted=ACCEPTED))
    if PurePosixPath(name.lower()).suffix not in kind.endings:
        raise FileRefused(
            say(
                "The name does not fit the content. The name of this file must end with %(ending)s.",
                ending=kind.endings[0],
            )
        )
    return kind.media_type


def require_name(name: str) -> str:
    """A file's name, if it is only a name. Raises FileRefused for paths, control characters and names too long."""
    if not name.strip(". ") or len(name) > NAME_CHARACTERS:
        raise FileRefused(
            say(
                "A file needs a name of 1 to %(most)s characters. Rename it.",
                most=NAME_CHARACTERS,
            )
        )
    if any(letter in "/\\" or unicodedata.category(letter) in UNSEEN for letter in name):
        raise FileRefused("A file's name must not hold slashes or control characters. Send the name alone, not a path.")
    return name


def _kind(source: BinaryIO) -> Kind | None:
    source.seek(0)
    head = source.read(16)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _packed(source)
    image = next((kind for magic, kind in IMAGES.items() if head.startswith(magic)), None)
    return image or (TEXT if _is_text(source) else None)


def _packed(source: BinaryIO) -> Kind | None:
    """The kind of a document that is a ZIP file: by its table of contents; nothing but `mimetype` is unpacked."""
    if not 0 < _directory_bytes(source) <= MAX_DIRECTORY_BYTES:
        return None
    try:
        with zipfile.ZipFile(source) as packed:
            names = [name.lower() for name in packed.namelist()]
            unpacked = sum(part.file_size for part in packed.infolist())
            declared = _declared_type(packed)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, UnicodeDecodeError):
        return None
    if unpacked > max(MAX_UNPACKED_BYTES, MAX_UNPACKED_TIMES * source.seek(0, os.SEEK_END)):
        raise FileRefused("This document unpacks to far more than it holds. Save it again, or as PDF, and send that.")
    if any(name.endswith(MACROS[0]) or name.startswith(MACROS[1:]) for name in names):
        raise FileRefused("This document holds macros. Save it without them, or as PDF, and send that.")
    if declared is not None:
        return OPEN_DOCUMENT.get(declared)
    if "[content_types].xml" not in names:
        return None
    return next((kind for folder, kind in OFFICE.items() if any(name.startswith(folder) for name in names)), None)


def _declared_type(packed: zipfile.ZipFile) -> str | None:
    """What OpenDocument says of itself in its first part, which is not compressed (ODF 1.3 part 2, 3.3)."""
    first = packed.infolist()[0] if packed.infolist() else None
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return None
    if first.file_size > MAX_TYPE_BYTES or first.compress_size > MAX_TYPE_BYTES:
        return None
    return packed.read(first).decode("ascii", "replace")


def _directory_bytes(source: BinaryIO) -> int:
    """Size of a ZIP file's table of contents as its end says; 0 when there is no end, or one for more than 4 GB.

    `zipfile` reads the whole table into memory, and believes the larger end (zip64) wherever there is one.
    """
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - END_OF_DIRECTORY.size - 0xFFFF))
    tail = source.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END_OF_DIRECTORY.size or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        return 0
    length: int = END_OF_DIRECTORY.unpack_from(tail, at)[5]
    return length


def _is_text(source: BinaryIO) -> bool:
    """Whether it is text in UTF-8 and no markup: what begins with `<` could be a page, an image or a program."""
    source.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    begun = False
    for chunk in iter(partial(source.read, CHUNK), b""):
        if not FORBIDDEN_IN_TEXT.isdisjoint(chunk):
            return False
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
        if not begun and (seen := text.lstrip("\ufeff \t\r\n\f")):
            if seen.startswith("<"):
                return False
            begun = True
    return begun and not decoder.getstate()[0]

"""Files by their content: each is kept once, under its SHA-256, and is never written over.

A file is first written beside its place, synced, and then renamed, so that under its name there is always the whole of
it. The row that names it is written afterwards: a verb that fails leaves at most a file that no row names. That does no
harm and takes only room; `handslag documents check` finds such files.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from store.errors import TooLarge, Unavailable
from store.sentences import say
from store.settings import Settings

CHUNK = 256 * 1024
SHA256_LETTERS = 64
UNFINISHED = ".part"
"""Ending of a file that is being written; one that a dead process left may be removed."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a file when it is on the disk."""

    sha256: str
    size: int


class FileStore:
    """The files below one folder."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def keep(self, source: BinaryIO) -> StoredFile:
        """Copy a stream to the disk and name it by its content.

        Raises TooLarge (nothing is left of it) and Unavailable when the disk is full or away.
        """
        try:
            return self._keep(source)
        except OSError as error:
            raise Unavailable("The file cannot be stored just now. Nothing was changed; try again later.") from error

    def path(self, sha256: str) -> Path:
        """Where the file with a content is kept."""
        if len(sha256) != SHA256_LETTERS or not sha256.isalnum():
            raise ValueError(f"{sha256!r} is no SHA-256")
        return self.folder / sha256[:2] / sha256

    def open_path(self, sha256: str) -> Path:
        """The path of a file that is there. Raises Unavailable when it is not: then the disk has lost it."""
        path = self.path(sha256)
        if not path.is_file():
            raise Unavailable("The file is not on the disk where it was kept. Tell the operator; the backup has it.")
        return path

    def is_whole(self, sha256: str) -> bool:
        """Whether the file is there and still has the content that its name says."""
        try:
            with self.path(sha256).open("rb") as kept:
                return hashlib.file_digest(kept, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def all(self) -> Iterator[str]:
        """The contents that are kept, by SHA-256."""
        for path in sorted(self.folder.glob("??/*")):
            if len(path.name) == SHA256_LETTERS:
                yield path.name

    def _keep(self, source: BinaryIO) -> StoredFile:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=UNFINISHED, delete=False) as unfinished:
            try:
                stored = self._copy(source, unfinished.file)
                place = self.path(stored.sha256)
                place.parent.mkdir(exist_ok=True)
                Path(unfinished.name).replace(place)  # the same content again: the same file again
            except BaseException:
                Path(unfinished.name).unlink(missing_ok=True)
                raise
        for folder in (place.parent, self.folder):
            _sync_folder(folder)
        return stored

    def _copy(self, source: BinaryIO, target: IO[bytes]) -> StoredFile:
        digest, size = hashlib.sha256(), 0
        for chunk in iter(partial(source.read, CHUNK), b""):
            size += len(chunk)
            if size > self.max_bytes:
                raise TooLarge(
                    say(
                        "A file may be at most %(most)s MB. Send it in parts.",
                        most=self.max_bytes // 1024 // 1024,
                    )
                )
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
        return StoredFile(digest.hexdigest(), size)


def file_store(settings: Settings) -> FileStore:
    """The files of this installation; several machines share the folder.

    Trap: its paths are whole, since Flask sends a file of half a path from the folder of the application instead.
    """
    return FileStore((settings.data_dir / "files").resolve(), settings.max_upload_bytes)


def _sync_folder(folder: Path) -> None:
    """Make a rename last: on POSIX a name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

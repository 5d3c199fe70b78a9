"""Files by content: whole or not at all, whatever happens on the way."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import TooLarge, Unavailable
from store.files import CHUNK, FileStore, file_store
from store.settings import Settings


class Torn(io.BytesIO):
    """A stream that breaks off after its first part."""

    def read(self, *given: Any) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(*given)


@given(data=st.binary(max_size=64) | st.sampled_from([b"x" * CHUNK, b"x" * (CHUNK + 1)]))
def test_a_file_is_found_by_its_content(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    files = FileStore(tmp_path_factory.mktemp("files"), 2 * CHUNK)
    first, second = (files.keep(io.BytesIO(data)) for _ in range(2))
    assert first == second
    assert (first.sha256, first.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert files.open_path(first.sha256).read_bytes() == data
    assert list(files.all()) == [first.sha256] and files.is_whole(first.sha256)


@pytest.mark.parametrize(
    "source, error", [(Torn(b"x" * 2 * CHUNK), Unavailable), (io.BytesIO(b"x" * (2 * CHUNK + 1)), TooLarge)]
)
def test_what_does_not_come_whole_leaves_nothing(tmp_path: Path, source: io.BytesIO, error: type[Exception]) -> None:
    files = FileStore(tmp_path / "files", 2 * CHUNK)
    with pytest.raises(error):
        files.keep(source)
    assert not [path for path in files.folder.rglob("*") if path.is_file()]


def test_a_file_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the data folder is half a path where none is set
    stored = file_store(Settings()).keep(io.BytesIO(b"letter"))
    kept = file_store(Settings()).open_path(stored.sha256)
    monkeypatch.chdir("/")
    assert kept.read_bytes() == b"letter"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "/" + "a" * 63, "." * 64])
def test_only_a_sha256_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        FileStore(tmp_path, 1).path(name)

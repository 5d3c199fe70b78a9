"""A backup of the embedded database comes back whole, and nothing of what was written since with it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store import clock, simulation
from store.backup import backup, restore
from store.database import Database
from store.errors import Conflict, HandslagError, Invalid
from store.settings import Settings
from store.simulation import SimulatedClock

BEFORE = clock.at(clock.today(), 8)
SINCE = BEFORE + timedelta(days=1)


@pytest.fixture
def copy(database: Database, tmp_path: Path) -> Path:
    """A backup made before `SINCE` was written, while the database was in use."""
    made = tmp_path / "copies" / "backup.db"
    made.parent.mkdir()
    simulation.set_clock(database, BEFORE)
    backup(database, made)
    simulation.set_clock(database, SINCE)
    return made


@pytest.fixture
def crashed(database: Database, copy: Path, tmp_path: Path) -> Iterator[Database]:
    """The database as kill -9 leaves it: what was written last is in the -wal alone."""
    folder = tmp_path / "crashed"
    folder.mkdir()
    for name in ("handslag.db", "handslag.db-wal"):
        shutil.copy(tmp_path / name, folder / name)
    found = Database(f"sqlite:///{folder}/handslag.db")
    yield found
    found.dispose()


def shown(database: Database) -> object:
    with database.reading() as db:
        row = db.get(SimulatedClock, 1)
        return row and row.at


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_written_after_the_backup_is_gone_also_from_the_log_of_a_crash(crashed: Database, copy: Path) -> None:
    assert Path(f"{crashed.url.removeprefix('sqlite:///')}-wal").stat().st_size > 0
    restore(crashed, copy)
    assert shown(crashed) == BEFORE


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_in_use_is_left_alone(database: Database, copy: Path) -> None:
    other = Database(database.url)
    assert shown(other) == SINCE
    with pytest.raises(Conflict, match="Stop API and worker"):
        restore(database, copy)
    other.dispose()
    assert shown(database) == SINCE
    restore(database, copy)
    assert shown(database) == BEFORE


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_no_backup_of_ours_changes_nothing(database: Database, copy: Path, tmp_path: Path) -> None:
    text, empty, newer, cut = (tmp_path / name for name in ("text.db", "empty.db", "newer.db", "cut.db"))
    text.write_text("no database at all, " * 300)
    empty.touch()
    shutil.copy(copy, newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    cut.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    for wrong in (text, empty, newer, cut):
        with pytest.raises(Invalid):
            restore(database, wrong)
    with pytest.raises(HandslagError, match="no file"):
        restore(database, tmp_path / "nothing.db")
    assert shown(database) == SINCE


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_database_is_said_to_be_in_the_way(database: Database, copy: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_text("the disk was full of this " * 300)
    with pytest.raises(Conflict, match="Move it away"):
        restore(Database(f"sqlite:///{damaged}"), copy)
    damaged.unlink()
    restored = Database(Settings(data_dir=tmp_path / "new").url())
    restore(restored, copy)
    assert shown(restored) == BEFORE
    restored.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_takes_the_place_of_no_file(database: Database, copy: Path) -> None:
    with pytest.raises(Conflict):
        backup(database, copy)
    assert not copy.with_name("backup.db-wal").exists()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_is_backed_up_by_its_own_tools(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="pg_dump"):
        backup(database, tmp_path / "backup.db")
    with pytest.raises(Invalid, match="pg_restore"):
        restore(database, tmp_path / "backup.db")

"""The same form sent twice at the same instant, on PostgreSQL: what may be there once is there once.

The embedded database has one writing transaction at a time, and so has these one after the other.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from committee import access, alike, beginnings, filing
from committee.access import Actor
from store.database import Database
from store.errors import Conflict
from store.files import FileStore
from tests.support.at_once import overlapping
from tests.support.region import Region

pytestmark = pytest.mark.parametrize("demo_database", ["postgresql"], indirect=True)


@pytest.fixture
def actor(demo_database: Database, tmp_path: Path, travel: object) -> Callable[[str], Actor]:
    region = Region(demo_database, tmp_path)

    def known(key: str) -> Actor:
        with demo_database.asking() as db:
            found = access.authenticate(db, region.users[key])
        assert found is not None
        return found

    return known


def refused(act: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        with pytest.raises(Conflict):
            act()

    return run


def test_a_letter_becomes_one_case_and_a_file_one_document(
    demo_database: Database, actor: Callable[[str], Actor], tmp_path: Path
) -> None:
    registrar, made = actor("registrator"), []

    def register() -> None:
        made.append(alike.open_once(demo_database, registrar, "external_referral", "Ny lag").id)

    def file() -> None:
        upload = filing.Upload("lag.txt", io.BytesIO(b"En ny lag"))
        filing.add_document(demo_database, FileStore(tmp_path, 100), registrar, made[0], upload, once=True)

    for act in (register, file):
        assert overlapping(demo_database, lambda _db, act=act: act(), refused(act))
    assert len(made) == 1


def test_something_new_in_the_studio_is_begun_once(demo_database: Database, actor: Callable[[str], Actor]) -> None:
    owner, made = actor("processagare"), []

    def begin() -> None:
        made.append(beginnings.begin(demo_database, owner, "process", "Jämställdhet").id)

    assert overlapping(demo_database, lambda _db: begin(), begin)
    assert made[0] == made[1]

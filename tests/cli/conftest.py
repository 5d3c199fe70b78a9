"""The command as a person runs it, with settings from the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.main import main
from store import clock
from store.database import Database

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Handslag = Callable[..., Answer]


def environment(database: Database, folder: Path, **settings: str) -> dict[str, str]:
    """The settings as a shell would have them."""
    url = database.engine.url.render_as_string(hide_password=False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANDSLAG_")}
    own = {"HANDSLAG_DATABASE_URL": url, "HANDSLAG_DATA_DIR": str(folder), "COLUMNS": "200", **settings}
    return {**kept, **own, "PYTHONPATH": str(ROOT)}


def serves(port: int) -> bool:
    """Whether the API answers the demo's registrar."""
    registrar = {"Authorization": "Bearer demo-vasterbotten-registrator"}
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v1/me", headers=registrar).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def handslag(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Handslag]:
    """`handslag("overdue", "--json")` on the test's database."""

    def run(*arguments: str, **settings: str) -> Answer:
        with monkeypatch.context() as patch:
            for name, value in environment(database, tmp_path, **settings).items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        printed = capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    yield run
    clock.use(None)  # a command may have gone over to simulated time

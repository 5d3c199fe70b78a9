"""Where measurements are made: a folder, databases that are migrated and empty, a progress bar."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Self, TypeVar

from rich.progress import Progress

from store import migrate
from store.database import Database
from tests.support import postgres

T = TypeVar("T")
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
KINDS = (SQLITE, POSTGRESQL)


class Lab:
    """What every area is given. All it made is gone at the end."""

    def __init__(self, progress: Progress, *, quick: bool) -> None:
        self.progress, self.quick = progress, quick
        self.folder = Path(mkdtemp(prefix="handslag-bench-"))
        self._stack = ExitStack()
        self._numbered = 0

    def __enter__(self) -> Self:
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def often(self, full: int, quick: int) -> int:
        """How often to repeat something."""
        return quick if self.quick else full

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """The items, with a bar that says what is going on."""
        listed = list(items) if total is None else items
        task = self.progress.add_task(what, total=total or len(listed))  # type: ignore[arg-type]
        try:
            yield from self.progress.track(listed, task_id=task)
        finally:
            self.progress.remove_task(task)

    @cached_property
    def server(self) -> str:
        """Address of a PostgreSQL that writes durably, without a database's name."""
        return self._stack.enter_context(postgres.server(durable=True))

    def new_address(self, kind: str) -> str:
        """The URL of a new, empty database, for drivers."""
        self._numbered += 1
        if kind == SQLITE:
            return str(self.folder / f"bench{self._numbered}.db")
        return postgres.create_database(self.server, f"bench{self._numbered}")

    @contextmanager
    def database(self, kind: str) -> Iterator[Database]:
        """A new database of this release; removed when it has been used."""
        address = self.new_address(kind)
        url = f"sqlite:///{address}" if kind == SQLITE else address.replace("postgresql:", "postgresql+psycopg:", 1)
        made = Database(url)
        try:
            migrate.upgrade(made)
            yield made
        finally:
            made.dispose()
            if kind == POSTGRESQL:
                postgres.drop_database(self.server, address.rsplit("/", 1)[1])

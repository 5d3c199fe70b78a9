"""Long work of a page, done beside the requests: it shows how far it has come, and can be left and come back to.

What it does to the register it does by verbs, piece by piece; what it finds out is kept here, in memory, for whoever
asked. After a restart of the server a page that asks for it says that it must be begun again.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import flask

from store.errors import HandslagError, NotFound
from store.ids import new_id
from web.language import _
from web.terms import N_

log = logging.getLogger("handslag.web")

EXTENSION = "handslag.background"
MOST_KEPT = 100
FAILED = N_("This is our mistake, and it has been noted. Try again, or tell the operator.")
GONE = N_("This work is no longer known here, since the server has been restarted. Begin it again.")


@dataclass(slots=True)
class Work:
    """Some long work: what it is about, and how far it has come."""

    id: UUID
    owner_id: UUID
    template: str
    """Shows what has been found out, while it goes on and at the end."""
    back: str
    """The address of the page that it was begun from."""
    total: int
    about: dict[str, Any] = field(default_factory=dict)
    found: list[Any] = field(default_factory=list)
    is_done: bool = False
    problem: str = ""

    @property
    def done(self) -> int:
        """Pieces that are finished."""
        return len(self.found)


@dataclass(slots=True)
class Background:
    """The works of this server."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "background"))
    """One at a time: pages are to stay quick meanwhile."""
    kept: OrderedDict[UUID, Work] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def install(app: flask.Flask) -> None:
    """Give the app a background."""
    app.extensions[EXTENSION] = Background()


def begin(
    owner_id: UUID,
    pieces: Callable[[], Iterator[Any]],
    *,
    total: int,
    template: str,
    back: str,
    about: dict[str, Any] | None = None,
) -> Work:
    """Begin work that gives one thing for each piece."""
    background: Background = flask.current_app.extensions[EXTENSION]
    work = Work(new_id(), owner_id, template, back, total, about or {})
    with background.lock:
        background.kept[work.id] = work
        while len(background.kept) > MOST_KEPT:
            background.kept.popitem(last=False)
    background.pool.submit(_do, work, pieces)
    return work


def find(work_id: UUID, owner_id: UUID) -> Work:
    """Somebody's own work. Raises NotFound."""
    background: Background = flask.current_app.extensions[EXTENSION]
    found = background.kept.get(work_id)
    if found is None or found.owner_id != owner_id:
        raise NotFound(_(GONE))
    return found


def _do(work: Work, pieces: Callable[[], Iterator[Any]]) -> None:
    try:
        for piece in pieces():
            work.found.append(piece)
    except HandslagError as error:
        work.problem = error.message
    except Exception:
        log.exception("background work failed")
        work.problem = FAILED
    finally:
        work.is_done = True

"""What a handler may ask for: the database, the settings, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from api.problems import Unauthenticated
from committee.access import Actor
from store.database import Database
from store.files import FileStore, file_store
from store.settings import Settings

EXTENSION = "handslag"


@dataclass(frozen=True)
class Installed:
    """What `create_app` was given; kept in the app, never in a module."""

    settings: Settings
    database: Database


def installed() -> Installed:
    """The parts that this app was made with."""
    parts = flask.current_app.extensions[EXTENSION]
    assert isinstance(parts, Installed)
    return parts


def database() -> Database:
    """The database of this app."""
    return installed().database


def settings() -> Settings:
    """The settings of this app."""
    return installed().settings


def files() -> FileStore:
    """The files of this installation."""
    return file_store(installed().settings)


def actor() -> Actor:
    """Who is calling. Raises Unauthenticated where nobody has been let in."""
    known: Actor | None = flask.g.get("actor")
    if known is None:
        raise Unauthenticated("Send a token in the header: Authorization: Bearer …")
    return known

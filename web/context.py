"""What a page may ask for: the database, the settings, and who is reading."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from committee.access import Actor
from committee.appearance import Appearance
from store.database import Database
from store.files import FileStore, file_store
from store.settings import Settings

EXTENSION = "handslag"


@dataclass(frozen=True)
class Installed:
    """What `create_app` was given; kept in the app, never in a module."""

    settings: Settings
    database: Database
    appearance: Appearance


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


def appearance() -> Appearance:
    """How the organisation wants its pages."""
    return installed().appearance


def files() -> FileStore:
    """The files of this installation."""
    return file_store(installed().settings)


def actor() -> Actor:
    """Who is reading; only on pages that need a sign-in."""
    known = flask.g.actor
    assert isinstance(known, Actor)
    return known

"""One WSGI application of two: the API where its addresses begin, the pages everywhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from api.app import create_app as create_api
from store.database import Database
from store.settings import Settings
from web.app import create_app as create_web
from web.language import catalogue

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OF_API = frozenset({"api", "livez", "readyz", "metrics"})
"""First parts of the API's addresses."""


def create_site(settings: Settings, database: Database) -> WSGIApplication:
    """Pages and API over a database that has been migrated."""
    api = create_api(settings, database, catalogue("sv").ugettext)
    web = create_web(settings, database)

    def site(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        first = str(environ.get("PATH_INFO", "")).removeprefix("/").partition("/")[0]
        return (api if first in OF_API else web)(environ, start_response)

    return site

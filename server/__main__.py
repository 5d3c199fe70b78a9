"""`python -m server`: serve pages and API on one address, with waitress, until SIGTERM or Ctrl-C.

For more than one machine's work use any WSGI server, for example `gunicorn 'server.__main__:application()'`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from api.server import serve
from server.site import create_site
from store.database import Database
from store.exits import told
from store.settings import Settings
from store.simulation import use_configured_clock

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def application() -> WSGIApplication:
    """Pages and API with the settings of the environment."""
    settings = Settings()
    database = Database(settings.url())
    use_configured_clock(settings, database)
    return create_site(settings, database)


def main() -> None:
    """Serve until told to stop; requests that have begun are answered first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # readiness asks it every few seconds
    with told():
        serve(Settings(), create_site)


if __name__ == "__main__":
    main()

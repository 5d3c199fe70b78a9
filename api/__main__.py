"""`python -m api`: serve the API alone, with waitress, until SIGTERM or Ctrl-C.

For more than one machine's work use any WSGI server, for example `gunicorn 'api.__main__:application()'`.
"""

from __future__ import annotations

import flask

from api.app import create_app
from api.server import serve
from store import logs
from store.database import Database
from store.exits import end_with_supervisor, told
from store.settings import Settings
from store.simulation import use_configured_clock


def application() -> flask.Flask:
    """An application with the settings of the environment."""
    settings = Settings()
    database = Database(settings.url())
    use_configured_clock(settings, database)
    return create_app(settings, database)


def main() -> None:
    """Serve until told to stop; requests that have begun are answered first."""
    logs.configure()
    end_with_supervisor()
    with told():
        serve(Settings(), create_app)


if __name__ == "__main__":
    main()

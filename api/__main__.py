"""`python -m api`: serve the API with waitress until SIGTERM or Ctrl-C.

For more than one machine's work use any WSGI server, for example `gunicorn 'api.__main__:application()'`.
"""

from __future__ import annotations

import logging
import signal
from types import FrameType
from typing import NoReturn

import flask

from api.app import create_app
from api.server import create_server
from store.database import Database
from store.errors import Misconfigured
from store.exits import told
from store.settings import Settings
from store.simulation import use_configured_clock

log = logging.getLogger("handslag.api")


def application() -> flask.Flask:
    """An application with the settings of the environment."""
    settings = Settings()
    database = Database(settings.url())
    use_configured_clock(settings, database)
    return create_app(settings, database)


def main() -> None:
    """Serve until told to stop; requests that have begun are answered first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # readiness asks it every few seconds
    with told():
        _serve(Settings())


def _serve(settings: Settings) -> None:
    database = Database(settings.url(), pool_size=settings.threads)
    use_configured_clock(settings, database)
    try:
        server = create_server(create_app(settings, database), settings)
    except OSError as problem:
        raise Misconfigured(
            f"The API cannot listen on {settings.host}:{settings.port} ({problem.strerror}). "
            "Stop what listens there, or choose another port with HANDSLAG_PORT."
        ) from problem
    signal.signal(signal.SIGTERM, _stop)
    log.info("the API listens on http://%s:%s", settings.host, settings.port)
    try:
        server.run()  # leaves its loop on KeyboardInterrupt and SystemExit, and lets the threads finish
    finally:
        server.close()
        database.dispose()
        log.info("the API has stopped")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main()

"""waitress, with problem details for what it refuses before the application sees it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from io import BytesIO
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
import waitress  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.server import BaseWSGIServer  # type: ignore[import-untyped]
from waitress.task import WSGITask  # type: ignore[import-untyped]

from api.bodies import ENVELOPE_BYTES
from api.problems import CODES, MEDIA_TYPE, TITLES
from store.database import Database
from store.errors import Misconfigured
from store.settings import Settings
from store.simulation import use_configured_clock

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("handslag.server")

CONNECTIONS = 800
"""Open at a time, below the 1024 files that a process commonly may open. Those that say nothing, or little by little, cost no
thread; with waitress's own 100 a hundred of them, from anybody, would keep everybody else out."""

SENTENCES = {
    400: "This is not HTTP that can be understood. Check the client or what stands between it and the server.",
    413: "The body is larger than anything that can be sent here. Send less at a time.",
    431: "The header fields are too large. Send fewer or shorter ones.",
    500: "This is our mistake. Tell the operator when it happened.",
    501: "The body is sent in a transfer coding that is not known here. Send it plain or chunked.",
}


def serve(settings: Settings, create_app: Callable[[Settings, Database], WSGIApplication]) -> None:
    """Serve an application until told to stop; requests that have begun are answered first."""
    database = Database(settings.url(), pool_size=settings.threads)
    use_configured_clock(settings, database)
    try:
        server = create_server(create_app(settings, database), settings)
    except OSError as problem:
        raise Misconfigured(
            f"The server cannot listen on {settings.host}:{settings.port} ({problem.strerror}). "
            "Stop what listens there, or choose another port with HANDSLAG_PORT."
        ) from problem
    signal.signal(signal.SIGTERM, _stop)
    log.info("listening on http://%s:%s", settings.host, settings.port)
    try:
        server.run()  # leaves its loop on KeyboardInterrupt and SystemExit, and lets the threads finish
    finally:
        server.close()
        database.dispose()
        log.info("stopped")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def create_server(app: WSGIApplication, settings: Settings) -> Any:
    """A server that listens; its `run` serves. Raises OSError when the address is taken."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(
        app,
        map=sockets,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,  # select() takes no file number over 1023
        max_request_body_size=settings.max_upload_bytes + ENVELOPE_BYTES,
        ident=None,
    )
    for each in sockets.values():
        if isinstance(each, BaseWSGIServer):  # one for each address that the host's name has
            each.channel_class = _Channel
    return server


class _Problem(WSGITask):  # type: ignore[misc]  # has no stubs
    """waitress's own refusal, as a problem like all others."""

    def execute(self) -> None:
        """Write the answer and close, since what follows on the connection is not known."""
        self.set_close_on_finish()
        if self.request.error.code == 413 and "text/html" in self.request.headers.get("ACCEPT", ""):
            self._ask_for_page()
        else:
            self._write_problem()

    def _ask_for_page(self) -> None:
        """Let the application tell whoever sits at a browser; it is given how large the body is, and nothing of it."""
        most = self.channel.server.adj.max_request_body_size
        self.get_environment().update({"CONTENT_LENGTH": str(most + 1), "wsgi.input": BytesIO()})
        super().execute()

    def _write_problem(self) -> None:
        error, self.complete = self.request.error, True
        title, _ = TITLES.get(error.code, (error.reason, error.reason))
        code = "internal" if error.code == 500 else CODES.get(error.code, f"http_{error.code}")
        problem = {"type": f"urn:handslag:problem:{code}", "title": title, "status": error.code, "code": code}
        body = orjson.dumps({**problem, "detail": SENTENCES.get(error.code, f"{error.reason}.")})
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", MEDIA_TYPE))
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]  # has no stubs
    error_task_class = _Problem

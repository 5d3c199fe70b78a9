"""What the server itself refuses, before the application sees it, leaves as a problem like everything else."""

from __future__ import annotations

import http.client
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from store.database import Database
from tests.faults.crew import crew

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@only_sqlite
def test_what_the_server_refuses_is_a_problem_too(office: Database, tmp_path: Path) -> None:
    with crew(office, tmp_path, max_upload_bytes="4096") as (api, _):
        for headers, status, code in (
            ({"Content-Length": str(2**40)}, 413, "too_large"),
            ({"X-Much": "x" * 300_000}, 431, "http_431"),
            ({"Transfer-Encoding": "gzip"}, 501, "http_501"),
        ):
            wire = http.client.HTTPConnection("127.0.0.1", api.client.base_url.port, timeout=30)
            wire.putrequest("POST", "/api/v1/cases")
            for name, value in headers.items():
                wire.putheader(name, value)
            wire.endheaders()
            answer = wire.getresponse()
            body = answer.read().decode()
            assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), body
            assert f'"code":"{code}"' in body and "waitress" not in body
            wire.close()


@only_sqlite
def test_two_hundred_who_never_finish_their_request_keep_nobody_out(office: Database, tmp_path: Path) -> None:
    with crew(office, tmp_path) as (api, _), ExitStack() as open_ones:
        for _ in range(200):
            slow = open_ones.enter_context(socket.create_connection(("127.0.0.1", api.client.base_url.port)))
            slow.sendall(b"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        wire = http.client.HTTPConnection("127.0.0.1", api.client.base_url.port, timeout=10)
        wire.request("GET", "/livez")
        assert wire.getresponse().status == 200
        wire.close()

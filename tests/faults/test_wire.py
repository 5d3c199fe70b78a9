"""What the server itself refuses, before the application sees it, leaves as a problem like everything else."""

from __future__ import annotations

import http.client
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

"""Clients that keep their connection and send ready-made requests: as little work as possible beside the server's."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from bench.timing import percentile


@dataclass(frozen=True, slots=True)
class Load:
    """What a load gave: requests a second, and milliseconds that half and 99 of 100 requests stayed below."""

    rate: float
    p50: float
    p99: float


def request(method: str, path: str, token: str = "", body: object = None, headers: str = "") -> bytes:
    """The bytes of a request."""
    data = orjson.dumps(body) if body is not None else b""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{headers}"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def completion(task_id: UUID, token: str, answer: object) -> bytes:
    """A request that completes a task that nobody has touched."""
    tag = f'If-Match: "{task_id.hex}.1"\r\n'
    return request("POST", f"/api/v1/tasks/{task_id}/complete", token, {"values": answer}, tag)


def load(ports: Sequence[int], requests: Sequence[bytes], clients: int) -> Load:
    """Send the requests by so many clients at once, spread over the ports. Raises RuntimeError for any other answer."""
    shares = [requests[number::clients] for number in range(clients)]
    taken: list[list[float]] = [[] for _ in range(clients)]
    failures: list[Exception] = []
    start = threading.Barrier(clients + 1)

    def work(number: int) -> None:
        try:
            with socket.create_connection(("127.0.0.1", ports[number % len(ports)])) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                start.wait()
                for each in shares[number]:
                    begun = time.perf_counter()
                    exchange(connection, each)
                    taken[number].append((time.perf_counter() - begun) * 1000)
        except Exception as error:
            failures.append(error)
            start.abort()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if failures:
        raise RuntimeError("A request failed.") from failures[0]
    every = [value for found in taken for value in found]
    return Load(len(every) / seconds, percentile(every, 0.5), percentile(every, 0.99))


def exchange(connection: socket.socket, message: bytes) -> bytes:
    """Send one request and read its answer, which must be a 200 with a length; give its body."""
    connection.sendall(message)
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _more(connection)
    head = data[:end].lower()
    if b" 200 " not in head[:20]:
        raise RuntimeError(f"Unexpected answer: {data[:800]!r}")
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(data) < end + 4 + length:
        data += _more(connection)
    return data[end + 4 :]


def _more(connection: socket.socket) -> bytes:
    found = connection.recv(65536)
    if not found:
        raise RuntimeError("The server closed the connection.")
    return found

"""Numbers for Prometheus. Each process counts its own requests; what lies in the database is counted when asked."""

from __future__ import annotations

import time
from collections.abc import Iterator

import flask
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from committee import operating
from store.database import Database

MEANINGS = {
    "instances_running": "Process instances that run.",
    "instances_suspended": "Process instances that are suspended.",
    "tasks_open": "Tasks that wait for a person.",
    "tasks_overdue": "Open tasks past their day.",
    "timers_due": "Timers that should have fired.",
    "outbox_pending": "Things to send.",
    "outbox_refused": "Of these, those that were refused and will be tried again.",
    "outbox_failed": "Things that could not be sent.",
    "incidents_open": "Steps that wait for an operator.",
    "messages_waiting": "Messages that nobody waits for yet.",
}


class Metrics:
    """The registry of one app."""

    def __init__(self, database: Database) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "handslag_http_requests", "Requests answered.", ["method", "endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "handslag_http_request_seconds",
            "Time from request to answer.",
            ["method", "endpoint"],
            registry=self.registry,
        )
        self.registry.register(StateCollector(database))

    def watch(self, app: flask.Flask) -> None:
        """Count and time every request of an app."""

        @app.before_request
        def begin() -> None:
            flask.g.began = time.perf_counter()

        @app.after_request
        def end(response: flask.Response) -> flask.Response:
            rule = flask.request.url_rule
            endpoint = rule.endpoint if rule is not None else "none"
            self.requests.labels(flask.request.method, endpoint, str(response.status_code)).inc()
            if "began" in flask.g:
                self.seconds.labels(flask.request.method, endpoint).observe(time.perf_counter() - flask.g.began)
            return response

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)


class StateCollector(Collector):
    """Counts of rows that somebody or something waits for."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing in advance: to name the gauges must not need the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a question."""
        with self.database.reading() as db:
            for name, found in operating.questions().items():
                count = db.scalar(operating.counted(found)) or 0
                yield GaugeMetricFamily(f"handslag_{name}", MEANINGS[name], value=float(count))

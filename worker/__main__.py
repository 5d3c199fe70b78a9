"""`python -m worker`: APScheduler is the clock of the worker, the database is the truth."""

from __future__ import annotations

import signal
import threading
from datetime import UTC

import psycopg
import structlog
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler

import committee  # noqa: F401 - registers operations and functions
from store import clock, migrate
from store.database import Database
from store.errors import HandslagError
from store.settings import Settings
from store.simulation import use_configured_clock
from worker.tick import tick

RECONNECT_SECONDS = 5

log = structlog.get_logger("worker")


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    settings = Settings()
    settings.require_consistent()
    store = Database(settings.url())
    migrate.require_current(store)
    use_configured_clock(settings, store)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def work() -> None:
        try:
            done = tick(store, settings)
        except HandslagError as problem:
            log.warning("tick.failed", code=problem.code, sentence=problem.message)
            return
        if done.timers or done.mails:
            log.info("tick", timers=done.timers, mails=done.mails)

    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    job = scheduler.add_job(work, "interval", seconds=settings.worker_poll_seconds)
    scheduler.start()
    log.info("worker.started", poll_seconds=settings.worker_poll_seconds)
    if not store.is_sqlite:
        threading.Thread(target=_listen, args=(store.url, stop, job), daemon=True).start()
    stop.wait()
    scheduler.shutdown(wait=True)
    store.dispose()
    log.info("worker.stopped")


def _listen(url: str, stop: threading.Event, job: Job) -> None:
    """Run the job at once when a transaction says that something may be due."""
    address = url.replace("+psycopg", "", 1)
    while not stop.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("LISTEN handslag_due")
                while not stop.is_set():
                    for _ in connection.notifies(timeout=1, stop_after=1):
                        job.modify(next_run_time=clock.machine_now())
        except psycopg.OperationalError as problem:
            log.warning("listen.lost", problem=str(problem)[:200])
            stop.wait(RECONNECT_SECONDS)


if __name__ == "__main__":
    main()

"""`python -m worker`: APScheduler is the clock of the worker, the database is the truth."""

from __future__ import annotations

import logging
import threading
from datetime import UTC

import psycopg
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler

import committee  # noqa: F401 - registers operations and functions
from store import clock, logs, migrate
from store.database import Database
from store.errors import HandslagError
from store.exits import end_with_supervisor, told, told_to_stop
from store.settings import Settings
from store.simulation import use_configured_clock
from worker.tick import tick

RECONNECT_SECONDS = 5

log = logging.getLogger("handslag.worker")


def main() -> None:
    """Work until SIGTERM or SIGINT; what has begun is finished first."""
    logs.configure()
    stop = told_to_stop()
    end_with_supervisor()
    with told():
        settings = Settings()
        settings.require_consistent()
        store = Database(settings.url())
        migrate.require_current(store)
        use_configured_clock(settings, store)
        _work(store, settings, stop)
        store.dispose()
    log.info("worker.stopped")


def _work(store: Database, settings: Settings, stop: threading.Event) -> None:
    """Rounds at the poll's pace, and one at once whenever somebody wakes us."""
    turn = threading.Lock()

    def round_() -> None:
        with turn:
            _round(store, settings, stop)

    # Two instances: one at work, and one that waits its turn, so that what comes during a round is not left to the poll.
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 2}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
    job = scheduler.add_job(round_, "interval", seconds=settings.worker_poll_seconds, next_run_time=clock.machine_now())
    scheduler.start()
    log.info("worker.started poll_seconds=%g", settings.worker_poll_seconds)
    listener = threading.Thread(target=_listen, args=(store, stop, job), daemon=True)
    listener.start()
    stop.wait()
    listener.join()  # before the scheduler ends: until then there must be a job to wake
    scheduler.shutdown(wait=True)


def _round(store: Database, settings: Settings, stop: threading.Event) -> None:
    try:
        done = tick(store, settings, stop.is_set)
    except HandslagError as problem:
        log.warning("tick.failed code=%s sentence=%r", problem.code, problem.message)
        return
    if done.timers or done.starts or done.mails:
        log.info("tick timers=%d starts=%d mails=%d", done.timers, done.starts, done.mails)


def _listen(store: Database, stop: threading.Event, job: Job) -> None:
    """Have a round at once when a transaction says that something may be due, and after each connection: it may have."""
    if store.is_sqlite:
        return  # it tells nobody anything; the poll is all there is
    address = store.url.replace("+psycopg", "", 1)
    while not stop.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("LISTEN handslag_due")
                log.info("listen.started")
                job.modify(next_run_time=clock.machine_now())
                while not stop.is_set():
                    for _ in connection.notifies(timeout=1, stop_after=1):
                        job.modify(next_run_time=clock.machine_now())
        except psycopg.Error as problem:
            log.warning("listen.lost problem=%s", type(problem).__name__)
            stop.wait(RECONNECT_SECONDS)


if __name__ == "__main__":
    main()

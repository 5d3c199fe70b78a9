"""One form for everything that the processes log, on standard error; where it is kept is the supervisor's matter."""

from __future__ import annotations

import logging


def configure() -> None:
    """What API and worker do first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # readiness asks it every few seconds
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it tells of each job that it adds

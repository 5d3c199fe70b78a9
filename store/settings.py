"""Settings, read from the environment (`HANDSLAG_…`) once at start-up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from store.errors import Misconfigured


class Settings(BaseSettings):
    """Every setting has a default that suits one region on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="HANDSLAG_", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    environment: Literal["development", "production"] = "development"
    """`production` refuses the simulated clock and the demo organisation's tokens."""
    data_dir: Path = Path("var")
    """Where the embedded database and uploaded files live."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in `data_dir`."""
    clock: Literal["system", "simulated"] = "system"
    """`simulated`: time stands still until somebody moves it (demo and tests)."""
    processes_dir: Path = Path(__file__).resolve().parent.parent / "processes"
    """Folder of diagrams, decision tables, forms, region profiles and scenarios."""
    region: str = "vasterbotten"
    """Name of the organisation profile in `processes/regions/`."""
    host: str = "127.0.0.1"
    """Address to listen on. Keep it local, and put a proxy with TLS before it."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on."""
    threads: int = Field(default=8, ge=1, le=256)
    """Requests that an API process answers at a time."""
    max_upload_bytes: int = Field(default=50 * 1024 * 1024, ge=1024)
    """Largest document that may be uploaded; JSON bodies and diagrams have smaller limits of their own."""
    smtp_host: str = ""
    """Empty: mail stays in the outbox and is shown there."""
    smtp_port: int = Field(default=25, ge=1, le=65535)
    """Port of the mail server."""
    smtp_username: str = ""
    """Name at the mail server; empty means without signing in."""
    smtp_password: str = ""
    """Password at the mail server."""
    smtp_starttls: bool = False
    """Encrypt the conversation with the mail server, and check its certificate."""
    mail_sender: str = "handslag@localhost"
    """Who mail comes from."""
    worker_poll_seconds: float = Field(default=5.0, gt=0)
    """Longest time that a due row waits for a worker that got no wake-up call."""

    message_days: int = Field(default=400, ge=1)
    """How long a message that nobody waits for is kept."""
    message_days_by_name: dict[str, Annotated[int, Field(ge=0)]] = {"MeetingMoved": 1, "ReplyByChanged": 1}
    """Messages with a time of their own, in JSON. News of a changed date is stale tomorrow: plans read the new one."""

    def __init__(self, **values: Any) -> None:
        """Read the environment. Raises Misconfigured, with one line for each setting that cannot be used."""
        try:
            super().__init__(**values)
        except ValidationError as problem:
            lines = [f"HANDSLAG_{str(each['loc'][0]).upper()}: {each['msg']}." for each in problem.errors()]
            raise Misconfigured("Correct these settings in the environment. " + " ".join(lines)) from None
        except SettingsError as problem:
            raise Misconfigured(f"Correct a setting in the environment, its JSON cannot be read: {problem}.") from None

    def url(self) -> str:
        """The database's URL, with the embedded database as default."""
        if self.database_url:
            return _with_driver(self.database_url)
        return f"sqlite:///{(self.data_dir / 'handslag.db').resolve()}"

    def require_consistent(self) -> None:
        """Refuse settings that together would be dangerous."""
        if self.environment == "production" and self.clock == "simulated":
            raise Misconfigured(
                "HANDSLAG_CLOCK=simulated cannot be used with HANDSLAG_ENVIRONMENT=production. Remove one of them."
            )


def _with_driver(url: str) -> str:
    """`postgres://` and `postgresql://` mean psycopg 3, the driver that the lock file holds."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url

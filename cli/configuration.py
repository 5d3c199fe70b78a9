"""`handslag settings`: what can be set, what it is set to, and what it means."""

from __future__ import annotations

import click
from sqlalchemy import make_url

from cli.output import AS_JSON, print_json, print_table
from store.settings import Settings


@click.command()
@AS_JSON
def settings(*, as_json: bool) -> None:
    """List every setting: the environment variable, its value now and what it means. Passwords are hidden."""
    given = Settings()
    rows = [
        {
            "variable": f"HANDSLAG_{name.upper()}",
            "value": _shown(name, getattr(given, name)),
            "is_default": getattr(given, name) == field.default,
            "meaning": " ".join((field.description or "").split()),
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        print_json(rows)
        return
    cells = ((row["variable"], row["value"], row["meaning"]) for row in rows)
    print_table("Settings", ("Variable", "Value", "Meaning"), cells, "")


def _shown(name: str, value: object) -> str:
    if name.endswith("password") and value:
        return "***"
    if name.endswith("url") and value:
        return make_url(str(value)).render_as_string(hide_password=True)
    return str(value)

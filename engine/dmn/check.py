"""All findings of a DMN file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.dmn.model import DmnError, Finding
from engine.dmn.read import read_model


def check(data: bytes, *, functions: Collection[str] | Mapping[str, Any] | None = None) -> list[Finding]:
    """What is wrong (error) and what could be better (advice). Never raises for a file."""
    try:
        _, findings, _ = read_model(data, functions=sorted(functions or ()))
    except DmnError as error:
        hint = "Export it again from a DMN editor."
        return [*error.findings] or [Finding("", "", 0, "error", "decisions-unreadable", error.message, hint)]
    return findings

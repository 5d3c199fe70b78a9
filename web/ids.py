"""Ids of rows as they come in addresses and forms."""

from __future__ import annotations

from uuid import UUID


def row_id(text: str | None) -> UUID | None:
    """The id that a text is; None for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

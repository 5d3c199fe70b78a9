"""What a checker says about a file: diagrams, decision tables and forms are spoken of alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend (`error`: the file is refused) or to think about (`advice`: it never is).

    `line` counts from 1; it is 0 where there is none.
    """

    element_id: str
    name: str
    line: int
    severity: str
    rule: str
    sentence: str
    hint: str

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)

"""Operations: what the steps of the committee's processes do to its register."""

from committee.operations import (
    case_steps,
    consultation_steps,
    decision_steps,
    meeting_steps,
    planning_steps,
    samrad_steps,
    strategy_steps,
    writing_steps,
)

__all__ = [
    "case_steps",
    "consultation_steps",
    "decision_steps",
    "meeting_steps",
    "planning_steps",
    "samrad_steps",
    "strategy_steps",
    "writing_steps",
]

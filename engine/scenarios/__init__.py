"""Scenarios: what a diagram or decision table must do, written by who owns it, run in memory, and what they have covered."""

from engine.scenarios.coverage import Covered, Part
from engine.scenarios.model import Scenario, read
from engine.scenarios.reader import Unreadable
from engine.scenarios.run import Outcome, Problem, Runner

__all__ = ["Covered", "Outcome", "Part", "Problem", "Runner", "Scenario", "Unreadable", "read"]

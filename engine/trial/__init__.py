"""Trying a diagram: the engine's own steps, in memory, in a time of its own, without side effects."""

from engine.trial.answers import Answers, Refusal
from engine.trial.files import Files, meant
from engine.trial.parts import TrialStopped
from engine.trial.play import Act, Advance, Auto, Complete, Message, Signal, Until, go_on, nobody_took, play
from engine.trial.report import report
from engine.trial.runner import Trial

__all__ = [
    "Act",
    "Advance",
    "Answers",
    "Auto",
    "Complete",
    "Files",
    "Message",
    "Refusal",
    "Signal",
    "Trial",
    "TrialStopped",
    "Until",
    "go_on",
    "meant",
    "nobody_took",
    "play",
    "report",
]

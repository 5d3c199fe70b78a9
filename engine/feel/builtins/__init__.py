"""All built-in functions of DMN 1.3 §10.3.4, and those of 1.4 and 1.5 that cost nothing."""

from __future__ import annotations

from engine.feel import tree
from engine.feel.builtins import conversion, dates, lists, numbers, ranges, strings
from engine.feel.builtins.registry import BUILTINS

tree.BUILTINS = BUILTINS

__all__ = ["BUILTINS", "conversion", "dates", "lists", "numbers", "ranges", "strings"]

"""The limits that keep a hostile expression from taking the process down. Sizes are in characters or items."""

from __future__ import annotations

MAX_TEXT = 100_000
"""Characters of one expression."""
MAX_NESTING = 60
"""Brackets, ifs and functions inside each other. The parser takes 5 to 15 Python frames a level, of 1,000."""
MAX_STEPS = 1_000_000
"""Nodes evaluated for one expression; about one second."""
MAX_DEPTH = 180
"""Evaluations inside each other, functions calling themselves included; two Python frames each."""
MAX_ITEMS = 100_000
"""Items of one list or context."""
MAX_STRING = 1_000_000
"""Characters of one string."""
MAX_MADE = 5_000_000
"""Characters and items made during one evaluation, so that many values under the limits cannot add up."""
MAX_VALUE_DEPTH = 100
"""Lists and contexts inside each other."""
MAX_PATTERN = 2_000
"""Characters of a regular expression."""
PATTERN_SIZE = 50_000
"""Nodes of a compiled pattern, about: a repeated group is made once for each time that it is repeated."""
PATTERN_SECONDS = 0.5
"""Time for all regular expressions of one evaluation."""
MAX_STORED = 5_000_000
"""Characters of one value that is passed on or kept; in memory its parts may be one and the same."""
ITEMS_A_STEP = 10
"""Items that a built-in function goes over in the time of about one step."""

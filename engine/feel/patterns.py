"""Regular expressions of XPath 3.1 (F&O §5.6), which FEEL's matches, replace and split use, compiled and searched within limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from time import perf_counter

import regex

from engine.feel.errors import FeelError
from engine.feel.limits import MAX_PATTERN, PATTERN_SIZE
from engine.feel.scope import Run
from engine.feel.xpath import translated
from store.sentences import say

LONGEST = 100
"""Characters of a pattern that a sentence shows."""
_FLAGS = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE, "x": 0, "q": 0}
"""`x` (spaces mean nothing) and `q` (nothing is special) are ours to do."""
_REPEATS = regex.compile(r"([)}?*+]?)\{([\d,]+)\}")


@contextmanager
def searching(run: Run, pattern: str) -> Iterator[float]:
    """The seconds that a pattern may take of those that the evaluation has left. Raises FeelError when it takes more."""
    started = perf_counter()
    if run.pattern_seconds <= 0:
        raise _too_slow(pattern)
    try:
        yield run.pattern_seconds
    except TimeoutError as error:
        raise _too_slow(pattern) from error
    finally:
        run.pattern_seconds -= perf_counter() - started


def _too_slow(pattern: str) -> FeelError:
    return FeelError(
        say(
            "The pattern '%(pattern)s' takes too long. Write it without repeats inside repeats.",
            pattern=pattern[:LONGEST],
        )
    )


@lru_cache(maxsize=64)
def compiled(pattern: str, flags: str) -> regex.Pattern[str] | None:
    """The pattern, or None where it is none. Raises FeelError when it is too long."""
    if len(pattern) > MAX_PATTERN:
        raise FeelError(say("A pattern is longer than %(most)s characters. Use a shorter one.", most=MAX_PATTERN))
    if not set(flags) <= set(_FLAGS):
        return None
    if "q" in flags:
        text: str | None = regex.escape(pattern)
    else:
        text = translated(pattern, flags)
    if text is None:
        return None
    if _size(text) > PATTERN_SIZE:
        raise FeelError(
            say(
                "The pattern '%(pattern)s' repeats too much. Use + or * in the place of large numbers.",
                pattern=pattern[:LONGEST],
            )
        )
    combined = regex.VERSION1
    for flag in flags:
        combined |= _FLAGS[flag]
    try:
        return regex.compile(text, combined, cache_pattern=False)  # the library's own cache holds 500
    except (regex.error, OverflowError, RecursionError, KeyError, ValueError):
        return None


def _size(pattern: str) -> int:
    """About how many nodes the library makes of a pattern; it compiles without a limit of time."""
    plain = around = 1
    for before, counts in _REPEATS.findall(pattern):
        count = max((int(part) for part in counts.split(",") if part), default=1)
        if before:  # what is repeated may hold repeats itself
            around *= max(count, 1)
        else:
            plain += count
    return (len(pattern) + plain) * around


def replacement_pieces(text: str, flags: str) -> list[str | int] | None:
    r"""A replacement as text and group numbers: `$1` is a group, `\$` a dollar sign; None where it is malformed."""
    if "q" in flags:
        return [text]
    pieces: list[str | int] = []
    for found in regex.finditer(r"\$(\d)|\\([\\$])|([^\\$]+)|(.)", text, regex.DOTALL):
        if found[4]:
            return None
        pieces.append(int(found[1]) if found[1] else found[2] or found[3])
    return pieces

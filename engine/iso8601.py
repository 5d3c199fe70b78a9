"""What a timer may say without being FEEL: a date, a duration or a cycle of ISO 8601."""

from __future__ import annotations

import re

from engine.bpmn.model import TimerType

_DURATION = r"-?P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_DATE = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
_FORMS = {
    TimerType.DATE: re.compile(_DATE),
    TimerType.DURATION: re.compile(_DURATION),
    TimerType.CYCLE: re.compile(rf"R\d*/(?:{_DATE}/)?{_DURATION}"),
}


def is_literal(timer: TimerType, text: str) -> bool:
    """Whether the text of a timer stands for itself."""
    return _FORMS[timer].fullmatch(text.strip()) is not None

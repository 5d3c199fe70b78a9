"""The log of a case leaves nothing out unsaid: what is kept of a case is told, or there is a reason why not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from store.settings import Settings
from tests.support.region import REFERRAL
from tests.support.site import Site
from web import timeline
from worker.tick import tick

ROOT = Path(__file__).parents[2]
TYPE = re.compile(r"[a-z_.{}]+\.[a-z_.{}]+")
RECORDERS = {"record", "_record", "_log", "_tell", "_decide", "_assign"}
"""What the functions are called that write an event of a type that they are given."""
FAMILIES = {
    "deadline.{verb}": {"deadline.reminded", "deadline.escalated"},
    "incident.{state}": {"incident.resolved", "incident.skipped"},
    "instance.{row.status}": {"instance.completed", "instance.cancelled", "instance.failed"},
    "{subject_type}.reminded": {"case.reminded", "meeting.reminded", "instance.reminded"},
}
"""What a type stands for that is put together where it is written."""
CHOSEN = {"document.received", "document.written"}
"""Types that are chosen by name before they are written."""
OF_NO_CASE = {
    "absence", "agenda", "definition", "draft", "incoming", "material", "meeting", "membership", "message", "migration",
    "minutes", "notice", "person", "session", "start_timer", "token",
}  # fmt: skip
"""What has a history of its own: its types are written without a case."""


def _written(path: Path) -> Iterator[str]:
    """The types of event that a module writes."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in RECORDERS:
            for given in call.args:
                for each in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
                    text = ast.unparse(each)[1:].strip("'") if isinstance(each, ast.JoinedStr) else None
                    text = each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else text
                    if text is not None and TYPE.fullmatch(text):
                        yield text


def test_what_is_kept_of_a_case_is_told_in_its_log_or_left_out_for_a_reason() -> None:
    found = {
        kind
        for part in ("committee", "engine", "worker")
        for path in (ROOT / part).rglob("*.py")
        for kind in _written(path)
    }
    assert {kind for kind in found if "{" in kind} == FAMILIES.keys()
    kinds = CHOSEN.union({kind for kind in found if "{" not in kind}, *FAMILIES.values())
    of_cases = {kind for kind in kinds if kind.partition(".")[0] not in OF_NO_CASE}
    of_cases -= {"instance.reminded"}  # of a process that is of neither a case nor a meeting
    assert of_cases == set(timeline.TYPES) | timeline.LEFT_OUT.keys()
    assert not timeline.LEFT_OUT.keys() & set(timeline.TYPES)


def test_a_day_of_the_plan_that_passed_is_called_what_the_case_calls_it(
    site: Site, travel: Callable[[timedelta], None]
) -> None:
    case = f"/cases/{site.region('registrator').post('/cases', REFERRAL).json['id']}"
    site.region.do("registrator", "register_referral")
    travel(timedelta(days=32))
    tick(site.database, Settings())
    shown = site.get("registrator", f"{case}/timeline").text
    assert re.search(r"Materialstopp \d+ \w+\.? gick förbi utan ärendet", shown)

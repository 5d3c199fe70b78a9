"""Every kind of page in a browser: who can read it, what comes over the wire, what it asks of the database, when it shows."""

from __future__ import annotations

from dataclasses import dataclass

from bench.lab import SQLITE, Lab
from bench.report import Result, Table, Target
from bench.timing import median
from tests.support.pages import (
    EDITORS,
    MOST_BYTES,
    MOST_BYTES_WITH_PICTURE,
    MOST_STATEMENTS,
    PAGES,
    PICTURES,
    whole_site,
)
from tests.support.site import Site, browsing, violations
from tests.support.statements import executed

SLOWER = 4
"""A cheap telephone's processor beside a desk's, as Lighthouse has it."""
LIMIT_MS = 1000
KINDS = ("plain", "pictured", "editor")
LARGEST_PAINT = """() => new Promise(found => new PerformanceObserver(list => found(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true}))"""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one page cost."""

    violations: int
    has_picture: bool
    received: int
    """Bytes of the page and of all that it asked for, compressed as they came, to a browser that knew none of it."""
    statements: int
    paint: float
    """Milliseconds from the click to the largest thing on the screen."""


def measure(lab: Lab) -> Result:
    """Every page on an embedded database, with a server that has answered each before."""
    table = Table(
        "Every kind of page",
        ["Page", "Address", "axe violations (sv, en)", "Transferred, kB", "SQL statements", "Largest paint, ms"],
        note=f"1440 pixels wide, on a processor slowed {SLOWER} times, median of {lab.often(3, 1)}; nothing is in the "
        "browser's cache. Server and browser share the machine.",
    )
    visits: dict[str, Visit] = {}
    with lab.database(SQLITE) as database, browsing() as browser, whole_site(database, browser, lab.folder) as whole:
        site, addresses = whole
        for name in lab.track(PAGES, "Pages"):
            who, path = PAGES[name]
            visit = visits[name] = _visit(site, who, path.format(**addresses), lab.often(3, 1))
            table.add(name, path, visit.violations, visit.received / 1000, visit.statements, visit.paint)
    return Result([table], _targets(visits))


def _visit(site: Site, who: str | None, address: str, times: int) -> Visit:
    found = 0
    for language in ("sv", "en"):
        page = site.visit(who, address, language=language)
        page.wait_for_load_state("networkidle")
        found += len(violations(page))
        received = site.received[page]
        has_picture = page.locator(PICTURES).count() > 0
        page.context.close()
    with executed(site.database) as statements:
        site.get(who, address)
    return Visit(
        found, has_picture, received, len(statements), median([_paint(site, who, address) for _ in range(times)])
    )


def _paint(site: Site, who: str | None, address: str) -> float:
    page = site.window(who)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="networkidle")
    paint = page.evaluate(LARGEST_PAINT)
    page.context.close()
    return float(paint)


def _targets(visits: dict[str, Visit]) -> list[Target]:
    plain, pictured, editors = (
        {name: visit for name, visit in visits.items() if _kind(name, visit) == kind} for kind in KINDS
    )
    return [
        _worst("Violations that axe finds", {name: visit.violations for name, visit in visits.items()}, 0),
        _worst("Transferred", _kilobytes(plain), MOST_BYTES / 1000, "kB"),
        _worst("Transferred with a picture", _kilobytes(pictured), MOST_BYTES_WITH_PICTURE / 1000, "kB"),
        _worst("SQL statements", {name: visit.statements for name, visit in visits.items()}, MOST_STATEMENTS),
        _worst("Largest paint", {name: visit.paint for name, visit in (plain | pictured).items()}, LIMIT_MS, "ms"),
        _worst("Largest paint of the editors", {name: visit.paint for name, visit in editors.items()}, LIMIT_MS, "ms"),
    ]


def _kind(name: str, visit: Visit) -> str:
    return "editor" if name in EDITORS else "pictured" if visit.has_picture else "plain"


def _kilobytes(visits: dict[str, Visit]) -> dict[str, float]:
    return {name: visit.received / 1000 for name, visit in visits.items()}


def _worst(what: str, cost: dict[str, float], limit: float, unit: str = "") -> Target:
    name = max(cost, key=lambda each: cost[each])
    return Target(f"{what}: the worst ({name})", cost[name], limit, unit=unit)

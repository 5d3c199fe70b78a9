"""`handslag demo`: plays the scenarios and says whether they ended as they must."""

from __future__ import annotations

import json

import click
from rich.console import Console

from cli.demo import forest_owners, housing_threshold, regional_strategy, same_day_reply
from cli.demo.play import Play, Scenario
from cli.demo.stage import Stage, stage
from cli.demo.timeline import ROOMY, Timeline
from store import clock
from store.errors import HandslagError

SCENARIOS: tuple[Scenario, ...] = (
    regional_strategy.SCENARIO,
    forest_owners.SCENARIO,
    housing_threshold.SCENARIO,
    same_day_reply.SCENARIO,
)
"""In the order of time: one clock, which only moves forward."""
OPENING_HOUR = 7


@click.command(epilog="\b\n" + "\n".join(f"{scenario.key}  {scenario.title}" for scenario in SCENARIOS))
@click.option(
    "--only",
    type=click.Choice([scenario.key for scenario in SCENARIOS]),
    help="Play this scenario alone; they are listed below.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines instead of the timeline.")
@click.option("--database-url", default="", help="An empty database to play on; without it an embedded one is made.")
def demo(*, only: str | None, as_json: bool, database_url: str) -> None:
    """Play real referrals over HTTP in simulated time, each step by the person whose it is.

    API and worker run as processes of their own on an empty database. Exit code 1 when anything ended otherwise than it
    must; the sentence says what.
    """
    chosen = [scenario for scenario in SCENARIOS if only in (None, scenario.key)]
    out = None if as_json else _console()
    if out:
        out.print("Setting the stage: an empty database, the API, the worker, and a clock that stands still …")
    played: list[Timeline] = []
    with stage(clock.at(chosen[0].begins, OPENING_HOUR), database_url) as on:
        played += [_play(scenario, on, out) for scenario in chosen]
    failures = [f"({timeline.key}) {failure}" for timeline in played for failure in timeline.failures]
    if as_json:
        click.echo(json.dumps([timeline.as_dict() for timeline in played], ensure_ascii=False, indent=2))
    for failure in failures:
        click.echo(failure, err=True)
    if out and not failures:
        out.print(f"All {len(played)} ended as they must.", style="bold green")
    raise SystemExit(bool(failures))


def _console() -> Console:
    """The terminal; what goes into a file or pipe gets room for its lines."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=ROOMY + 20)


def _play(scenario: Scenario, on: Stage, out: Console | None) -> Timeline:
    timeline = Timeline(scenario.key, scenario.title, out)
    timeline.begin()
    try:
        for _ in on.travel(clock.at(scenario.begins, OPENING_HOUR)):
            pass
        scenario.play(Play(on, timeline))
    except HandslagError as problem:
        timeline.fail(problem.message)
    return timeline

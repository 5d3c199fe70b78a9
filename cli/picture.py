"""How a trial looks in a terminal: a picture of where it stands, and the tables of what it passed and waits for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from cli.output import out, print_findings, print_table
from engine.bpmn.model import Node, NodeType, Scope
from engine.trial import Trial

MAX_ROWS = 1_000
"""Of what happened; nobody reads more in a terminal."""
_COLOURS = {"completed": "green", "waiting": "cyan", "failed": "red", "refused": "red"}
_MARKS = {"open": "[bold cyan]●[/]", "completed": "[green]✓[/]", "cancelled": "[yellow]✗[/]", "failed": "[red]![/]", "": "[dim]·[/]"}  # fmt: skip


def print_trial(told: Mapping[str, Any], trial: Trial | None) -> None:
    """Everything that a person wants to see of a trial."""
    errors = [found for found in told["findings"] if found["severity"] == "error"]
    if errors:
        print_findings(errors)
    if trial is not None:
        _print_trace(told)
        out.print(_picture(told, trial))
        _print_waiting(told)
    if advice := len(told["findings"]) - len(errors):
        out.print(f"{advice} advice about the files: see handslag check.", style="dim", markup=False)
    for note in told["notes"]:
        out.print(f"Note: {note}", style="yellow", markup=False)
    out.print(f"{told['status']}{': ' + told['problem'] if told['problem'] else ''}", style=_COLOURS[told["status"]], markup=False)  # fmt: skip


def _print_trace(told: Mapping[str, Any]) -> None:
    last = told["trace"][-MAX_ROWS:]
    cells = ((_at(row["at"]), row["name"] or row["element"], row["type"], row["event"]) for row in last)
    print_table("What happened", ("At", "Element", "Type", "Event"), cells, "Nothing happened.")
    if earlier := len(told["trace"]) - len(last):
        out.print(f"{earlier} rows before these are not shown; --json has all.", style="dim", markup=False)


def _at(instant: str) -> str:
    return instant[:16].replace("T", " ")


def _print_waiting(told: Mapping[str, Any]) -> None:
    rows = [("task", row["element"], row["name"], row["due"] or "", _each(row["locals"])) for row in told["open"]]
    rows += [
        ("timer", row["element"], row["name"], _at(row["due_at"] or "no date yet"), _each(row["locals"]))
        for row in told["timers"]
    ]
    rows += [
        (row["kind"], row["element"], row["name"], row["what"] or "", _each(row["correlation"] or row["locals"]))
        for row in told["waiting_for"]
    ]
    if rows:
        print_table("What is waited for", ("Kind", "Element", "Name", "Due or what", "Where"), rows, "")
    if told["data"]:
        print_table("Data", ("Name", "Value"), ((name, _written(value)) for name, value in told["data"].items()), "")


def _each(values: Mapping[str, Any]) -> str:
    """The keys of a message, or what one of several iterations has for itself: what tells one wait from another."""
    return ", ".join(f"{name} = {_written(value)}" for name, value in values.items())


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _picture(told: Mapping[str, Any], trial: Trial) -> Tree:
    """Each instance with its elements in the order of the flows, and a mark for what became of them."""
    picture = Tree("Where it stands   ● here   ✓ done   ✗ cancelled   ! failed   · not reached", hide_root=False)
    for live in trial.live.values():
        marks: dict[str, str] = {}
        for row in told["trace"]:
            if row["instance"] == live.number:
                marks[row["element"]] = "open" if row["event"] == "entered" else row["event"]
        waiting = {wait.element_id for (key, _), wait in trial.waits.items() if key == live.id}
        marks |= dict.fromkeys(waiting, "open")
        name = live.compiled.process.name or live.compiled.process.id
        _draw(picture.add(escape(f"{name} ({live.status})")), live.compiled.process.scope, marks)
    return picture


def _draw(branch: Tree, scope: Scope, marks: Mapping[str, str]) -> None:
    for node in _in_order(scope):
        shown = branch.add(f"{_MARKS[marks.get(node.id, '')]} {escape(node.name or node.id)} [dim]{node.type.value}[/]")
        for edge in scope.nodes.values():
            if edge.attached_to == node.id:
                shown.add(
                    f"{_MARKS[marks.get(edge.id, '')]} {escape(edge.name or edge.id)} [dim]{edge.event.type.value}[/]"
                )
        if node.scope is not None:
            _draw(shown, node.scope, marks)


def _in_order(scope: Scope) -> list[Node]:
    """The nodes as a reader follows them, from the starts along the flows; boundary events stand at their hosts."""
    ordered: dict[str, Node] = {}
    starts = [node for node in scope.nodes.values() if not node.incoming]
    todo = sorted(starts, key=lambda node: node.type is not NodeType.START_EVENT)
    while todo:
        node = todo.pop(0)
        if node.id in ordered:
            continue
        ordered[node.id] = node
        todo = [scope.nodes[scope.flows[flow].target] for flow in node.outgoing] + todo
    return [node for node in (*ordered.values(), *(n for n in scope.nodes.values() if n.id not in ordered)) if node.attached_to is None]  # fmt: skip

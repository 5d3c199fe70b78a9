"""Rows follow an instance to its new version: the same tasks, timers and subscriptions, as the new diagram has them.

Kept are who has claimed a task, when it is due, when a timer fires, and a draft, also what the form no longer asks for. What the
diagram says otherwise than before follows it: names, forms, operations, performers. Due dates and timers are computed
again only if the plan says so, and only where the diagram says them otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import forms, kept, schedule, waits
from engine.bpmn.model import Node
from engine.models import Incident, Instance, Subscription, Task, Timer
from engine.spiff import Waiting
from engine.steps import Live, Step
from engine.versions import words
from engine.versions.plan import Plan
from engine.versions.rows import Changes
from store import clock
from store.sentences import quoted, say


class Following:
    """The rows of one instance on its way. `live` is the instance as it is in the new version already."""

    def __init__(self, step: Step, live: Live, plan: Plan, after: Mapping[str, Waiting]) -> None:
        self.step, self.live, self.plan, self.after = step, live, plan, after
        self.before = live.before
        self.changes = Changes()

    def follow(self) -> list[str]:
        """Change the rows of what is there in both versions, remember those that go; what a person should know of it."""
        return [*self._tasks(), *self._timers(), *self._subscriptions(), *self._others(), *self._listening()]

    def _kept(self, kind: type[Any]) -> Iterator[tuple[Any, Waiting, Node, Node]]:
        """(row, wait, old node, new node) of what waits before and after; what waits no more is remembered."""
        for row in self.step.db.scalars(select(kind).where(kind.instance_id == self.live.row.id).order_by(kind.id)):
            was, wait = self.before.get(row.key), self.after.get(row.key)
            if was is not None and wait is not None:
                old, new = self.plan.source.nodes[was.element_id], self.plan.target.nodes[wait.element_id]
                yield row, wait, old, new
            elif was is not None and kind is not Task:
                self.changes.remove(row)

    def _tasks(self) -> Iterator[str]:
        for row, wait, old, new in self._kept(Task):
            yield from self._task(row, wait, old, new)

    def _task(self, row: Task, wait: Waiting, old: Node, new: Node) -> Iterator[str]:
        shown = quoted(new.name or new.id)
        done = self.changes.write(row, element_id=new.id, name=new.name or new.id, operation=new.operation)
        if "name" in done:
            yield say("'%(old)s' goes on as %(step)s.", old=old.name or old.id, step=shown)
        if "operation" in done:
            yield say(
                "%(step)s is then taken by the operation %(operation)s.", step=shown, operation=new.operation or "–"
            )
        if words.performer(old.performer) != words.performer(new.performer):
            candidate = waits.candidate(self.step, self.live, wait)
            self.changes.write(row, candidate_body_id=candidate.body_id, candidate_role=candidate.role)
            who = words.performer(new.performer) or say("anybody")
            yield say("%(step)s is then done by %(who)s.", step=shown, who=who)
        yield from self._form(row, new, shown)
        if self.plan.recompute and old.due != new.due:
            moved = self.changes.write(row, due_on=waits.due_on(self.step, self.live, wait))
            if "due_on" in moved:
                was, now = (each or say("at no day") for each in moved["due_on"])
                yield say("%(step)s is then due %(now)s, was %(was)s.", step=shown, now=now, was=was)

    def _form(self, row: Task, new: Node, shown: str) -> Iterator[str]:
        form_id = waits.form_id(self.step, new.form)
        changed = self.changes.write(row, form=new.form, form_definition_id=form_id)
        if not changed:
            return
        if new.form:
            yield say("%(step)s gets the form %(form)s as it is now.", step=shown, form=new.form)
        else:
            yield say("%(step)s gets no form.", step=shown)
        if row.draft:
            known = forms.load(self.step.db, form_id).fields if form_id is not None else {}
            unasked = [
                name for name in row.draft if name not in known
            ]  # stays in the draft, for whoever wrote it to read
            if unasked:
                yield say(
                    "Of the draft of %(step)s the new form does not ask for: %(fields)s.",
                    step=shown,
                    fields=", ".join(unasked),
                )

    def _timers(self) -> Iterator[str]:
        for row, wait, _, new in self._kept(Timer):
            assert wait.timer is not None
            changed = self.changes.write(
                row, element_id=new.id, type=wait.timer.value, expression=wait.expression or ""
            )
            has_fired = row.last_due_at is not None
            if not changed.keys() & {"type", "expression"} or (has_fired and row.due_at is None):
                continue
            due = schedule.due(wait.timer, waits.timer_value(self.step, self.live, wait), row.armed_at)
            if "type" in changed:
                self.changes.write(row, remaining=due.remaining)
            if self.plan.recompute and not has_fired:
                moved = self.changes.write(row, due_at=due.at)
                if "due_at" in moved:
                    was, now = _told(moved["due_at"][0]), _told(due.at)
                    yield say(
                        "The timer '%(step)s' then fires at %(now)s, was %(was)s.",
                        step=new.name or new.id,
                        now=now,
                        was=was,
                    )

    def _subscriptions(self) -> Iterator[str]:
        for row, wait, old, new in self._kept(Subscription):
            changed = self.changes.write(row, element_id=new.id, name=wait.name or "", repeats=wait.repeats)
            if "name" in changed:
                was = changed["name"][0]
                yield say(
                    "'%(step)s' then waits for '%(now)s', not for '%(was)s'.",
                    step=new.name or new.id,
                    now=wait.name,
                    was=was,
                )
                self._listen_for(row)
            if row.kind == "message" and _keys(old) != _keys(new):
                yield say(
                    "A message still finds '%(step)s' by the keys of the older version, which stay.",
                    step=new.name or new.id,
                )

    def _listen_for(self, row: Subscription) -> None:
        """A message of the name may have come already; one of the old name was perhaps kept for the instance alone."""
        if self.live.is_held:
            kept.release(self.step, [self.before[row.key]])
        elif row.kind == "message":
            self.step.subscribed.append(row)

    def _others(self) -> Iterator[str]:
        """Called processes keep their own version; incidents are told of the element as it is called now."""
        db, row = self.step.db, self.live.row
        for called in db.scalars(select(Instance).where(Instance.parent_id == row.id, Instance.status == "running")):
            wait = self.after.get(called.parent_key or "")
            if wait is not None:
                self.changes.write(called, parent_element_id=wait.element_id)
                yield say("'%(process)s', which it called, keeps its own version.", process=called.process_key)
        for incident in db.scalars(select(Incident).where(Incident.instance_id == row.id, Incident.state == "open")):
            if incident.element_id is not None:
                self.changes.write(incident, element_id=self.plan.partner(incident.element_id))
            yield say("It has an incident, which stays.")

    def _listening(self) -> Iterator[str]:
        for key, wait in self.before.items():
            if key not in self.after:
                node = self.plan.source.nodes[wait.element_id]
                yield say("'%(step)s' is not waited for any more.", step=node.name or node.id)
        for key, wait in self.after.items():
            if key not in self.before:
                node = self.plan.target.nodes[wait.element_id]
                yield say("'%(step)s' begins.", step=node.name or node.id)


def _told(instant: datetime | None) -> str:
    return clock.local_minute(instant) if instant is not None else say("no time")


def _keys(node: Node) -> dict[str, str]:
    """The keys by which a message finds what waits at an event, as the diagram says them."""
    return {item.name: item.value for item in node.correlation}

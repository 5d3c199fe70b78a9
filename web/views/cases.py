"""Cases: the list, and the file of one, part by part."""

from __future__ import annotations

from uuid import UUID

import flask

from committee import asking, casefile, cases, extensions, history, tasks, worklist
from committee.cases import Case
from committee.organisations import Person, holders
from committee.stopping import answered_in
from engine import definitions
from engine.models import Definition
from store.errors import NotFound
from store.paging import Ask, select_page
from web import context, taskform, timeline
from web.ids import row_id
from web.taskform import Refusal

blp = flask.Blueprint("cases", __name__)

SORTS = {
    "received_at": Case.received_at,
    "reply_by": Case.reply_by,
    "title": Case.title,
    "registry_number": Case.registry_number,
    "slack_days": Case.slack_days,
}


@blp.get("/cases")
def list_cases() -> str:
    """The cases that the reader may see, as the filters in the address narrow them."""
    asked, actor = flask.request.args, context.actor()
    sort = asked.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTS else "-received_at"
    with context.database().reading() as db:
        found = cases.find_cases(
            actor,
            status=asked.get("status") or None,
            case_type=asked.get("process") or None,
            case_officer_id=row_id(asked.get("officer")),
            text=asked.get("text", "").strip() or None,
            overdue=asked.get("overdue") == "1",
            going_on=asked.get("ended") != "1" and not asked.get("status"),
        )
        page = select_page(db, found, Ask(sort, asked.get("cursor")), SORTS, Case.id)
        late = casefile.late_steps(db, [case.id for case in page.items]) if actor.is_internal else {}
        stopped = casefile.stopped(db, actor, [case.id for case in page.items]) if actor.is_internal else set()
        people = worklist.by_id(db, Person, (case.case_officer_id for case in page.items))
        officers = holders(db, actor.organization_id, "officer") if actor.is_internal else []
        processes = worklist.processes(db, actor.organization_id, of_cases=True) if actor.is_internal else []
    return flask.render_template(
        "cases/list.html",
        page=page,
        late=late,
        stopped=stopped,
        people=people,
        asked=asked,
        sort=sort,
        officers=officers,
        processes=processes,
    )


@blp.get("/cases/<uuid:case_id>")
def read_case(case_id: UUID) -> str:
    """Where a case stands, with the reader's next step."""
    return overview(case_id)


def overview(case_id: UUID, refusal: Refusal | None = None) -> str:
    """The first page of a case; with what was written and is wrong, when its form was refused."""
    actor, asked = context.actor(), flask.request.args
    with context.database().reading() as db:
        file = casefile.read_casefile(db, actor, case_id)
        may_do = [task for task in file.open_tasks if tasks.may_do(actor, task)]
        put_to_reader = [] if actor.is_internal else [each for task in may_do if (each := answered_in(task))]
        mine = [task for task in may_do if actor.is_internal or answered_in(task) is None]
        wanted = refusal.task_id if refusal else row_id(asked.get("task"))
        chosen = next((task for task in mine if task.id == wanted), mine[0] if mine else None)
        form = taskform.of(db, actor, chosen, file.people, refusal) if chosen is not None else None
        awaited = extensions.awaited(db, actor.organization_id, case_id) if file.is_waiting else None
        done = next((task for task in file.done_tasks if str(task.id) == asked.get("done")), None)
        came_of = taskform.chosen(db, done) if done is not None else ""
        sent = asking.sent(db, done) if done is not None else None
    return flask.render_template(
        "cases/overview.html",
        head=file.head,
        file=file,
        mine=mine,
        put_to_reader=put_to_reader,
        chosen=chosen,
        form=form,
        done=done,
        came_of=came_of,
        sent=sent,
        awaited=awaited,
        readable={task.id for task in (*file.open_tasks, *file.done_tasks) if tasks.is_visible_to(actor, task)},
    )


@blp.get("/cases/<uuid:case_id>/timeline")
def read_timeline(case_id: UUID) -> str:
    """What has happened in a case."""
    actor, cursor = context.actor(), flask.request.args.get("cursor")
    with context.database().reading() as db:
        head = casefile.read_head(db, actor, case_id)
        page = history.happenings(db, actor, head.case, timeline.TYPES, cursor=cursor)
    happened = timeline.entries(page.items, begins=not cursor, ends=page.cursor is None)
    return flask.render_template("cases/timeline.html", head=head, page=page, happened=happened)


@blp.get("/diagrams/<uuid:definition_id>")
def read_diagram(definition_id: UUID) -> flask.Response:
    """The XML of a version of a process, for the picture; the same for ever."""
    actor = context.actor()
    with context.database().reading() as db:
        found = db.get(Definition, definition_id)
        if found is None or found.organization_id != actor.organization_id or not actor.is_internal:
            raise NotFound("There is no such diagram.")
        content = definitions.content(db, found)
    response = flask.Response(content, mimetype="application/xml")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response

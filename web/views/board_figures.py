"""Figures over time and of those who were asked: cases month by month, answers by municipality; with the lists behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import flask
from sqlalchemy.orm import Session

from committee import cases, months, responses, worklist
from committee.cases import Case
from committee.months import Month
from committee.organisations import Person, holders
from committee.referrals import Consultee
from committee.responses import OUTCOMES, Asked, Responses
from store import clock
from store.paging import Ask, Page, select_page
from web import context, narrowing, spreadsheet, terms
from web.charts import chart
from web.language import _
from web.terms import N_
from web.views.board import admit
from web.views.board_heat import PERIODS, period, since

blp = flask.Blueprint("board_figures", __name__, url_prefix="/board")
blp.before_request(admit)

WHAT = {"received": N_("Came in"), "closed": N_("Closed"), "late": N_("Closed too late")}
ORDERS = {"received": "received_at", "closed": "closed_at", "late": "closed_at"}
SORTS = {"received_at": Case.received_at, "closed_at": Case.closed_at}
OUTCOME_LABELS = {
    "asked": N_("Was to answer"),
    "answered": N_("Answered in time"),
    "abstained": N_("Abstained"),
    "late": N_("Answered late"),
    "silent": N_("Did not answer"),
    "waiting": N_("Still has time"),
    "stopped": N_("Stopped"),
}


T = TypeVar("T")
Read = Callable[[Session, Ask], Page[T]]
"""Reads a page of a list."""


@blp.get("/months")
def read_months() -> str | flask.Response:
    """Cases that came in and were closed, month by month."""
    asked, actor = flask.request.args, context.actor()
    with context.database().reading() as db:
        found = months.months(db, actor, asked.get("process") or None)
        processes = dict(worklist.processes(db, actor.organization_id))
    if asked.get("format") == "csv":
        return _months_file(found)
    bars = [
        ((("is-received", each.received),), (("is-closed", each.closed), ("is-overdue", each.late))) for each in found
    ]
    drawn = chart(bars)
    return flask.render_template("board/months.html", months=found, chart=drawn, processes=processes, labels=WHAT)


@blp.get("/cases")
def list_cases() -> str | flask.Response:
    """The cases of a month, or of any days."""
    asked, actor = flask.request.args, context.actor()
    what = asked["what"] if asked.get("what") in WHAT else "received"
    first, end = narrowing.day(asked.get("from")), narrowing.day(asked.get("before"))
    at = "received" if what == "received" else "closed"
    found = cases.find_cases(
        actor,
        case_type=asked.get("process") or None,
        late=what == "late",
        **{f"{at}_from": first and clock.start_of(first), f"{at}_before": end and clock.start_of(end)},  # type: ignore[arg-type]
    )
    if at == "closed":
        found = found.where(Case.closed_at.is_not(None))

    def read(db: Session, ask: Ask) -> Page[Case]:
        page: Page[Case] = select_page(db, found, ask, SORTS, Case.id)
        return page

    if asked.get("format") == "csv":
        return _cases_file(what, read)
    with context.database().reading() as db:
        page = read(db, Ask(ORDERS[what], asked.get("cursor")))
        people = worklist.by_id(db, Person, (each.case_officer_id for each in page.items))
        processes = dict(worklist.processes(db, actor.organization_id))
    return flask.render_template(
        "board/cases.html", page=page, people=people, processes=processes, what=what, labels=WHAT, first=first, end=end
    )


@blp.get("/answers")
def read_answers() -> str | flask.Response:
    """How many of those who were asked have answered, one by one."""
    asked = flask.request.args
    with context.database().reading() as db:
        found = responses.responses(db, context.actor(), since(asked))
    if asked.get("format") == "csv":
        return _answers_file(found)
    return flask.render_template(
        "board/answers.html", found=found, total=responses.total(found), labels=OUTCOME_LABELS, period=period(asked),
        period_options={number: _(label) for number, label in PERIODS.items()},
    )  # fmt: skip


@blp.get("/asked")
def list_asked() -> str | flask.Response:
    """The times that somebody was asked."""
    asked, actor = flask.request.args, context.actor()
    which = asked["which"] if asked.get("which") in OUTCOME_LABELS else None
    found = responses.find_asked(actor, since(asked), organization=asked.get("organization") or None, which=which)

    def read(db: Session, ask: Ask) -> Page[Consultee]:
        page: Page[Consultee] = select_page(db, found, ask, {"reply_by": Consultee.reply_by}, Consultee.id)
        return page

    if asked.get("format") == "csv":
        return _asked_file(read)
    with context.database().reading() as db:
        page = read(db, Ask("-reply_by", asked.get("cursor")))
        rows = responses.described(db, page.items)
    return flask.render_template("board/asked.html", page=page, rows=rows, which=which, labels=OUTCOME_LABELS)


def _months_file(found: Sequence[Month]) -> flask.Response:
    header = (_("Month"), *(_(label) for label in WHAT.values()), _("Median, hours"), _("90th percentile, hours"))
    rows = (
        (
            f"{each.first:%Y-%m}", each.received, each.closed, each.late,
            *spreadsheet.hours([each.spread.median, each.spread.p90] if each.spread else []),
        )
        for each in found
    )  # fmt: skip
    return spreadsheet.spreadsheet("months", header, rows)


def _cases_file(what: str, read: Read[Case]) -> flask.Response:
    def rows() -> Iterator[Sequence[object]]:
        with context.database().reading() as db:
            officers = {str(each.id): each.name for each in holders(db, context.actor().organization_id, "officer")}
            for case in spreadsheet.every(lambda ask: read(db, ask), ORDERS[what]):
                yield (
                    case.title, case.registry_number, case.sender, terms.status(case.status), case.reply_by,
                    clock.local_date(case.received_at), case.closed_at and clock.local_date(case.closed_at),
                    officers.get(str(case.case_officer_id)), flask.url_for("cases.read_case", case_id=case.id, _external=True),
                )  # fmt: skip

    header = (_("Case"), _("Number"), _("From"), _("Status"), _("Reply by"), _("Came in"), _("Ended"), _("Case officer"), _("Address"))  # fmt: skip
    return spreadsheet.spreadsheet(f"cases-{what}", header, rows())


def _answers_file(found: Sequence[Responses]) -> flask.Response:
    header = (
        _("Who"),
        _("Answered, per cent"),
        _(OUTCOME_LABELS["asked"]),
        *(_(OUTCOME_LABELS[each]) for each in OUTCOMES),
    )
    rows = (
        (each.name, each.percent, each.asked, *(each.counts.get(name, 0) for name in OUTCOMES))
        for each in found
    )  # fmt: skip
    return spreadsheet.spreadsheet("answers", header, rows)


def _asked_file(read: Read[Consultee]) -> flask.Response:
    def rows() -> Iterator[Sequence[object]]:
        with context.database().reading() as db:

            def part(ask: Ask) -> Page[Asked]:
                page = read(db, ask)
                return Page(responses.described(db, page.items), page.cursor)

            for each in spreadsheet.every(part, "reply_by"):
                asked = each.consultee
                yield (
                    each.organization.name, each.case.title, each.case.registry_number, asked.reply_by, terms.status(asked.status),
                    asked.answered_at and clock.local_date(asked.answered_at), terms.status(asked.answer_kind),
                )  # fmt: skip

    header = (_("Who"), _("Case"), _("Number"), _("Reply by"), _("Status"), _("Answered"), _("Where they stand"))
    return spreadsheet.spreadsheet("asked", header, rows())

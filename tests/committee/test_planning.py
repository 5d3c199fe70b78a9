"""Planning backwards over real calendars of RUN's meetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from committee.calendar import Roll, roll, working_days_before
from committee.planning import Calendar, Sitting, plan_case

RUN_2023 = [date(2023, 4, 5), date(2023, 5, 23), date(2023, 6, 15), date(2023, 8, 24), date(2023, 10, 19)]


def sitting(day: date) -> Sitting:
    summons = roll(day - timedelta(days=7), Roll.BACKWARD)
    return Sitting(day, working_days_before(summons, 5), summons)


def deciding(*days: date) -> Calendar:
    return Calendar(preparing=(), consulting=(), deciding=[sitting(day) for day in days])


def test_the_folk_high_school_memo_was_decided_in_the_ordinary_way() -> None:
    plan = plan_case(date(2023, 6, 26), date(2023, 4, 20), deciding(*RUN_2023))
    assert plan.ordinary_fits
    assert (plan.decision and plan.decision.day, plan.send) == (date(2023, 6, 15), date(2023, 6, 21))


def test_an_answer_due_on_the_day_of_the_meeting_needs_immediate_adjustment() -> None:
    plan = plan_case(date(2023, 5, 23), date(2023, 4, 10), deciding(*RUN_2023))
    assert (plan.ordinary_fits, plan.immediate_fits) == (False, True)
    assert plan.decision is not None and plan.decision.day == date(2023, 5, 23)
    assert plan.slack_days < 0


def test_an_answer_due_before_the_next_meeting_is_seen_months_before() -> None:
    plan = plan_case(date(2022, 8, 22), date(2022, 4, 20), deciding(date(2022, 9, 21)))
    assert (plan.ordinary_fits, plan.immediate_fits, plan.decision) == (False, False, None)
    assert plan.earliest_decision == date(2022, 9, 21)


def test_a_summer_without_meetings_has_no_slot() -> None:
    plan = plan_case(date(2023, 8, 20), date(2023, 6, 20), deciding(*RUN_2023))
    assert not plan.ordinary_fits and not plan.immediate_fits


def test_the_working_committee_decides_only_where_its_papers_are_still_taken() -> None:
    au = sitting(date(2023, 5, 10))
    calendar = Calendar(preparing=[au], consulting=(), deciding=[])
    assert plan_case(date(2023, 5, 26), au.material_stop, calendar).au_fits
    assert not plan_case(date(2023, 5, 26), au.material_stop + timedelta(days=1), calendar).au_fits
    assert not plan_case(date(2023, 5, 16), au.material_stop, calendar).au_fits, "its minutes come too late"


def test_where_only_the_working_committee_can_decide_the_draft_is_done_before_its_papers_are_due() -> None:
    au = [sitting(day) for day in (date(2023, 4, 12), date(2023, 5, 10), date(2023, 6, 7))]
    plan = plan_case(date(2023, 5, 26), date(2023, 4, 3), Calendar(preparing=au, consulting=(), deciding=[]))
    assert (plan.decision, plan.au_fits) == (None, True)
    assert plan.draft == working_days_before(au[1].material_stop, 3)


def test_a_plan_that_leaves_no_day_to_write_has_none_to_spare() -> None:
    meeting = sitting(date(2023, 6, 15))
    assert plan_case(date(2023, 8, 31), date(2023, 5, 2), deciding(meeting.day)).slack_days > 10
    late = plan_case(date(2023, 8, 31), meeting.material_stop, deciding(meeting.day))
    assert (late.ordinary_fits, late.draft, late.slack_days) == (True, meeting.material_stop, 0)


def test_a_case_that_has_its_place_goes_to_the_next_meeting_and_not_to_the_last_that_fits() -> None:
    days = [date(2023, 4, 5), date(2023, 5, 23), date(2023, 6, 15)]
    au = [Sitting(day - timedelta(days=14), day - timedelta(days=21), day - timedelta(days=21)) for day in days]
    free = Calendar(preparing=au, consulting=(), deciding=[sitting(day) for day in days])
    placed = replace(free, preparing=[replace(au[1], has_place=True)])
    plans = [plan_case(date(2023, 8, 31), date(2023, 3, 1), calendar) for calendar in (free, placed)]
    assert [plan.decision and plan.decision.day for plan in plans] == [days[2], days[1]]


@given(st.dates(date(2023, 1, 1), date(2023, 9, 1)), st.integers(1, 200))
def test_no_step_is_planned_after_the_answer_is_due(today: date, days: int) -> None:
    reply_by = today + timedelta(days=days)
    plan = plan_case(reply_by, today, deciding(*RUN_2023))
    assert plan.send <= reply_by
    if plan.decision is not None:
        assert today <= plan.decision.day <= reply_by
        later = [day for day in RUN_2023 if plan.decision.day < day and day + timedelta(days=8) <= plan.send]
        assert not later or not plan.ordinary_fits, "a later meeting would have fitted"
    assert plan.consultation_days >= 0

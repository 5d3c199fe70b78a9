"""Planning backwards over real calendars of RUN's meetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from committee.calendar import Roll, roll, working_days_before
from committee.planning import Calendar, Sitting, extra_days, plan_case

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


def rounds(*days: date) -> Calendar:
    """RUN's meetings, each with its own working committee 17 days before, whose papers are due 9 working days before."""
    au = [day - timedelta(days=17) for day in days]
    prepared = [Sitting(day, working_days_before(day, 9), working_days_before(day, 5)) for day in au]
    return Calendar(preparing=prepared, consulting=(), deciding=[sitting(day) for day in days])


ASKED = replace(rounds(date(2027, 1, 15), date(2027, 2, 22)), answers_by=date(2026, 12, 18))
"""The municipalities may answer until 18 December; the papers of the first round are due before that."""


def test_a_case_that_waits_for_answers_goes_to_no_meeting_whose_papers_are_due_before_them() -> None:
    reply_by, today = date(2027, 2, 26), date(2026, 11, 22)
    assert ASKED.preparing[0].material_stop < date(2026, 12, 18)
    plan = plan_case(reply_by, today, ASKED)
    assert (plan.ordinary_fits, plan.immediate_fits, plan.slack_days) == (False, True, 2)
    assert (plan.preparation, plan.decision) == (ASKED.preparing[1], ASKED.deciding[1])
    heedless = plan_case(reply_by, today, replace(ASKED, answers_by=None))
    assert heedless.ordinary_fits and heedless.decision == ASKED.deciding[0]


def test_where_only_such_meetings_are_left_the_ladder_is_told_so() -> None:
    plan = plan_case(date(2027, 1, 29), date(2026, 11, 22), ASKED)
    fits = (plan.ordinary_fits, plan.immediate_fits, plan.au_fits, plan.decision)
    assert fits == (False, False, False, None), "nor can the working committee decide for the board"
    assert plan.earliest_decision == date(2027, 2, 22) and plan.slack_days < 0


def test_a_place_that_a_case_has_before_its_answers_is_kept_and_is_no_good_plan() -> None:
    placed = replace(ASKED, preparing=[replace(ASKED.preparing[0], has_place=True)])
    plan = plan_case(date(2027, 2, 26), date(2026, 11, 22), placed)
    assert (plan.preparation, plan.slack_days) == (placed.preparing[0], 0)


@given(st.dates(date(2026, 11, 22), date(2027, 1, 20)), st.integers(0, 60), st.integers(-20, 20), st.integers(30, 150))
def test_wherever_a_meeting_moves_the_answers_can_be_worked_in(today: date, asked: int, moved: int, days: int) -> None:
    days_ = (date(2027, 1, 15) + timedelta(days=moved), date(2027, 2, 15), date(2027, 3, 22) + timedelta(days=moved))
    calendar = replace(rounds(*days_), answers_by=today + timedelta(days=asked))
    plan = plan_case(today + timedelta(days=days), today, calendar)
    if plan.decision is not None:
        assert plan.preparation is not None
        answers_by, stop = today + timedelta(days=asked), plan.preparation.material_stop
        assert answers_by <= working_days_before(stop, 2)
        assert answers_by <= working_days_before(stop, 5) or plan.slack_days <= 0, "it says that it is pressed"


@given(st.dates(date(2026, 11, 22), date(2027, 1, 20)), st.integers(30, 150))
def test_asking_as_long_as_a_plan_says_does_not_undo_it(today: date, days: int) -> None:
    calendar = rounds(date(2027, 1, 15), date(2027, 2, 15), date(2027, 3, 22))
    plan = plan_case(today + timedelta(days=days), today, calendar)
    if plan.consultation > today:
        asked = replace(calendar, answers_by=plan.consultation)
        assert plan_case(today + timedelta(days=days), today, asked).decision == plan.decision


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


@given(st.dates(date(2026, 11, 22), date(2027, 1, 20)), st.integers(5, 90), st.lists(st.integers(1, 90), max_size=4))
def test_an_extra_meeting_on_a_day_that_is_offered_can_decide(today: date, days: int, prepared: list[int]) -> None:
    reply_by = today + timedelta(days=days)
    calendar = Calendar([sitting(today + timedelta(days=each)) for each in prepared], consulting=(), deciding=())
    for day in extra_days(reply_by, today, calendar) or ():
        assert plan_case(reply_by, today, replace(calendar, deciding=[sitting(day)])).immediate_fits


def test_no_extra_meeting_is_offered_where_nobody_can_prepare_the_case_before() -> None:
    today, reply_by = date(2026, 11, 22), date(2026, 12, 18)
    assert extra_days(reply_by, today, Calendar([sitting(date(2026, 12, 30))], consulting=(), deciding=())) is None
    prepared = Calendar([sitting(date(2026, 12, 8))], consulting=(), deciding=())
    assert extra_days(reply_by, today, prepared) == (date(2026, 12, 9), date(2026, 12, 16))

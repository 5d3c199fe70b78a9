"""How the plan of a case is represented."""

from __future__ import annotations

from marshmallow import fields

from api.schemas import Day, Representation


class SittingSchema(Representation):
    """A meeting as the plan sees it."""

    day = Day()
    material_stop = Day(metadata={"description": "The last day for papers."})
    summons_due = Day()


class StepsSchema(Representation):
    """When each step must be done, and which meetings treat the case."""

    send = Day(metadata={"description": "When the answer should leave."})
    draft = Day()
    consultation = Day(metadata={"description": "Until when those who are asked can answer."})
    consultation_days = fields.Integer(metadata={"description": "Calendar days that they have."})
    preparation = fields.Nested(SittingSchema, allow_none=True)
    joint_consultation = fields.Nested(SittingSchema, allow_none=True)
    decision = fields.Nested(SittingSchema, allow_none=True)
    earliest_decision = Day(allow_none=True)
    days_to_reply_by = fields.Integer()
    slack_days = fields.Integer(
        metadata={"description": "Working days between the decision and the day to send; below zero it is too late."}
    )


class RungSchema(Representation):
    """A way to an answer, the best first."""

    rung = fields.Integer()
    route = fields.String(
        metadata={"description": "ordinary, immediate, extra, extension, au_delegated, chair, preliminary, abstain."}
    )
    fits = fields.Boolean(metadata={"description": "The calendar, and what has been tried, allow it."})


class SlotSchema(Representation):
    """A place that the case has on an agenda."""

    agenda_item_id = fields.UUID()
    meeting_id = fields.UUID()
    body = fields.String(metadata={"description": "Key of the body."})
    day = Day()
    role = fields.String()
    state = fields.String()
    outcome = fields.String(allow_none=True)


class PlanSchema(Representation):
    """The plan of a case as of today."""

    case_id = fields.UUID()
    today = Day()
    reply_by = Day(allow_none=True, metadata={"description": "The day in force; without one nothing is planned."})
    health = fields.String(metadata={"description": "on_track, at_risk, overdue or ended."})
    plan = fields.Nested(StepsSchema, allow_none=True)
    route = fields.String(allow_none=True, metadata={"description": "What the deployed table of the ladder chooses."})
    rung = fields.Integer(allow_none=True)
    warning = fields.String(allow_none=True, metadata={"description": "What the table says about it."})
    ladder = fields.List(fields.Nested(RungSchema))
    slots = fields.List(fields.Nested(SlotSchema))

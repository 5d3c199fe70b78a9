"""What people call the values of a process that our own operations give and our own tables ask for."""

from __future__ import annotations

from web.language import _
from web.terms import N_

VALUES = {
    "actors": N_("Actors that are invited"), "agenda_item_id": N_("The item on the agenda"),
    "annulled": N_("The decision was annulled"), "answer_kind": N_("Answer"), "answers_count": N_("Number of answers"),
    "approved": N_("The draft is approved"), "au_fits": N_("The working committee is in time"),
    "au_no_slot": N_("The working committee's agenda is full"), "case_officer_id": N_("Officer of the case"),
    "chair_possible": N_("The chair may decide"), "choice": N_("What is done with late material"),
    "consultation_by": N_("Answers to the consultation by"), "consultation_days": N_("Days for the consultation"),
    "consultee_ids": N_("Those who are asked"), "days_to_reply_by": N_("Days to the day to answer by"),
    "decision_date": N_("Day of the decision"), "dialogues_by": N_("Dialogues are held by"),
    "earliest_decision_date": N_("Earliest day of a decision"), "extension_possible": N_("More time can be had"),
    "extension_tried": N_("More time has been asked for"), "extra_meeting_tried": N_("An extra meeting has been tried"),
    "extra_possible": N_("An extra meeting is possible"),
    "extra_from": N_("First day for an extra meeting"),
    "extra_until": N_("Last day for an extra meeting"),
    "goal_setting": N_("It is about goals, direction, extent or quality"), "granted": N_("More time is given"),
    "handling": N_("How the referral is handled"), "immediate_fits": N_("In time if adjusted at once"),
    "importance": N_("Importance, from 1 to 3"), "in_time": N_("Sent in time"),
    "last_appeal_on": N_("Last day to appeal"), "late_count": N_("Late answers"),
    "legal_force_date": N_("Day of legal force"), "material_late": N_("The material came late"),
    "meeting_date": N_("Day of the meeting"), "meeting_id": N_("The meeting"),
    "municipal_body": N_("Body of the municipalities"), "municipal_interest": N_("It concerns the municipalities"),
    "municipalities": N_("Municipalities that are asked"), "no_reply_count": N_("Those who have not answered"),
    "no_slot": N_("The agenda is full"), "ordinary_fits": N_("An ordinary meeting is in time"),
    "organization": N_("The organisation that is asked"), "organization_name": N_("Name of the organisation"),
    "other_consultees": N_("Others who are asked"), "paragraph": N_("The paragraph"),
    "preliminary_sent": N_("An answer with a reservation has been sent"), "referral_id": N_("The consultation"),
    "registry_number": N_("Registry number"), "remove_at": N_("The notice is taken down"),
    "response_rate": N_("Share that has answered"), "review_comment": N_("Comment on the draft"),
    "sender_allows_extension": N_("The sender can give more time"), "slack_days": N_("Working days to spare"),
    "slot_found": N_("A place was found"), "themes": N_("Themes of the dialogues"), "valid_from": N_("Valid from"),
    "views_by": N_("Proposed changes by"),
}  # fmt: skip
"""By the name of the variable."""


def value(name: str) -> str:
    """What a value is called; a name that a process owner has made is shown as it is written."""
    return _(VALUES[name]) if name in VALUES else name

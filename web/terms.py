"""What the register's keys are called on a page: roles, states, outcomes. A key that is not here is shown as it is."""

from __future__ import annotations

from babel.lists import format_list
from jinja2 import Environment

from committee.deadlines import LABELS
from engine.ahead import Fork
from web.language import _, current, ngettext


def N_(message: str) -> str:  # noqa: N802 - the field's name for a message that is translated where it is shown
    """Mark a message for the catalogue."""
    return message


ROLES = {
    "registrar": N_("Registrar"),
    "officer": N_("Case officer"),
    "head": N_("Head"),
    "director": N_("Director"),
    "manager": N_("Manager"),
    "secretary": N_("Secretary"),
    "chair": N_("Chair"),
    "member": N_("Member"),
    "adjuster": N_("Adjuster of the minutes"),
    "process_owner": N_("Process owner"),
    "operator": N_("Operator"),
}
OUTCOMES = {
    "adopted": N_("Adopted"),
    "rejected": N_("Rejected"),
    "noted": N_("Noted"),
    "forwarded": N_("Sent on to the deciding body"),
    "refer_back": N_("Referred back"),
    "table": N_("Tabled"),
    "not_handled": N_("Not treated"),
    "handshake": N_("Both sides agree"),
    "differs": N_("The sides differ"),
    "neither_agrees": N_("Neither side agrees"),
    "region_not_handled": N_("Not treated by the region"),
    "municipalities_not_handled": N_("Not treated by the municipalities"),
}
STATUSES = {
    # cases
    "received": N_("received"),
    "registered": N_("registered"),
    "triage": N_("to be distributed"),
    "in_work": N_("in progress"),
    "consulting": N_("out for consultation"),
    "prepared": N_("prepared"),
    "in_samrad": N_("in joint consultation"),
    "scheduled": N_("on an agenda"),
    "decided": N_("decided"),
    "adjusted": N_("minutes adjusted"),
    "dispatched": N_("sent"),
    "closed": N_("closed"),
    "withdrawn": N_("withdrawn"),
    "transferred": N_("handed over"),
    "suspended": N_("suspended"),
    "archived": N_("archived"),
    # those who were asked, and their answers
    "invited": N_("asked"),
    "extension_asked": N_("asks for more time"),
    "answered": N_("has answered"),
    "abstained": N_("abstained"),
    "late": N_("answered late"),
    "no_reply": N_("did not answer"),
    "stopped": N_("stopped"),
    "approve": N_("Approves"),
    "approve_with_comments": N_("Approves with comments"),
    "object": N_("Objects"),
    "no_opinion": N_("Has nothing to object"),
    "abstain": N_("Abstains"),
    # what became of an item, and decisions
    **OUTCOMES,
    # how an answer is sent
    "email": N_("by e-mail"),
    "sdk": N_("by secure digital communication"),
    "portal": N_("in the sender's portal"),
    "post": N_("by post"),
    # deadlines
    "met": N_("met"),
    "missed": N_("missed"),
    "waived": N_("no longer needed"),
}
CASE_STATUSES = tuple(STATUSES)[: tuple(STATUSES).index("invited")]
"""Those of cases, from the first to the last."""
MODES = {
    "delning": N_("Draft for views"),
    "remiss": N_("Referral"),
    "information": N_("For information"),
    "expediering": N_("Dispatch"),
}
"""How something is sent to those who are asked."""
DOCUMENT_KINDS = {
    "incoming": N_("Incoming"),
    "outgoing": N_("Outgoing"),
    "prepared": N_("Prepared here"),
    "internal": N_("Internal"),
}
MESSAGES = {
    "AppealReceived": N_("An appeal has come"),
    "CaseWithdrawn": N_("The case is withdrawn"),
    "ConsultationProlonged": N_("The consultation has got more time"),
    "ConsultationStopped": N_("The consultation is stopped"),
    "ConsulteeAnswered": N_("One who was asked has answered"),
    "ConsulteeExtensionAsked": N_("One who was asked wants more time"),
    "ExtensionGranted": N_("The sender gives more time"),
    "ExtensionRefused": N_("The sender gives no more time"),
    "ItemRemoved": N_("The item is taken off the agenda"),
    "MeetingCancelled": N_("The meeting is cancelled"),
    "MeetingMoved": N_("The meeting is moved"),
    "MeetingSummoned": N_("The meeting is summoned"),
    "MinutesAdjusted": N_("The minutes are adjusted"),
    "NoticePosted": N_("The notice is posted"),
    "OutcomeRecorded": N_("What was decided is recorded"),
    "ParagraphAdjusted": N_("The item's paragraph is adjusted"),
    "ReferralReceived": N_("A referral has come"),
    "ReplyByChanged": N_("The day to answer by has changed"),
    "SamradOutcomeRecorded": N_("What came of the joint consultation is recorded"),
    "StatementLate": N_("An answer has come late"),
    "Summoned": N_("The item is summoned to a meeting"),
}
"""What the parts of the processes tell each other; one that a process owner has made is shown as it is written."""
DOCUMENT_STATES = {"draft": N_("draft"), "approved": N_("approved"), "dispatched": N_("sent")}


def role(key: str | None) -> str:
    """A role in a body."""
    return _(ROLES[key]) if key in ROLES else key or ""


def status(key: str | None) -> str:
    """A state or an answer."""
    return _(STATUSES[key]) if key in STATUSES else key or ""


def deadline_kind(key: str) -> str:
    """A kind of deadline."""
    return LABELS[key][current() == "en"] if key in LABELS else key


def mode(key: str) -> str:
    """How something was sent."""
    return _(MODES[key]) if key in MODES else key


def document_kind(key: str) -> str:
    """A kind of document."""
    return _(DOCUMENT_KINDS[key]) if key in DOCUMENT_KINDS else key


def message(name: str) -> str:
    """What is told to a process."""
    return _(MESSAGES[name]) if name in MESSAGES else name


def document_state(key: str) -> str:
    """How final a version is."""
    return _(DOCUMENT_STATES[key]) if key in DOCUMENT_STATES else key


def slack(days: int) -> str:
    """What a plan leaves, in working days."""
    if days < 0:
        return ngettext("%(num)s working day too late", "%(num)s working days too late", -days)
    return ngettext("%(num)s working day to spare", "%(num)s working days to spare", days)


def fork(open_way: Fork) -> str:
    """What is still to be settled, in the words of the diagram."""
    question, way = open_way.question, open_way.way
    others = format_list([_("“%(name)s”", name=other) for other in open_way.others], "or", locale=current())
    if not way:
        return _("Depends on “%(question)s”.", question=question)
    if not others:
        return _("If “%(question)s” becomes “%(way)s”:", question=question, way=way)
    return _("Depends on “%(question)s”: here “%(way)s”, else %(others)s.", question=question, way=way, others=others)


def stance_color(key: str | None) -> str:
    """The colour of an answer; its word stands in it."""
    return {"approve": "success", "approve_with_comments": "success", "object": "danger"}.get(key or "", "neutral")


def install(environment: Environment) -> None:
    """Make them filters of the templates."""
    for filter_ in (role, status, mode, deadline_kind, document_kind, document_state, message, slack, fork):
        environment.filters[filter_.__name__] = filter_
    environment.globals["stance_color"] = stance_color
    environment.globals["statuses"] = CASE_STATUSES

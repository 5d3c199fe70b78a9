"""The words of other engines that are not read as ours: what they mean for a diagram that is to run here.

Words that are read are in `camunda7` and `camunda8`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from store.sentences import Sentence, say

ENGINES = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://activiti.com/modeler": "Activiti",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8",
    "http://www.jboss.org/drools": "jBPM",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
}
"""Namespaces in which other engines say what is to happen."""
CAMUNDA_7_FAMILY = ("Camunda 7", "Activiti", "Flowable")
"""Engines with the words of Camunda 7, which grew out of Activiti as Flowable did."""

TOOLS = {
    "signavio": "Signavio", "bizagi": "Bizagi", "trisotech": "Trisotech", "boc-": "ADONIS", "adonis": "ADONIS", "bpmn.io": "bpmn.io",
    "camunda.org/schema/modeler": "Camunda Modeler", "oracle.com": "Oracle", "ibm.com": "IBM", "sparxsystems": "Enterprise Architect",
    "visual-paradigm": "Visual Paradigm", "yaoqiang": "Yaoqiang", "aris": "ARIS", "bonitasoft": "Bonita", "eclipse.org": "Eclipse",
}  # fmt: skip
"""Part of a namespace -> the modelling tool whose it is."""


class Meaning(NamedTuple):
    """What it means that a word is not read: the rule of the finding, what is said of it, and what to do."""

    rule: str
    template: str
    """A template that may speak of the `%(engine)s`; it goes on after the element's name."""
    hint: str

    def told(self, engine: str, words: Iterable[str]) -> Sentence:
        """That these words of an engine are not read."""
        what = Sentence(self.template, {"engine": engine})
        return say("%(what)s: %(words)s", what=what, words=", ".join(words)[:200])


_HARMLESS = Meaning(
    "other-engine",
    "tells %(engine)s how to do its work, which means nothing here and does no harm",
    "Nothing need be done.",
)
_NOTE = Meaning(
    "other-engine", "holds notes for %(engine)s, which are kept and not read", "Nothing need be done, unless an operation needs them."
)  # fmt: skip
_CODE = Meaning(
    "other-engine-code", "asks for code that only %(engine)s could run", "Draw a service task with an operation, and remove it here."
)  # fmt: skip
_FORM = Meaning(
    "other-engine",
    "describes a form in the words of %(engine)s",
    "Draw the form with form-js, save it as forms/NAME.form and name it with handslag:form.",
)
_HELD_FORM = Meaning(
    "other-engine",
    "holds a form",
    "handslag import -o writes it as forms/NAME.form; deploy it together with the diagram.",
)
_PEOPLE = Meaning(
    "other-engine",
    "names people in a way that is not read here",
    "Name one role with handslag:performer, on the task or its lane.",
)
_START = Meaning(
    "other-engine", "says who may start the process", "Who may open a case is said by the organisation's profile."
)
_ERROR = Meaning(
    "other-engine",
    "keeps what %(engine)s knows of an error or escalation in variables, which nothing does here",
    "Write what the event receives with handslag:output.",
)
_VERSION = Meaning(
    "other-engine-code",
    "asks for one version of another file, which is not done here",
    "Give that version a tag and bind it with handslag:call, or take the latest and remove it here.",
)
_UNKNOWN = Meaning(
    "other-engine",
    "says in the words of %(engine)s what means nothing here",
    "Say it with BPMN's own elements, or with those of Handslag.",
)
_GROUPS: tuple[tuple[str, Meaning], ...] = (
    (
        """async asyncBefore asyncAfter exclusive jobPriority jobPriorityDefinition taskPriority priority priorityDefinition historyTimeToLive
        isStartableInTasklist failedJobRetryTimeCycle failedJobRetryTimeCycles retryCounter retries followUpDate diagramRelationId
        modelerTemplate modelerTemplateVersion modelerTemplateIcon userTask tenantId calledElementTenantId decisionRefTenantId businessId
        variableName variableEvents triggerable category""",
        _HARMLESS,
    ),
    ("properties property taskHeaders linkedResources documentation", _NOTE),
    (
        """executionListener executionListeners taskListener taskListeners connector field script eventListener variableMappingClass
        variableMappingDelegateExpression resource formHandlerClass conditionalFilter agentDefinition adHoc extensionId mapException""",
        _CODE,
    ),
    ("userTaskForm", _HELD_FORM),
    ("formKey formRef formDefinition", _FORM),
    ("formRefBinding formRefVersion decisionRefBinding decisionRefVersion decisionRefVersionTag calledElementVersion", _VERSION),
    ("assignee candidateGroups candidateUsers assignmentDefinition", _PEOPLE),
    ("candidateStarterGroups candidateStarterUsers potentialStarter initiator", _START),
    ("errorCodeVariable errorMessageVariable escalationCodeVariable errorMessage", _ERROR),
)  # fmt: skip
MEANINGS: Mapping[str, Meaning] = {word: meaning for words, meaning in _GROUPS for word in words.split()}
"""Word -> what it means. Words that are not here mean nothing that we know of."""


def meaning(word: str) -> Meaning:
    """What it means that a word is not read."""
    return MEANINGS.get(word, _UNKNOWN)


def tool(namespace: str) -> str:
    """The tool whose namespace it is; of one that is not known, the namespace."""
    return next((name for part, name in TOOLS.items() if part in namespace.lower()), namespace[:100])

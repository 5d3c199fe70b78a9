"""Our own extension elements: a slip of the pen in one of them would be passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.check.finding import CheckContext, Finding, about_file, found, label
from engine.bpmn.model import ACTIVITIES, Diagram, Extension
from store.sentences import quoted, say

_ACTIVITIES = frozenset(kind.value for kind in ACTIVITIES)
GLOBAL_TASKS = frozenset(
    {"globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"}
)
_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where an extension element may stand, and its attributes."""

    places: frozenset[str]
    required: frozenset[str]
    optional: frozenset[str] = frozenset()


EXTENSIONS: Mapping[str, Allowed] = {
    "performer": Allowed(
        frozenset({"lane", "userTask", "manualTask", "globalUserTask", "globalManualTask"}),
        frozenset({"role"}),
        frozenset({"body", "organization"}),
    ),
    "form": Allowed(frozenset({"userTask", "globalUserTask", "startEvent"}), frozenset({"ref"})),
    "operation": Allowed(
        frozenset({"serviceTask", "scriptTask", "sendTask", "userTask", "globalScriptTask", "globalUserTask"}),
        frozenset({"name"}),
    ),
    "due": Allowed(
        frozenset({"userTask", "manualTask", "globalUserTask", "globalManualTask"}), frozenset({"date"})
    ),
    "decision": Allowed(frozenset({"businessRuleTask", "globalBusinessRuleTask"}), frozenset({"ref"}), frozenset({"result"})),
    "call": Allowed(frozenset({"callActivity"}), frozenset({"binding"}), frozenset({"versionTag", "inputs", "outputs"})),
    "input": Allowed(
        _ACTIVITIES | GLOBAL_TASKS | _THROWING, frozenset({"name", "value"}), frozenset({"label"})
    ),
    "output": Allowed(_ACTIVITIES | GLOBAL_TASKS | _CATCHING, frozenset({"name", "value"})),
    "correlation": Allowed(
        _CATCHING | _THROWING | {"receiveTask", "sendTask"}, frozenset({"name", "value"})
    ),
    "loop": Allowed(
        frozenset({"multiInstanceLoopCharacteristics"}),
        frozenset({"collection"}),
        frozenset({"element", "output", "outputElement"}),
    ),
}  # fmt: skip
_SINGLE = EXTENSIONS.keys() - {"input", "output", "correlation"}
BINDINGS = ("latest", "deployment", "versionTag")


def check_extensions(diagram: Diagram, _context: CheckContext) -> Iterator[Finding]:
    """Each is known, stands where it means something, and has the attributes that it needs and no others."""
    seen: set[tuple[str, str, str]] = set()
    for one in diagram.extensions:
        allowed = EXTENSIONS.get(one.kind)
        if allowed is None:
            hint = say("Use one of %(names)s.", names=", ".join(EXTENSIONS))
            yield _finding(one, "There is no extension element 'handslag:%(kind)s'.", hint, kind=one.kind)
        elif one.owner_kind not in allowed.places:
            where = quoted(one.owner_kind) if one.owner_kind else say("that place")
            hint = say("It belongs to %(names)s.", names=", ".join(sorted(allowed.places)))
            yield _finding(one, "'handslag:%(kind)s' means nothing at %(where)s.", hint, kind=one.kind, where=where)
        else:
            yield from _attributes(one, allowed)
        key = (one.kind, one.owner_kind, one.id)
        if one.kind in _SINGLE and one.id and key in seen:
            yield _finding(
                one, "'handslag:%(kind)s' stands twice; only the first would count.", "Remove one.", kind=one.kind
            )
        seen.add(key)


def other_engines(diagram: Diagram, _context: CheckContext) -> Iterator[Finding]:
    """What is said in the words of another engine: whether it is read as ours, or not done at all."""
    for one in diagram.foreign:
        subject = label(one) if one.id or one.name else say("The file")
        yield found(one, one.rule, "%(subject)s %(sentence)s.", one.hint, subject=subject, sentence=one.sentence)
    if diagram.mapped:
        engines = ", ".join(sorted({one.engine for one in diagram.mapped}))
        yield about_file(
            "imported",
            say(
                "%(count)s things that the file says in the words of %(engines)s are read as ours.",
                count=len(diagram.mapped),
                engines=engines,
            ),
            diagram.mapped[0].line,
        )


def _attributes(one: Extension, allowed: Allowed) -> Iterator[Finding]:
    for name in sorted(allowed.required):
        if not one.attributes.get(name, "").strip():
            yield _finding(one, "'handslag:%(kind)s' has no '%(name)s'.", "Give it.", kind=one.kind, name=name)
    for name in sorted(one.attributes.keys() - allowed.required - allowed.optional):
        if not name.startswith("{"):  # another tool's mark
            known = ", ".join(sorted(allowed.required | allowed.optional))
            yield _finding(
                one,
                "'handslag:%(kind)s' has no attribute '%(name)s'.",
                say("It has %(names)s.", names=known),
                kind=one.kind,
                name=name,
            )
    if one.kind == "call":
        binding = one.attributes.get("binding", "")
        if binding and binding not in BINDINGS:
            yield _finding(
                one,
                "There is no binding '%(binding)s'.",
                say("Use one of %(names)s.", names=", ".join(BINDINGS)),
                binding=binding,
            )
        if binding == "versionTag" and not one.attributes.get("versionTag"):
            yield _finding(one, "The binding 'versionTag' needs a 'versionTag'.", "Give it.")
        for name in ("inputs", "outputs"):
            if one.attributes.get(name, "all") != "all":
                yield _finding(
                    one,
                    "'%(name)s' of a call can only be 'all'.",
                    say("Remove it, and use handslag:%(name)s.", name=name[:-1]),
                    name=name,
                )


def _finding(one: Extension, template: str, hint: str, **values: Any) -> Finding:
    return found(one, "extension", template, hint, **values)

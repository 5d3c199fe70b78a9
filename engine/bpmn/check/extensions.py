"""Our own extension elements: a slip of the pen in one of them would be passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.check.finding import CheckContext, Finding
from engine.bpmn.model import Diagram, Extension, NodeType

_ACTIVITIES = frozenset(kind.value for kind in NodeType if kind.value.endswith(("ask", "Process", "Activity")))
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
        frozenset({"lane", "userTask", "manualTask"}), frozenset({"role"}), frozenset({"body", "organization"})
    ),
    "form": Allowed(frozenset({"userTask", "startEvent"}), frozenset({"ref"})),
    "operation": Allowed(
        frozenset({"serviceTask", "scriptTask", "sendTask", "userTask"}), frozenset({"name"}), frozenset({"result"})
    ),
    "due": Allowed(frozenset({"userTask", "manualTask"}), frozenset({"date"})),
    "decision": Allowed(frozenset({"businessRuleTask"}), frozenset({"ref"}), frozenset({"result"})),
    "call": Allowed(frozenset({"callActivity"}), frozenset({"binding"}), frozenset({"versionTag"})),
    "input": Allowed(_ACTIVITIES | _THROWING, frozenset({"name", "value"})),
    "output": Allowed(_ACTIVITIES | _CATCHING, frozenset({"name", "value"})),
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
    for found in diagram.extensions:
        allowed = EXTENSIONS.get(found.name)
        if allowed is None:
            hint = f"Use one of {', '.join(EXTENSIONS)}."
            yield _finding(found, f"There is no extension element 'handslag:{found.name}'.", hint)
        elif found.owner_kind not in allowed.places:
            where = f"'{found.owner_kind}'" if found.owner_kind else "that place"
            hint = f"It belongs to {', '.join(sorted(allowed.places))}."
            yield _finding(found, f"'handslag:{found.name}' means nothing at {where}.", hint)
        else:
            yield from _attributes(found, allowed)
        key = (found.name, found.owner_kind, found.owner_id)
        if found.name in _SINGLE and found.owner_id and key in seen:
            yield _finding(found, f"'handslag:{found.name}' stands twice; only the first would count.", "Remove one.")
        seen.add(key)


def _attributes(found: Extension, allowed: Allowed) -> Iterator[Finding]:
    for name in sorted(allowed.required):
        if not found.attributes.get(name, "").strip():
            yield _finding(found, f"'handslag:{found.name}' has no '{name}'.", "Give it.")
    for name in sorted(found.attributes.keys() - allowed.required - allowed.optional):
        if not name.startswith("{"):  # another tool's mark
            known = ", ".join(sorted(allowed.required | allowed.optional))
            yield _finding(found, f"'handslag:{found.name}' has no attribute '{name}'.", f"It has {known}.")
    if found.name == "call":
        binding = found.attributes.get("binding", "")
        if binding and binding not in BINDINGS:
            yield _finding(found, f"There is no binding '{binding}'.", f"Use one of {', '.join(BINDINGS)}.")
        if binding == "versionTag" and not found.attributes.get("versionTag"):
            yield _finding(found, "The binding 'versionTag' needs a 'versionTag'.", "Give it.")


def _finding(found: Extension, sentence: str, hint: str) -> Finding:
    return Finding(found.owner_id, found.owner_name, found.line, "error", "extension", sentence, hint)

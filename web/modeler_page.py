"""What the modeler's page hands over to its script: addresses, texts and choices, as one block of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

import flask

from committee.choices import Choices
from committee.deadlines import KINDS
from committee.drafts import Draft
from engine.models import Definition
from engine.operations import Operation
from web import modeler_words, terms
from web.language import _, current

ENGLISH = "en"


def data(draft: Draft, found: Choices, written: Sequence[Draft], steps: Mapping[str, str]) -> dict[str, Any]:
    """For `web/client/src/modeler/page.ts`; `written` are drafts, which can be chosen before they are in use.

    `steps` says what a step is called that shows a form, by the form's key.
    """
    return {
        "language": current(),
        "version": draft.version,
        "addresses": _addresses(draft),
        "texts": _texts(),
        "choices": {
            "forms": _named("form", found, written, steps),
            "decisions": _named("decisions", found, written),
            "processes": _deployed(found.of_kind("process")),
            "operations": sorted((_operation(each) for each in found.operations.values()), key=_by_label),
            "roles": [{"key": key, "label": terms.role(key)} for key in terms.ROLES],
            "bodies": [{"key": each.key, "label": each.name} for each in found.bodies],
            "deadlines": [{"key": kind, "label": terms.deadline_kind(kind)} for kind in KINDS],
        },
    }


def _addresses(draft: Draft) -> dict[str, str]:
    def address(view: str) -> str:
        return flask.url_for(f"studio_drafts.{view}", draft_id=draft.id)

    return {
        "content": address("read_content"),
        "check": address("check"),
        "copy": address("copy"),
        "form": flask.url_for("studio.ask_new", kind="form"),
    }


def _texts() -> dict[str, str]:
    """What differs from the English that the script writes anyhow."""
    if current() == ENGLISH:
        return {}
    return {text: _(text) for text in (*modeler_words.FIELDS, *modeler_words.KINDS, *modeler_words.MENUS)}


def _deployed(found: Iterable[Definition]) -> list[dict[str, str]]:
    return [{"key": each.key, "label": each.name} for each in found]


def _named(
    kind: str, found: Choices, written: Sequence[Draft], steps: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, str]]:
    """The forms or decisions in use, and the drafts of others."""
    known = _deployed(found.of_kind(kind))
    for each in known:
        if each["label"] == each["key"] and each["key"] in steps:  # it has no name of its own
            each["label"] = f"{steps[each['key']]} ({each['key']})"
    known.sort(key=_by_label)
    drafts = {PurePath(each.file_name).stem: each.name for each in written if each.kind == kind}
    for choice in known:
        drafts.pop(choice["key"], None)
    return [{"key": key, "label": _("%(name)s (draft)", name=name)} for key, name in drafts.items()] + known


def _operation(each: Operation) -> dict[str, str]:
    label = each.label_en if current() == ENGLISH else each.label_sv
    told = [_("Reads: %(names)s.", names=", ".join(each.inputs).replace("?", ""))] if each.inputs else []
    told += [_("Gives: %(names)s.", names=", ".join(each.outputs))] if each.outputs else []
    return {"key": each.name, "label": label, "note": " ".join(told)}


def _by_label(choice: dict[str, str]) -> str:
    return choice["label"].casefold()

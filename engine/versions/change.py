"""One thing that differs between two versions of a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """What has become of one element, flow, lane, rule or field.

    `subject` is `process`, `lane`, `element`, `flow` or `drawing` in a diagram, `decision`, `column` or `rule` in a
    decision table, `field` in a form, `file` anywhere. `kind` is `added`, `removed` or `changed`; of what has changed,
    `aspect` names what: `name`, `type`, `lane`, `performer`, `due` …
    """

    subject: str
    id: str
    name: str
    kind: str
    sentence: str
    aspect: str = ""
    old: str | None = None
    new: str | None = None
    type: str = ""
    """Of an element, its kind: what people call one without a name."""

    @property
    def rank(self) -> int:
        """For a list that has first what is new, then what is removed, then what has changed."""
        return (ADDED, REMOVED, CHANGED).index(self.kind)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def changed(subject: str, key: str, name: str, aspect: str, noun: str, old: str | None, new: str | None) -> Change:
    """A change of one aspect, in the words that fit whether it came, went or is another now."""
    shown = f"'{name or key}'"
    if aspect == "name" and old and new:
        sentence = f"'{old}' is now called '{new}'."
    elif aspect == "type":
        sentence = f"{shown} is now {new}, was {old}."
    elif old is None:
        sentence = f"{shown} now has {noun}: {new}."
    elif new is None:
        sentence = f"{shown} no longer has {noun}; it was {old}."
    else:
        sentence = f"{shown}: {noun} is now {new}, was {old}."
    return Change(subject, key, name, CHANGED, sentence, aspect, old, new)

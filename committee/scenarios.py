"""Scenarios of what is deployed or drafted: those that the product brings, and those that a process owner has written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from committee import access, processes
from committee.access import Actor
from engine.bpmn.check import CheckContext
from engine.functions import FunctionContext, bound_functions
from engine.models import Definition, Resource
from engine.operations import operations
from engine.scenarios import Outcome, Runner, Scenario, read
from engine.scenarios.model import Story
from engine.trial import Files
from store.errors import NotFound

RUNNERS = ("process_owner", "operator")
ENDINGS = (".yaml", ".yml")


def brought(folder: Path, key: str) -> list[Scenario]:
    """The scenarios that the product brings about a process or decision, in the order of their files."""
    return [each for each in _every(folder) if subject(each) == key]


def files(folder: Path, about: Sequence[Scenario]) -> list[str]:
    """The names of the files that some scenarios stand in; of all that the product brings where there are none."""
    return list(dict.fromkeys(each.file for each in about or _every(folder)))


def content(folder: Path, name: str) -> bytes:
    """A file of scenarios that the product brings. Raises NotFound."""
    if name not in files(folder, ()):
        raise NotFound("There is no such page.")
    return (folder / name).read_bytes()


def written(file: str, data: bytes) -> list[Scenario]:
    """The scenarios of a file that somebody has written. Raises Unreadable, with the line."""
    return read(file, data)


def subject(scenario: Scenario) -> str:
    """The key of what a scenario is about."""
    told = scenario.told
    return told.process if isinstance(told, Story) else told.decision


def runner(db: Session, actor: Actor, files: Mapping[str, bytes]) -> Runner:
    """For scenarios of some files, with what else is in use beside them. Raises Forbidden."""
    access.require(actor, *RUNNERS)
    in_use = (
        select(Definition.file_name, Resource.content)
        .join(Resource, Resource.id == Definition.resource_id)
        .where(Definition.id.in_(processes.definitions(actor, latest=True).with_only_columns(Definition.id)))
        .where(Definition.kind != "form")
        .order_by(Definition.file_name)
    )
    contents = {name: content for name, content in db.execute(in_use)}  # noqa: C416 - rows are no pairs to mypy
    known = bound_functions(FunctionContext(None, None, None))
    context = CheckContext(operations=frozenset(operations()), functions=frozenset(known))
    wanted = {name: data for name, data in files.items() if not name.endswith(".form")}
    return Runner(Files(contents | wanted, context))


def run(prepared: Runner, scenarios: Sequence[Scenario]) -> Iterator[Outcome]:
    """One scenario after the other; none where a file cannot be read, which `prepared.files.findings` tells."""
    if not prepared.files.refused:
        for each in scenarios:
            yield prepared.run(each)


@lru_cache(maxsize=2)
def _every(folder: Path) -> tuple[Scenario, ...]:
    files = sorted(path for path in folder.glob("*") if path.suffix in ENDINGS)
    return tuple(each for path in files for each in read(path.name, path.read_bytes()))

"""Definitions: what was deployed, in versions, by content; compiled once and shared read-only by all threads."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from engine import dmn, forms, spiff, start_timers, starting
from engine.bpmn import check as checker
from engine.bpmn import lower, read
from engine.bpmn.model import EventType, Node, NodeType, Process
from engine.bpmn.starts import Start
from engine.bpmn.starts import started_by as start_of
from engine.bpmn.xml import parse
from engine.errors import DefinitionNotFound, DiagramRefused
from engine.models import Definition, Deployment, Resource
from engine.operations import operations
from store import clock, events
from store.errors import Invalid
from store.sentences import say

CACHE_SIZE = 256


@dataclass(frozen=True, slots=True)
class Compiled:
    """A process that is ready to run. `nodes` are the diagram's own elements by id."""

    definition_id: UUID
    process: Process
    program: spiff.Program
    nodes: Mapping[str, Node]


_compiled: OrderedDict[UUID, Compiled] = OrderedDict()
_lock = threading.Lock()


def deploy(
    db: Session,
    organization_id: UUID,
    files: Mapping[str, bytes],
    *,
    context: checker.CheckContext,
    actor_id: UUID | None = None,
) -> list[Definition]:
    """Put files in use together. A file whose content is in use already makes no new version.

    Raises DiagramRefused with every error of every file; then nothing is deployed.
    """
    findings = check_files(files, context)
    if errors := [finding for finding in findings if finding["severity"] == "error"]:
        raise DiagramRefused(
            say("Nothing was deployed: %(count)s error(s) must be mended first.", count=len(errors)),
            errors=errors,
            findings=findings,
        )
    deployment = Deployment(organization_id=organization_id, deployed_at=clock.now(), deployed_by=actor_id)
    db.add(deployment)
    db.flush()
    made = [
        definition
        for name, data in files.items()
        for definition in _deploy_file(db, organization_id, deployment, name, data)
    ]
    for definition in made:
        events.record(
            db,
            organization_id,
            "definition.deployed",
            "definition",
            definition.id,
            actor_id=actor_id,
            data={"key": definition.key, "number": definition.number, "kind": definition.kind},
        )
    return made


def check_files(files: Mapping[str, bytes], context: checker.CheckContext) -> list[dict[str, object]]:
    """All findings of files that are to be used together, errors first. They may name one another."""
    opened = {name: checker.opened(data) for name, data in files.items() if name.endswith(".bpmn")}
    known = _together(files, opened, context)
    found: list[dict[str, object]] = []
    for name, data in files.items():
        told = checker.check_opened(opened[name], known) if name in opened else _check_file(name, data, known)
        found += ({"file": name, **finding.as_dict()} for finding in told)
    found += _processes_of_one_id(opened)
    return sorted(found, key=lambda finding: finding["severity"] != "error")


def latest(db: Session, organization_id: UUID, kind: str, key: str) -> Definition:
    """The version in use, or DefinitionNotFound."""
    found = db.scalar(_versions(organization_id, kind, key).limit(1))
    if found is None:
        raise DefinitionNotFound(
            say("There is no %(kind)s '%(key)s'. Deploy it first, or choose one that is deployed.", kind=kind, key=key)
        )
    return found


_C = Definition.__table__.c
_LATEST_ID = (
    select(_C.id)  # columns of the table: every task that opens asks this, and no object is to be made
    .where(_C.organization_id == bindparam("organization_id"))
    .where(_C.kind == bindparam("kind"), _C.key == bindparam("key"))
    .order_by(_C.number.desc())
    .limit(1)
)


def latest_id(db: Session, organization_id: UUID, kind: str, key: str) -> UUID | None:
    """Which version is in use, if any is."""
    found: UUID | None = db.connection().scalar(
        _LATEST_ID, {"organization_id": organization_id, "kind": kind, "key": key}
    )
    return found


def called(db: Session, caller: Definition, node: Node, key: str) -> Definition:
    """The definition that a call activity starts, by its binding."""
    versions = _versions(caller.organization_id, "process", key)
    if node.binding == "versionTag":
        versions = versions.where(Definition.version_tag == node.version_tag)
    elif node.binding == "deployment":
        versions = versions.where(Definition.deployed_at <= caller.deployed_at)
    found = db.scalar(versions.limit(1))
    if found is None:
        raise DefinitionNotFound(
            say(
                "The call activity '%(node)s' asks for the process '%(key)s', which is not deployed.",
                node=node.id,
                key=key,
            )
        )
    return found


def started_by(db: Session, organization_id: UUID, kind: EventType, name: str) -> Iterator[tuple[Definition, Start]]:
    """The processes in use that a message or signal of a name starts, each with what waits for it in the diagram."""
    for definition, process in startable(db, organization_id, f"{kind.value}:{name}"):
        start = start_of(process, kind, name)
        assert start is not None
        yield definition, start


def started_by_messages(db: Session, organization_id: UUID) -> dict[str, str]:
    """The process in use that each message starts, by the message's name."""
    found = {}
    for _, key, named in db.execute(_in_use(organization_id)):
        found.update({name.removeprefix("message:"): key for name in named if name.startswith("message:")})
    return found


def tags(db: Session, organization_id: UUID) -> frozenset[tuple[str, str]]:
    """(process, tag) of every version that has a tag."""
    found = select(Definition.key, Definition.version_tag).where(Definition.organization_id == organization_id)
    found = found.where(Definition.kind == "process", Definition.version_tag.is_not(None)).distinct()
    return frozenset((key, tag) for key, tag in db.execute(found) if tag)


def startable(db: Session, organization_id: UUID, by: str) -> Iterator[tuple[Definition, Process]]:
    """The processes in use that something starts: `message:NAME`, `signal:NAME` or `conditional:`."""
    for definition_id, _, named in db.execute(_in_use(organization_id)):
        if by in named:  # the others need not even be readable
            yield db.get_one(Definition, definition_id), compiled(db, definition_id).process


def _in_use(organization_id: UUID) -> Select[UUID, str, list[str]]:
    """The newest version of each process: its id, its key, and what starts it."""
    of_processes = (Definition.organization_id == organization_id) & (Definition.kind == "process")
    newest = select(Definition.key, func.max(Definition.number)).where(of_processes).group_by(Definition.key)
    found = select(Definition.id, Definition.key, Definition.starts)
    return found.where(of_processes, tuple_(Definition.key, Definition.number).in_(newest)).order_by(Definition.key)


def content(db: Session, definition: Definition) -> bytes:
    """The file as it was deployed, byte for byte."""
    return db.get_one(Resource, definition.resource_id).content


def compiled(db: Session, definition_id: UUID) -> Compiled:
    """The process of a definition, ready to run."""
    with _lock:
        if found := _compiled.get(definition_id):
            _compiled.move_to_end(definition_id)
            return found
    definition = db.get(Definition, definition_id)
    if definition is None:
        raise DefinitionNotFound("There is no such definition.")
    made = compile_process(content(db, definition), definition.key, definition.id)
    with _lock:
        _compiled[definition_id] = made
        while len(_compiled) > CACHE_SIZE:
            _compiled.popitem(last=False)
    return made


def compile_process(data: bytes, key: str, definition_id: UUID) -> Compiled:
    """Read, lower and build one process of a diagram that the checker has passed."""
    process = lower.lower(read.read(data).processes[key])
    program = spiff.build(process)
    return Compiled(definition_id, process, program, {node.id: node for node in process.scope.walk()})


def _versions(organization_id: UUID, kind: str, key: str) -> Select[Definition]:
    return (
        select(Definition)
        .where(Definition.organization_id == organization_id, Definition.kind == kind, Definition.key == key)
        .order_by(Definition.number.desc())
    )


def _together(
    files: Mapping[str, bytes], opened: Mapping[str, checker.Opened], context: checker.CheckContext
) -> checker.CheckContext:
    """The context with what the files themselves bring."""

    def stems(suffix: str) -> set[str]:
        return {PurePosixPath(name).stem for name in files if PurePosixPath(name).suffix == suffix}

    processes = {process.id for file in opened.values() for process in file.processes}
    brought = (process for file in opened.values() for process in file.processes)
    tags = {(process.id, process.version_tag) for process in brought if process.version_tag}
    given: dict[str, frozenset[str]] = {}
    for process, variable in (pair for file in opened.values() for pair in checker.given_names(file)):
        given[process] = given.get(process, frozenset()) | {variable}
    return replace(
        context,
        forms=context.forms | stems(".form") if context.forms is not None else None,
        decisions=context.decisions | stems(".dmn") if context.decisions is not None else None,
        processes=context.processes | processes if context.processes is not None else None,
        results={name: frozenset(operation.outputs) for name, operation in operations().items()}
        | _by_stem(files, ".dmn", dmn.result_names),
        fields=_by_stem(files, ".form", forms.field_keys),
        given=given,
        started=_started(opened, context),
        tags=context.tags | tags if context.tags is not None else None,
    )


def _started(opened: Mapping[str, checker.Opened], context: checker.CheckContext) -> dict[str, str]:
    """The process that each message starts: those in use, but for those that the files replace, and those of the files."""
    brought = [process for file in opened.values() for process in file.processes]
    replaced = {process.id for process in brought}
    found = {name: key for name, key in context.started.items() if key not in replaced}
    for process in brought:
        for name in starting.starts_of(process):
            kind, _, message = name.partition(":")
            if kind == "message":
                found.setdefault(message, process.id)
    return found


def _by_stem(
    files: Mapping[str, bytes], suffix: str, question: Callable[[bytes], frozenset[str]]
) -> dict[str, frozenset[str]]:
    return {PurePosixPath(name).stem: question(data) for name, data in files.items() if name.endswith(suffix)}


def _processes_of_one_id(opened: Mapping[str, checker.Opened]) -> Iterator[dict[str, object]]:
    """Findings where two files bring the same process: the later would silently take the place of the other."""
    seen: dict[str, str] = {}
    for name, file in opened.items():
        for process in file.processes:
            if process.id in seen:
                sentence = say(
                    "'%(first)s' and '%(second)s' both hold a process '%(process)s'.",
                    first=seen[process.id],
                    second=name,
                    process=process.id,
                )
                yield {"file": name, **checker.about_file("process-twice", sentence, process.line).as_dict()}
            seen[process.id] = name


def _check_file(name: str, data: bytes, context: checker.CheckContext) -> Iterable[checker.Finding]:
    match PurePosixPath(name).suffix:
        case ".dmn":
            return dmn.check(data, functions=context.functions, asked=PurePosixPath(name).stem)
        case ".form":
            return forms.check(data)
        case _:
            raise Invalid(
                say("'%(name)s' is not a file that can be deployed. Give .bpmn, .dmn or .form files.", name=name)
            )


def _deploy_file(
    db: Session, organization_id: UUID, deployment: Deployment, name: str, data: bytes
) -> Iterable[Definition]:
    path = PurePosixPath(name)
    if path.suffix != ".bpmn":
        kind = "decisions" if path.suffix == ".dmn" else "form"
        made = _new_version(db, organization_id, deployment, name, data, kind, path.stem)
        if made is not None:
            made.name = (parse(data).get("name") if kind == "decisions" else forms.name_of(data)) or path.stem
        return [made] if made else []
    definitions = []
    for process in read.read(data).processes.values():
        if not process.is_executable:
            continue
        made = _new_version(db, organization_id, deployment, name, data, "process", process.id)
        if made is not None:
            made.name = process.name or process.id
            made.version_tag = process.version_tag
            made.start_form = _start_form(process)
            made.starts = starting.starts_of(process)
            start_timers.arm(db, made, process)
            definitions.append(made)
    return definitions


def _start_form(process: Process) -> str | None:
    """The form of the start event that waits for nothing."""
    starts = (node for node in process.scope.nodes.values() if node.type is NodeType.START_EVENT and not node.events)
    return next((node.form for node in starts if node.form), None)


def _new_version(
    db: Session, organization_id: UUID, deployment: Deployment, name: str, data: bytes, kind: str, key: str
) -> Definition | None:
    resource = _resource(db, organization_id, data)
    last = db.scalar(_versions(organization_id, kind, key).limit(1))
    if last is not None and last.resource_id == resource.id:
        return None
    number = db.scalar(
        select(func.coalesce(func.max(Definition.number), 0)).where(
            Definition.organization_id == organization_id, Definition.kind == kind, Definition.key == key
        )
    )
    made = Definition(
        organization_id=organization_id,
        kind=kind,
        key=key,
        number=(number or 0) + 1,
        name=key,
        file_name=PurePosixPath(name).name,
        resource_id=resource.id,
        deployment_id=deployment.id,
        deployed_at=deployment.deployed_at,
    )
    db.add(made)
    db.flush()
    return made


def is_known(db: Session, organization_id: UUID, data: bytes) -> bool:
    """Whether a file of this content has been deployed at some time."""
    digest = hashlib.sha256(data).hexdigest()
    found = select(Resource.id).where(Resource.organization_id == organization_id, Resource.sha256 == digest)
    return db.scalar(found) is not None


def _resource(db: Session, organization_id: UUID, data: bytes) -> Resource:
    digest = hashlib.sha256(data).hexdigest()
    found = db.scalar(select(Resource).where(Resource.organization_id == organization_id, Resource.sha256 == digest))
    if found is None:
        found = Resource(organization_id=organization_id, sha256=digest, content=data)
        db.add(found)
        db.flush()
    return found

"""What the product's errors say, found in its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.bpmn.check.catalogue import CATALOGUE
from engine.bpmn.check.unsupported import UNSUPPORTED
from engine.bpmn.imports.words import MEANINGS, meaning

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "store/*.py",
    "engine/*.py",
    "engine/spiff/*.py",
    "engine/versions/*.py",
    "engine/feel/**/*.py",
    "engine/dmn/*.py",
    "committee/**/*.py",
    "api/*.py",
)
"""What people meet on pages, and programs in the API."""
TOLD = (
    "engine/scenarios/*.py",
    "engine/trial/*.py",
    "engine/bpmn/*.py",
    "engine/bpmn/imports/*.py",
)
"""What tells process owners something by `say`; what is raised there otherwise is only told on the command line."""
CHECKERS = [
    *ROOT.glob("engine/bpmn/check/[!c]*.py"),
    ROOT / "engine/bpmn/check/collaboration.py",
    *ROOT.glob("engine/bpmn/imports/*.py"),
    ROOT / "engine/bpmn/drawings.py",
    ROOT / "engine/bpmn/read.py",
    *ROOT.glob("engine/dmn/*.py"),
    ROOT / "engine/forms.py",
]
"""What finds something in diagrams, decision tables and forms."""
OPERATORS = (
    "store/backup.py",
    "store/settings.py",
    "committee/appearance.py",
    "committee/profile.py",
    "committee/profile_schema.py",
    "api/server.py",
)
"""What is only ever told on the command line."""
FILES = sorted(path for part in PARTS for path in ROOT.glob(part) if path.relative_to(ROOT).as_posix() not in OPERATORS)
ALL = [*FILES, *(path for part in TOLD for path in ROOT.glob(part))]
MISTAKES = ("ValueError", "TypeError", "AssertionError", "RuntimeError", "LookupError", "KeyError", "KernelError")
"""What only those who build the product read."""
WORDS = re.compile(r"\w\S* .*\w", re.DOTALL)
"""A sentence, not the name of a field."""


def nodes(kind: type[ast.AST], files: Iterable[Path] = FILES) -> Iterator[tuple[str, ast.AST]]:
    """All nodes of a kind, and where they stand."""
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, kind):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node  # type: ignore[attr-defined]


def made() -> list[tuple[str, ast.Call]]:
    """Every sentence that `say` makes of a template written there."""
    own = "store/errors.py"
    calls = [(where, node) for where, node in nodes(ast.Call, ALL) if isinstance(node, ast.Call)]
    return [
        (where, call)
        for where, call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "say" and not where.startswith(own)
    ]


def templates() -> dict[str, str]:
    """Every sentence that an error can say, and the file that says it."""
    words = {
        str(call.args[0].value): where.partition(":")[0]
        for where, call in made()
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    told: list[tuple[str, ast.AST]] = []
    for where, node in nodes(ast.Raise):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            if ast.unparse(node.exc.func) not in MISTAKES:
                told += [(where, each) for each in ast.walk(node.exc)]
    for where, node in nodes(ast.Call):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
            told += [(where, each) for each in node.args]
    told += [(where, value) for where, name, value in _named() if name == "sentence"]
    return words | {
        each.value: where.partition(":")[0]
        for where, each in told
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and WORDS.search(each.value)
    }


def finding_calls() -> list[tuple[str, ast.Call]]:
    """Where the checkers find something, and what is said of it there."""
    calls = [(where, node) for where, node in nodes(ast.Call, CHECKERS) if isinstance(node, ast.Call)]
    return [(where, call) for where, call in calls if ast.unparse(call.func) in ("found", "_finding")]


def findings() -> dict[str, str]:
    """Every sentence, part of one and hint that a finding can say, and the file that says it."""
    hints = {described.hint: "catalogue" for described in CATALOGUE.values()}
    constructs = {each.construct: "unsupported" for each in UNSUPPORTED if each.is_used is not None}
    foreign = {text: "words" for each in (*MEANINGS.values(), meaning("")) for text in (each.template, each.hint)}
    return (
        hints
        | constructs
        | foreign
        | {text: path.stem for path in CHECKERS for text in _sentences(ast.parse(path.read_text()))}
    )


def _sentences(tree: ast.Module) -> Iterator[str]:
    """The texts of a file that are sentences, or parts of one that `say` makes; its own description is none."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "say"]
    parts = {id(call.args[0]) for call in calls}
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    told |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            if id(node) in parts or (WORDS.search(node.value) and (node.value.endswith(".") or "%(" in node.value)):
                yield node.value


def _named() -> Iterator[tuple[str, str, ast.expr]]:
    """What is kept under a name, in a variable or in a mapping such as those for wrong fields."""
    for where, node in nodes(ast.Assign):
        if isinstance(node, ast.Assign):
            yield from ((where, ast.unparse(target), node.value) for target in node.targets)
    for where, node in nodes(ast.Dict):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from ((where, str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))

"""What errors say can be said in another language: it is a literal text, or one that `say` makes of a literal text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("store/*.py", "engine/*.py", "engine/spiff/*.py", "engine/versions/*.py", "committee/**/*.py", "api/*.py")
"""What people meet on pages. Findings in diagrams, expressions and decision tables are told in English."""
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
TEMPLATE = re.compile(r"(?:[^%]|%%|%\((\w+)\)s)*")


def nodes(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """All nodes of a kind, and where they stand."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, kind):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node  # type: ignore[attr-defined]


def said() -> list[tuple[str, ast.Call]]:
    """Every sentence that `say` makes of a template written there."""
    own = ("store/errors.py", "store/sentences.py")
    calls = [(where, node) for where, node in nodes(ast.Call) if isinstance(node, ast.Call)]
    return [
        (where, call)
        for where, call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "say" and not where.startswith(own)
    ]


def test_no_error_is_raised_with_a_sentence_that_cannot_be_translated() -> None:
    put_together = (ast.JoinedStr, ast.BinOp)
    assert [
        where
        for where, node in nodes(ast.Raise)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and any(isinstance(each, put_together) for each in node.exc.args)
        if ast.unparse(node.exc.func) not in ("ValueError", "TypeError", "AssertionError", "RuntimeError")
    ] == []


def test_every_placeholder_has_its_value_and_every_value_its_placeholder() -> None:
    wrong = []
    for where, call in said():
        template = call.args[0] if call.args else None
        if not isinstance(template, ast.Constant) or not isinstance(template.value, str):
            wrong.append(f"{where} has no template written there")
            continue
        wanted, given = set(re.findall(r"%\((\w+)\)", template.value)), {each.arg for each in call.keywords}
        if not (wanted == given or (None in given and wanted > given - {None})):
            wrong.append(f"{where} differs in {sorted(str(each) for each in wanted ^ given)}")
        if given and not TEMPLATE.fullmatch(template.value):
            wrong.append(f"{where} has a % that is no placeholder")
    assert wrong == []
    assert len(said()) > 100

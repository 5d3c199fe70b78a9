"""The rules that keep the house in order, for every module; import directions are checked by `lint-imports`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations/versions" not in path.as_posix()
)
LONGEST_MODULE, LONGEST_FUNCTION = 400, 40
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "func.now",
    "func.current_timestamp",
}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_module_and_function_can_be_read_in_one_sitting() -> None:
    long = {}
    for path in MODULES:
        text = path.read_text()
        if (lines := len(text.splitlines())) > LONGEST_MODULE:
            long[named(path)] = lines
        found = _functions(ast.parse(text))
        long |= {f"{named(path)}: {name}": length for name, length in found if length > LONGEST_FUNCTION}
    assert not long


def test_only_the_clock_asks_what_time_it_is() -> None:
    assert not _callers(CLOCKS, MODULES) - {"store/clock.py"}


def test_nothing_is_run_as_code_or_unpickled() -> None:
    assert not _callers({"eval", "exec", "compile", "__import__", "pickle.loads", "marshal.loads"}, MODULES)


def test_everybody_waits_for_a_condition_and_never_for_a_time() -> None:
    pollers = {"tests/support/eventually.py", "cli/demo/stage.py"}
    assert not _callers({"time.sleep", "sleep"}, MODULES) - pollers


def test_a_skipped_test_says_why() -> None:
    for path in MODULES:
        for call in _calls(path):
            if ast.unparse(call.func).startswith(("pytest.skip", "pytest.mark.skip", "pytest.mark.xfail")):
                assert call.args or any(keyword.arg == "reason" for keyword in call.keywords), named(path)


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def _callers(names: set[str], paths: list[Path]) -> set[str]:
    """The modules that call one of the functions, named by its last one or two parts (`re.compile` is not `compile`)."""
    callers = set()
    for path in paths:
        called = {ast.unparse(call.func) for call in _calls(path)}
        if any(name in names or ".".join(name.split(".")[-2:]) in names for name in called):
            callers.add(named(path))
    return callers


def _functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documentation = ast.get_docstring(node, clean=False)
            described = documentation.count("\n") + 1 if documentation else 0
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1 - described

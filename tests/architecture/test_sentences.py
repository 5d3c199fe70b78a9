"""What errors say can be said in another language: it is a literal text, or one that `say` makes of a literal text."""

from __future__ import annotations

import ast
import re

from tests.support.sentences import FILES, ROOT, finding_calls, made, nodes

TEMPLATE = re.compile(r"(?:[^%]|%%|%\((\w+)\)s)*")


def test_no_error_is_raised_with_a_sentence_that_cannot_be_translated() -> None:
    put_together = (ast.JoinedStr, ast.BinOp)
    brought = [*ROOT.glob("engine/bpmn/**/*.py"), *ROOT.glob("engine/scenarios/*.py"), *ROOT.glob("engine/trial/*.py")]
    assert [
        where
        for where, node in nodes(ast.Raise, [*FILES, *brought])
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and any(isinstance(each, put_together) for each in node.exc.args)
        if ast.unparse(node.exc.func) not in ("ValueError", "TypeError", "AssertionError", "RuntimeError")
    ] == []


def test_every_placeholder_has_its_value_and_every_value_its_placeholder() -> None:
    wrong = []
    for where, call in made():
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
    assert len(made()) > 100


def test_every_placeholder_of_a_finding_has_its_value() -> None:
    """The checker's own element is one without being given: `found` adds it."""
    wrong = []
    for where, call in finding_calls():
        given = {each.arg for each in call.keywords} - {"line"}
        for template in call.args:
            if isinstance(template, ast.Constant) and "%(" in str(template.value):
                wanted = set(re.findall(r"%\((\w+)\)", template.value))
                if not given - {"element"} <= wanted <= given | {"element"}:
                    wrong.append(f"{where} differs in {sorted(str(each) for each in wanted ^ given)}")
    assert wrong == []
    assert len(finding_calls()) > 100

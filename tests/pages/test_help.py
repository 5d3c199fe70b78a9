"""Every page explains itself."""

from __future__ import annotations

from pathlib import Path

import jinja2
from jinja2 import nodes

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
WITHOUT_HELP = {"problem.html"}
"""It says by itself what is wrong and what to do."""


def test_every_page_has_a_text_of_help_of_its_own_or_of_the_page_that_it_fills_in() -> None:
    pages = {str(path.relative_to(TEMPLATES)): _read(path) for path in TEMPLATES.rglob("*.html")}
    extended = {parent for parent, _ in pages.values()}
    shown = {name for name, (parent, _) in pages.items() if parent and name not in extended}
    assert len(shown) > 50
    assert sorted(name for name in shown if not _explains(name, pages)) == sorted(WITHOUT_HELP)


def _read(path: Path) -> tuple[str, bool]:
    """The template that a page extends, and whether it has a text of help."""
    template = jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    extends = template.find(nodes.Extends)
    parent = extends.template.as_const() if extends else ""
    return parent, any(block.name == "help" and block.find(nodes.Call) for block in template.find_all(nodes.Block))


def _explains(name: str, pages: dict[str, tuple[str, bool]]) -> bool:
    parent, explains = pages[name]
    return explains or (parent in pages and _explains(parent, pages))

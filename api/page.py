"""The document as one page of HTML, made here: no script, nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #767676}
details{border:1px solid #c4c4c4;border-radius:.25rem;margin:.5rem 0;padding:.5rem .75rem}
summary{cursor:pointer}code{font-family:ui-monospace,monospace}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #e0e0e0}
.method{display:inline-block;min-width:4.5rem;font-weight:700}
"""


def render(document: dict[str, Any], address: str) -> str:
    """A page that lists the operations by noun. `address` is that of the document itself."""
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(document, path, method, operation))
    described = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    sections = "".join(_section(tag, described.get(tag, ""), "".join(rows)) for tag, rows in groups.items())
    schemas = "".join(_schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items()))
    links = " · ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in groups)
    title = escape(document["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main><h1>{title} API</h1>"
        f'<p>The same as <a href="{escape(address)}">openapi.json</a> (OpenAPI 3.1), to read.</p><nav>{links}</nav>'
        f"{sections}{_section('schemas', '', schemas)}</main></body></html>"
    )


def _section(name: str, about: str, inside: str) -> str:
    return f'<section id="{escape(name)}"><h2>{escape(name)}</h2><p>{escape(about)}</p>{inside}</section>'


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        _row(
            f"<code>{escape(each['name'])}</code> ({escape(each['in'])})",
            each.get("description", ""),
            each.get("schema", {}),
        )
        for each in (_resolved(document, each) for each in operation.get("parameters", []))
    )
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        rows += _row(f"body <code>{escape(kind)}</code>", "", media.get("schema", {}))
    for status, reply in operation["responses"].items():
        whole = _resolved(document, reply)
        schemas = [media.get("schema", {}) for media in whole.get("content", {}).values()]
        rows += _row(
            f"answer <code>{escape(status)}</code>", whole.get("description", ""), schemas[0] if schemas else {}
        )
    about = escape(operation.get("description", ""))
    return (
        f'<details><summary><span class="method">{escape(method.upper())}</span> <code>{escape(path)}</code> '
        f"{escape(operation.get('summary', ''))}</summary><p>{about}</p><table><tbody>{rows}</tbody></table></details>"
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    rows = "".join(
        _row(f"<code>{escape(field)}</code>", inner.get("description", ""), inner)
        for field, inner in schema.get("properties", {}).items()
    )
    summary = f"<summary><code>{escape(name)}</code></summary>"
    return f'<details id="schema-{escape(name)}">{summary}<table><tbody>{rows}</tbody></table></details>'


def _row(label: str, about: str, schema: dict[str, Any]) -> str:
    return f'<tr><th scope="row">{label}</th><td>{_kind(schema)}</td><td>{escape(about)}</td></tr>'


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#schema-{name}">{name}</a>'
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    kind = schema.get("type", "")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return escape(" ".join(part for part in (words, schema.get("format", "")) if part))


def _resolved(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in thing:
        return thing
    found: Any = document
    for step in thing["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    assert isinstance(found, dict)
    return found

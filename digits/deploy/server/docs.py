"""/docs: a page made from the OpenAPI description. FastAPI's own loads scripts from elsewhere."""

from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from digits.deploy.server.requests import FIELD

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'"
HEADERS = {"Content-Security-Policy": POLICY}
"""The page can load nothing and send nowhere else."""


def page(description: dict[str, Any], base: str) -> str:
    """Return the page in HTML for what `FastAPI.openapi()` says of the server at `base`, "http://.../"."""
    environment = Environment(autoescape=True)
    environment.filters["code"] = _code
    environment.globals |= {"answers": _answers, "kind": _kind}
    template = environment.from_string(Path(__file__).with_name("docs.html").read_text(encoding="utf-8"))
    return template.render(description, base=base, field=FIELD)


def _answers(route: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the statuses of a route, with what they mean and the name of what is answered as `code`."""
    rows = []
    for status, answer in sorted(route["responses"].items()):
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        name = f": `{_kind(schema)}`" if "$ref" in schema else ""
        rows.append((status, answer["description"].removesuffix(".") + name))
    return rows


def _kind(schema: dict[str, Any]) -> str:
    """Return a schema's type in short."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " or ".join(f'"{word}"' for word in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        inner = schema["items"] if "items" in schema else schema["prefixItems"][0]
        least, most = schema.get("minItems"), schema.get("maxItems")
        return f"list of {f'{most} ' if most and least == most else ''}{_kind(inner)}s"
    return schema.get("type", "anything")


def _code(words: str | None) -> Markup:
    """Return words in HTML, what stands between backticks as code."""
    code = Markup("<code>{}</code>")
    parts = enumerate((words or "").split("`"))
    return Markup("").join(code.format(part) if place % 2 else escape(part) for place, part in parts)

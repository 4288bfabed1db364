"""/docs: a page made from the OpenAPI description. FastAPI's own loads scripts from elsewhere."""

from html import escape
from typing import Any

from digits.deploy.server.requests import FIELD

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'"
HEADERS = {"Content-Security-Policy": POLICY}
"""The page can load nothing and send nowhere else."""

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { margin-bottom: 0 }
section { border-top: 1px solid #8884; margin-top: 1.8rem; padding-top: .4rem }
h2 { font: 600 1.05rem/1.6 ui-monospace, monospace }
h2 b { background: #8883; border-radius: .3rem; padding: .1rem .45rem; margin-right: .3rem }
code, pre { font: .9rem/1.5 ui-monospace, monospace }
pre { background: #8882; border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto }
div { overflow-x: auto }
table { border-collapse: collapse; margin: .6rem 0 }
td { padding: .2rem 1rem .2rem 0; vertical-align: top }
form { margin: .8rem 0 }
input, button { font: inherit; max-width: 100% }
small { opacity: .75 }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title><style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p>{about}</p>
<p>For programs: <a href="openapi.json">openapi.json</a>. An error is always
<code>{{"error": "one sentence"}}</code>.</p>
{routes}
<section><h2>Answers</h2>{answers}</section>
</body>
</html>
"""


def page(description: dict[str, Any], base: str) -> str:
    """Return the page in HTML for what `FastAPI.openapi()` says of the server at `base`, "http://.../"."""
    routes = [
        _route(base + path[1:], path, method, about)
        for path, methods in description["paths"].items()
        for method, about in methods.items()
    ]
    schemas = description["components"]["schemas"].items()
    info = description["info"]
    return PAGE.format(
        title=escape(info["title"]),
        style=STYLE,
        about=_code(info["description"]),
        routes="\n".join(routes),
        answers="\n".join(_schema(name, schema) for name, schema in schemas),
    )


def _route(url: str, path: str, method: str, about: dict[str, Any]) -> str:
    parameters = [(one["name"], one.get("description", "")) for one in about.get("parameters", [])]
    answers = [(status, _answer(answer)) for status, answer in sorted(about["responses"].items())]
    return (
        f"<section><h2><b>{method.upper()}</b> {escape(path)}</h2><p>{_code(about['description'])}</p>"
        f"{_try(path, url) if 'requestBody' in about else _link(path)}"
        f"{_table([(f'?{name}=true', words) for name, words in parameters])}{_table(answers)}</section>"
    )


def _try(path: str, url: str) -> str:
    """Return a form that sends a picture, and the same for a terminal."""
    return (
        f'<form method="post" enctype="multipart/form-data" action="{escape(path[1:])}">'
        f'<input type="file" name="{FIELD}" accept="image/*" required> <button>Read it</button></form>'
        f"<pre>curl -F {FIELD}=@photo.jpg {escape(url)}\n"
        f"curl -H 'Content-Type: image/png' --data-binary @7.png {escape(url)}</pre>"
    )


def _link(path: str) -> str:
    return f'<p><a href="{escape(path[1:])}">Look at it</a></p>'


def _answer(answer: dict[str, Any]) -> str:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    name = _kind(schema) if "$ref" in schema else ""
    words = answer["description"].removesuffix(".")
    return f"{words}: `{name}`" if name else words


def _schema(name: str, schema: dict[str, Any]) -> str:
    fields = [
        (field, f"`{_kind(about)}` {about.get('description', '')}")
        for field, about in schema["properties"].items()
    ]
    words = _code(schema.get("description", ""))
    return f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{words}</p>{_table(fields)}'


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


def _table(rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td><code>{escape(key)}</code></td><td>{_code(words)}</td></tr>" for key, words in rows
    )
    return f"<div><table>{cells}</table></div>" if rows else ""


def _code(words: str) -> str:
    """Return words in HTML, what stands between backticks as code."""
    return "".join(
        f"<code>{escape(part)}</code>" if i % 2 else escape(part) for i, part in enumerate(words.split("`"))
    )

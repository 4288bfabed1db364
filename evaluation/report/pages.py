"""The pages that show results: REPORT.md, and the tables between `<!-- NAME -->` marks of all others."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digits.config import results_dir

PAGES = ("README.md", "SECURITY.md", "docs/results.md", "docs/training.md")
"""Each of `MARKS` stands on exactly one of these pages, those that are there."""

MARKS = ("results", "real", "handwriting", "canvas", "personalise", "batch", "server", "speed", "trust")
MARKS += ("training", "doubt", "letters")

BLOCK = re.compile(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", re.DOTALL)


def fill(root: Path, context: dict) -> dict[Path, str]:
    """Return what each page under `root`, and REPORT.md in the results, shall say by this context.

    Raises:
        ValueError: a mark is missing, stands twice or names no table; the message names it.
    """
    there = [root / name for name in PAGES if (root / name).exists()]
    texts = {path: path.read_text(encoding="utf-8") for path in there}
    _check(list(texts.values()))

    def block(found: re.Match) -> str:
        return f"<!-- {found[1]} -->\n{table(found[1], context)}<!-- /{found[1]} -->"

    filled = {path: BLOCK.sub(block, text) for path, text in texts.items()}
    report = _environment().get_template("REPORT.md.j2").render(context)
    return filled | {results_dir() / "REPORT.md": _tidy(report)}


def table(name: str, context: dict) -> str:
    """Return one of the tables of tables.md.j2 as Markdown.

    Raises:
        ValueError: there is no such table.
    """
    tables = _environment().get_template("tables.md.j2").make_module(context)
    if not hasattr(tables, name):
        raise ValueError(f"A page has the marks <!-- {name} -->, but there is no such table.")
    return _tidy(getattr(tables, name)())


def _check(texts: list[str]) -> None:
    seen = Counter(name for text in texts for name in BLOCK.findall(text))
    for name in MARKS:
        if seen[name] != 1:
            raise ValueError(
                f"The marks <!-- {name} --> and <!-- /{name} --> stand {seen[name]} times on "
                f"{', '.join(PAGES)}; expected them once."
            )


def _tidy(text: str) -> str:
    """Return Markdown with one empty line where there were more, and one line's end at its end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    environment = Environment(loader=FileSystemLoader(folder), autoescape=False, **options)
    filters: dict[str, Callable] = {
        "row": row,
        "header": lambda cells: f"{row(cells)}\n{row(['---'] * len(cells))}",
        "say": say,
        "span": span,
        "share": lambda found: f"**{found['accuracy']:.2%}** {span(found['interval_95'], '.2%')}",
        "mark": mark,
        "missed": lambda is_missed: " **missed**" if is_missed else "",
        "below": lambda one: (
            " **missed**" if one["asked"] is not None and one["accuracy"] < one["asked"] else ""
        ),
        "named": lambda found: f"`{found['name']}`{mark(found['stale'])}",
    }
    environment.filters |= filters
    return environment


def row(cells: Sequence) -> str:
    """Return a row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def say(value: float | str | None, form: str, missing: str = "-", after: str = "", before: str = "") -> str:
    """Return a value by a format such as ".2%", between two texts; `missing` where there is none."""
    return missing if value is None else f"{before}{value:{form}}{after}"


def span(bounds: Sequence[float], form: str) -> str:
    """Return an interval, e.g. "(99.50% to 99.74%)"."""
    low, high = bounds
    return f"({low:{form}} to {high:{form}})"


def mark(stale: str) -> str:
    """Return what stands behind a result that no longer counts."""
    return f" *stale: {stale}*" if stale else ""

"""Measure the built page in Chromium: python web/scripts/measure.py    # five minutes

How long after loading it first answers, how long each answer takes (from the paper to the probabilities,
framing included), and how many bytes go over the wire until both models and the finder are there, and with
the line reader, which comes when a number is to be read; how many pictures of those that count it reads right
where they are among the data, each uploaded, and how long seeing and reading them takes. Writes
evaluation/results/web.json. Build the page first: make web
"""

import json
import os
import platform
import shutil
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from tqdm import tqdm

from digits import config, experiment
from digits.config import ROOT
from digits.metrics import share_right
from digits.models.leaderboard import Result
from digits.preprocessing.decode import to_rgb
from evaluation.handwriting.sets import BUILDERS, Material

experiment.command(partial(config.need, "playwright", "judge", "A browser"))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests")]

from conftest import FLAGS  # noqa: E402
from handwriting import strokes  # noqa: E402
from static_site import COMPLETE, HEARS, Host, draw, served  # noqa: E402

LOADS = 5
BYTES_UNTIL = """ready => performance.getEntries()
  .filter(each => each.encodedBodySize && each.responseEnd <= ready)
  .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
MODELS = {"mnist_tiny": "Tiny", "handwriting": "Careful"}
PICTURES, PATIENCE = 150, 3000
SETS = {
    "amounts": "A number",
    "number": "A number",
    "touching": "A number",
    "lines": "A number",
    "exam_cells": "One digit",
    "other_cells": "One digit",
    "ledger": "One digit",
    "photo": "One digit",
}
"""Of evaluation/handwriting, and how the page is asked to read them."""


def first_answer(browser: Browser, site: str) -> dict[str, float]:
    """Load the page afresh; return milliseconds until it can answer, and bytes until then, in all, and with
    what reads numbers."""
    context = browser.new_context()
    page = context.new_page()
    before = Host.sent
    page.goto(site)
    page.locator(COMPLETE).wait_for()
    ready = page.evaluate("performance.getEntriesByName('ready')[0].startTime")
    until_ready = page.evaluate(BYTES_UNTIL, ready)
    complete = Host.sent - before
    page.get_by_text("A number", exact=True).click()
    page.locator(HEARS).wait_for()
    with_numbers = Host.sent - before
    context.close()
    return {
        "first_answer_ms": ready,
        "bytes_to_first_answer": until_ready,
        "bytes": complete,
        "bytes_with_numbers": with_numbers,
    }


def answers(page: Page, model: str) -> dict[str, float]:
    """Draw all ten digits; return the milliseconds per answer."""
    page.get_by_text(MODELS[model], exact=True).click()
    page.evaluate("performance.clearMeasures()")
    for digit in range(10):
        draw(page, strokes(digit, 180, 50, 50))
        page.wait_for_timeout(50)
        page.get_by_role("button", name="Clear").click()
    times = page.evaluate("performance.getEntriesByName('answer').map(each => each.duration)")
    # The tenth fastest in a hundred tells what an answer takes on a machine that is busy with other things.
    least, median, most = (round(float(value), 2) for value in np.percentile(times, (10, 50, 95)))
    return {"answers": len(times), "p10_ms": least, "median_ms": median, "p95_ms": most}


def pictures(page: Page, folder: Path) -> dict[str, dict]:
    """Upload pictures that count; return by set how many are read right, and the milliseconds of seeing and
    reading."""
    found = {}
    for name, mode in SETS.items():
        try:
            examples = BUILDERS[name](Material(), name, PICTURES)
        except ValueError as error:  # not among the data
            print(error)
            continue
        page.get_by_text(mode, exact=True).click()
        if mode == "A number":
            page.locator(HEARS).wait_for()
        page.evaluate("performance.clearMeasures()")
        right, answered = 0, []
        for example in tqdm(examples, name, unit="picture"):
            Image.fromarray(to_rgb(example.make())).save(folder / "picture.png")
            page.evaluate("performance.clearMeasures('answer')")
            page.locator("#file").set_input_files(folder / "picture.png")
            for _ in range(PATIENCE):  # the page's policy forbids Playwright's own waiting for an expression
                if page.evaluate("performance.getEntriesByName('answer').length"):
                    break
                page.wait_for_timeout(10)
            else:
                raise ValueError(f"{name}: the page says {page.locator('#status').inner_text()!r}.")
            read = page.locator("#answer").inner_text()
            right += (read if set(read) != {"?"} else "") == example.answer
            answered.append(page.evaluate("performance.getEntriesByName('answer')[0].duration"))
        seen = page.evaluate("performance.getEntriesByName('seen').map(each => each.duration)")
        times = {"seen_ms": np.median(seen), "answer_ms": np.median(answered)}
        found[name] = share_right(right, len(examples)) | {
            key: round(float(ms), 1) for key, ms in times.items()
        }
    return found


def main() -> None:
    """Measure, print and write."""
    dist = ROOT / "web" / "dist"
    if not dist.is_dir():
        raise ValueError("There is no web/dist; make web builds it.")
    with sync_playwright() as playwright, served(dist) as site:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        loads = [first_answer(browser, site) for _ in range(LOADS)]
        page = browser.new_page()
        page.goto(site)
        page.locator(COMPLETE).wait_for()
        by_model = {model: answers(page, model) for model in MODELS}
        with TemporaryDirectory() as folder:
            read = pictures(page, Path(folder))
        chromium = browser.version
        backend = page.evaluate("document.documentElement.dataset.backend")
    figures = {
        "data": "digits drawn in Chromium",
        "n": LOADS,
        "seed": None,
        "backend": backend,
        **{key: round(float(np.median([load[key] for load in loads]))) for key in loads[0]},
        "models": by_model,
        "pictures": read,
        "hardware": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": round(os.getloadavg()[0], 1),
        "chromium": chromium,
    }
    model = ROOT / "models" / "handwriting.keras"
    result = Result(path=model, kind="web", figures=figures, code=(), of_program=True).write()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    experiment.command(main)

"""How long the app lets a visitor wait: at its start, and after each stroke, in a real Chromium."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from evaluation import browser as served
from evaluation.benchmarks.load.drawings import drawings
from evaluation.handwriting import sets

ASKED = {
    "page_seconds": 2.0,
    "answer_seconds": 12.0,
    "stroke_p95_ms": 400.0,
    "tensorflow_page_seconds": 2.0,
    "tensorflow_answer_seconds": 12.0,
    "tensorflow_stroke_p95_ms": 400.0,
}
"""At most, on two cores, for the slowest of all starts: from the start of the app's process to the canvas,
and to the answer for a digit drawn as soon as it is there; from the end of a stroke to the whole answer."""

CANVAS = "canvas.upper-canvas"
BARE = "import streamlit\n\nstreamlit.title('Hello')\n"
"""What Streamlit and the browser need by themselves."""

PATIENCE = 120.0  # seconds

WATCH = """() => {
  const seen = () => [...document.querySelectorAll('.st-key-steps img')].map(image => image.src).join();
  let end = 0, last = seen();
  window.waits = [];
  addEventListener('mouseup', () => { end = performance.now(); }, true);
  new MutationObserver(() => {
    const now = seen();
    if (now && now !== last && end) { window.waits.push(performance.now() - end); end = 0; }
    last = now;
  }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
"""The pictures of how the model saw the digit come last: when they change, the whole answer is there."""


def app_seconds(model: Path, starts: int, strokes: int, seed: int) -> dict[str, float]:
    """Return the figures in `ASKED`, and medians, for the app as it is and for TensorFlow alone.

    Args:
        model: of a .keras file in the folder that the app shall offer; the app's own choice answers.
        starts: processes begun, of each of the two.
        strokes: that are drawn in the last one.
        seed: of the choice of drawings.
    """
    drawn = drawings(sets.Material(development=True, seed=seed), strokes)
    found = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bare = Path(folder) / "models"
        shutil.copytree(model.parent, bare, ignore=shutil.ignore_patterns("*.tflite", "*.onnx", "previous"))
        browser = playwright.chromium.launch(executable_path=served.chromium(), args=served.FLAGS)
        for prefix, models in (("", model.parent), ("tensorflow_", bare)):
            figures = _rounds(browser, models, drawn, starts, strokes)
            found |= {prefix + name: value for name, value in figures.items()}
        found["bare_page_seconds_median"] = _bare(browser, Path(folder), starts)
        browser.close()
    return found


def _rounds(browser: Browser, models: Path, drawn: list, starts: int, strokes: int) -> dict[str, float]:
    first, waits = [], []
    for turn in range(starts):
        with served.app(DIGITS_MODELS_DIR=models) as app, _visitor(browser, app.address) as page:
            there = time.perf_counter() - app.begun
            _draw(page, drawn[0][-1].strokes)
            page.locator(".st-key-answer p").first.wait_for()
            first.append((there, time.perf_counter() - app.begun))
            if turn == starts - 1:
                waits = _stroke_ms(page, drawn, strokes)
    pages, answers = np.transpose(first)
    return {
        "page_seconds": round(float(pages.max()), 2),
        "page_seconds_median": round(float(np.median(pages)), 2),
        "answer_seconds": round(float(answers.max()), 2),
        "answer_seconds_median": round(float(np.median(answers)), 2),
        "stroke_p50_ms": round(float(np.median(waits)), 1),
        "stroke_p95_ms": round(float(np.quantile(waits, 0.95)), 1),
        "stroke_longest_ms": round(max(waits), 1),
    }


def _bare(browser: Browser, folder: Path, starts: int) -> float:
    """Return the median seconds until an app of one line shows it."""
    (folder / "bare.py").write_text(BARE, encoding="utf-8")
    seconds = []
    for _ in range(starts):
        with served.app(str(folder / "bare.py")) as app, _visitor(browser, app.address, "h1"):
            seconds.append(time.perf_counter() - app.begun)
    return round(float(np.median(seconds)), 2)


def _stroke_ms(page: Page, drawn: list, strokes: int) -> list[float]:
    """Draw digits stroke by stroke, each on an empty canvas; return how long each stroke waited."""
    page.evaluate(WATCH)
    count = 0
    for drawing in drawn:
        old = page.locator(CANVAS).element_handle()
        page.get_by_role("button", name="Clear the canvas").click()
        old.wait_for_element_state("hidden")
        page.locator(".st-key-steps img").first.wait_for(state="detached")
        for step in drawing:
            _draw(page, step.strokes[-1:])
            count += 1
            page.wait_for_function(f"window.waits.length === {count}")
            if count == strokes:
                return page.evaluate("window.waits")
    raise ValueError(f"{len(drawn)} drawings have fewer than {strokes} strokes.")


def _draw(page: Page, strokes: list[np.ndarray]) -> None:
    """Draw strokes, (k, 2) in pixels of the canvas, with the mouse."""
    canvas = page.locator(CANVAS)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in strokes:
        points = (stroke + (box["x"], box["y"])).tolist()
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


@contextmanager
def _visitor(browser: Browser, address: str, shown: str = CANVAS) -> Iterator[Page]:
    """Open the app as a new visitor does; yield the page once what shall be `shown` is there."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(address)
    page.locator(shown).wait_for()
    yield page
    context.close()

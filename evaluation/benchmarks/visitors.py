"""Visitors of the app: a Chromium window each, and a mouse that draws people's digits on its canvas.

The digits are of people on whom no model trained, drawn as large as people draw on the canvas and with its
pen. How long an answer takes is clocked in the page, so that it does not matter how busy the script is.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digits import config
from digits.data.strokes import fit_box
from evaluation import browser as served
from evaluation.handwriting import sets
from evaluation.handwriting.simulate import pens

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page

SIDE, BRUSH = 280, 18
"""Pixels of the canvas, and of the pen that the app offers at first."""

SIZES = (120.0, 220.0)
FEWEST = 0.2  # a stroke shorter than that share of the digit is left away: a slip of the pen

PATIENCE = 120.0
"""Seconds until an answer counts as missing."""

HAND = 0.3
"""Seconds that a hand takes from one stroke to the next, or to a canvas that is new there."""

CANVAS = "canvas.upper-canvas"
ANSWER = ".st-key-answer p"
ERRORS = '[data-testid="stException"], [data-testid="stAlertContentError"]'

IDLE = "document.querySelector('[data-test-script-state=notRunning]') !== null"
DONE = f"() => window.waited !== null && {IDLE} && document.querySelector('{ANSWER}') !== null"
CLEARED = f"() => {IDLE} && !document.querySelector('{ANSWER}, .st-key-steps img')"
"""For a moment Streamlit shows old things in new places: what is looked at counts when the run is over."""

CLOCK = """
  const seen = () => [...document.querySelectorAll('.st-key-steps img')].map(image => image.src).join();
  let end = 0, last = '';
  window.waited = null;
  addEventListener('mouseup', () => { end = performance.now(); window.waited = null; }, true);
  new MutationObserver(() => {
    const now = seen();
    if (now && now !== last && end) { window.waited = performance.now() - end; end = 0; }
    last = now;
  }).observe(document, {subtree: true, childList: true, attributes: true});
"""
"""The pictures of how the model saw the digit come last: when they change, the whole answer is there."""


@dataclass(frozen=True)
class Step:
    """A canvas after one more stroke."""

    strokes: pens.Strokes
    """All so far, each (k, 2) in pixels, x right and y down."""
    picture: np.ndarray
    """(280, 280, 4) uint8 RGBA: what the canvas shows, but for how it smoothes lines."""


Drawing = list[Step]
"""The canvas after each stroke of a digit."""


def drawings(material: sets.Material, n: int) -> list[Drawing]:
    """Return n digits of different people, the same ones each time."""
    return [_steps(example.make()) for example in sets.single(_placed)(material, "load", n)]


def _placed(strokes: pens.Strokes, rng: np.random.Generator) -> pens.Strokes:
    size = rng.uniform(*SIZES)
    middle = rng.uniform(size / 2 + BRUSH, SIDE - size / 2 - BRUSH, 2)
    return [pens.dense(stroke, 8.0) for stroke in fit_box(strokes, size, middle)]


def _steps(strokes: pens.Strokes) -> Drawing:
    lengths = [float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in strokes]
    least = FEWEST * max(lengths)
    kept = [stroke for stroke, length in zip(strokes, lengths, strict=True) if length >= least]
    steps = [kept[:number] for number in range(1, len(kept) + 1)]
    greys = [
        np.round(255 * (1 - pens.coverage(step, (SIDE, SIDE), BRUSH))).astype(np.uint8) for step in steps
    ]
    pictures = [np.dstack([grey, grey, grey, np.full_like(grey, 255)]) for grey in greys]
    return list(map(Step, steps, pictures))


class Window:
    """The window of a visitor; see `windows`."""

    def __init__(self, page: "Page"):
        self.page = page
        self._said: list[str] = []
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(f"The page's script failed: {error}"))

    async def draw(self, strokes: pens.Strokes) -> tuple[str, float]:
        """Draw strokes; return the answer, and the seconds that it took from the end of the last one.

        Raises:
            playwright.async_api.Error: there was none in time.
        """
        await self.move(strokes)
        await self.page.wait_for_function(DONE)
        waited = await self.page.evaluate("window.waited") / 1000
        await asyncio.sleep(HAND)  # else the last of the pictures could come after the next stroke
        return await self.page.locator(ANSWER).first.inner_text(), waited

    async def move(self, strokes: pens.Strokes) -> None:
        """Draw strokes, (k, 2) in pixels of the canvas, with the mouse, and wait for nothing."""
        canvas = self.page.locator(CANVAS)
        await canvas.scroll_into_view_if_needed()
        box = await canvas.bounding_box()
        for stroke in strokes:
            points = (stroke + (box["x"], box["y"])).tolist()
            await self.page.mouse.move(*points[0])
            await self.page.mouse.down()
            for point in points[1:]:
                await self.page.mouse.move(*point)
            await self.page.mouse.up()

    async def clear(self) -> None:
        """Clear the canvas, and wait until it is empty."""
        clear = self.page.get_by_role("button", name="Clear", exact=False)
        if await clear.is_enabled():
            await clear.click()
        await self.page.wait_for_function(CLEARED)
        await asyncio.sleep(HAND)

    async def problems(self) -> list[str]:
        """Return the words of each error on the page, and of its console since the last time."""
        said, self._said = self._said, []
        return said + await self.page.locator(ERRORS).all_inner_texts()

    def _hear(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self._said.append(f"The console says: {message.text}")


@asynccontextmanager
async def chromium() -> AsyncIterator["Browser"]:
    """Yield a Chromium, and close it; see `served.chromium`."""
    config.need("playwright", "judge", "A browser")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=served.chromium(), args=served.FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def windows(
    browser: "Browser", address: str, n: int, shown: str = CANVAS
) -> AsyncIterator[list[Window]]:
    """Yield n windows, each of another visitor, once what shall be `shown` is there; and close them."""
    contexts = [await browser.new_context(viewport={"width": 1200, "height": 900}) for _ in range(n)]
    try:
        found = []
        for context in contexts:
            await context.add_init_script(CLOCK)
            found.append(Window(await context.new_page()))
            await found[-1].page.goto(address)
            await found[-1].page.locator(shown).wait_for()
        yield found
    finally:
        for context in contexts:
            await context.close()

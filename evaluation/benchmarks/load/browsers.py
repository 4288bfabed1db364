"""Visitors with a real browser: Chromium windows that a mouse draws in."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from evaluation import browser as served
from evaluation.benchmarks.load.drawings import Step
from evaluation.benchmarks.load.visitor import PATIENCE, Answer

IDLE = "document.querySelector('[data-test-script-state=notRunning]') !== null"
SHOWS = f"""before => {{
    const seen = document.querySelector('.st-key-steps img');
    return {IDLE} && seen && seen.src !== before && document.querySelector('.st-key-answer p') !== null;
}}"""
"""Whether the app is done, an answer is there, and below it how the model saw another picture than before.
For a moment Streamlit shows old things in new places."""

HAND = 0.3
"""Seconds that a hand takes to a canvas that is new there."""

ERRORS = '[data-testid="stException"], [data-testid="stAlertContentError"]'
CLEARED = f"() => {IDLE} && document.querySelector('.st-key-answer p') === null"


class Window:
    """A window of a new visitor; see `windows`."""

    def __init__(self, page: Page):
        self._page, self._said, self._seen = page, [], ""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(f"The page's script failed: {error}"))

    async def draw(self, step: Step) -> Answer:
        """Draw the last stroke of a step with the mouse; wait for the answer from when it is let go."""
        box = await self._page.locator("canvas.upper-canvas").bounding_box()
        points = (step.strokes[-1] + (box["x"], box["y"])).tolist()
        await self._page.mouse.move(*points[0])
        await self._page.mouse.down()
        for point in points[1:]:
            await self._page.mouse.move(*point)
        await self._page.mouse.up()
        begin = time.perf_counter()
        await self._page.wait_for_function(SHOWS, arg=self._seen)
        seconds = time.perf_counter() - begin
        self._seen = await self._page.locator(".st-key-steps img").first.get_attribute("src")
        return Answer(await self._page.locator(".st-key-answer p").first.inner_text(), None, seconds)

    async def clear(self) -> None:
        """Clear the canvas, and wait until it is."""
        await self._page.get_by_role("button", name="Clear the canvas").click()
        await self.ready()

    async def ready(self) -> None:
        """Wait until there is an empty canvas to draw on."""
        await self._page.wait_for_function(CLEARED)
        await self._page.locator("canvas.upper-canvas").wait_for()
        await asyncio.sleep(HAND)

    async def problems(self) -> list[str]:
        """Return the words of each error on the page, and of its console since the last time."""
        said, self._said = self._said, []
        return said + await self._page.locator(ERRORS).all_inner_texts()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._said.append(f"The console says: {message.text}")


@asynccontextmanager
async def windows(address: str, n: int) -> AsyncIterator[list[Window]]:
    """Yield n windows with the app in them, each of another visitor, and close them.

    Raises:
        ValueError: there is no Chromium.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=served.chromium(), args=served.FLAGS)
        try:
            yield [await _window(browser, address) for _ in range(n)]
        finally:
            await browser.close()


async def _window(browser: Browser, address: str) -> Window:
    context = await browser.new_context(viewport={"width": 1200, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    window = Window(page)
    await page.goto(address)
    await window.ready()
    return window

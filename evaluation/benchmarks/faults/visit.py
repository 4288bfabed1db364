"""A visitor of the app in a real browser, who draws a seven and looks at what it says.

python -m faults.visit      # starts the app as this process may, visits it, prints JSON
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, TimeoutError, sync_playwright

from evaluation import browser as served

SEVEN = ((0.15, 0.06), (0.85, 0.06), (0.42, 0.98))
PAGES = ("Read a number", "Teach it my hand", "Why this answer?", "Try to break it", "Models")
PATIENCE = 60.0  # seconds for an answer; the first waits for TensorFlow
ELSEWHERE = ("data", "blob", "about", "chrome")


class Visitor:
    """One page of the app."""

    def __init__(self, page: Page, address: str):
        self.page, self.hosts = page, set()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("request", lambda request: self._note(request.url))
        page.goto(address)
        page.locator("canvas.upper-canvas").wait_for()

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ELSEWHERE:
            self.hosts.add(parts.hostname)

    def read(self, size: float = 180, left: float = 50) -> str:
        """Empty the canvas, draw a seven, and return the answer, or what stands in its place."""
        self.page.get_by_role("button", name="Clear the canvas").click()
        self._hint().wait_for()
        for _ in range(5):
            self._draw(size, left)
            with suppress(TimeoutError):
                self._hint().wait_for(state="hidden", timeout=5000)
                break  # else the stroke met the old canvas, whose place the new one takes
        return self._said()

    def _hint(self) -> Locator:
        return self.page.locator(".st-key-status").get_by_text("Draw a digit")

    def _draw(self, size: float, left: float) -> None:
        box, canvas = None, self.page.locator("canvas.upper-canvas")
        while box is None or canvas.count() != 1:  # for a moment the old canvas is there too, or none
            time.sleep(0.3)
            box = canvas.first.bounding_box()
        points = [(box["x"] + left + size * x, box["y"] + 50 + size * y) for x, y in SEVEN]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=4)
        self.page.mouse.up()

    def _said(self) -> str:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for place in ("[data-testid=stException]", ".st-key-answer", ".st-key-status [role=alert]"):
                found = " ".join(self.page.locator(place).all_inner_texts()).strip()
                if found:
                    return found
            time.sleep(0.1)
        return "nothing"

    def keep(self, digit: int = 7) -> str:
        """Say that the drawing was this digit; return what the app says to that."""
        right = self.page.locator(".st-key-right")
        self.page.wait_for_timeout(2000)  # each stroke is asked about anew, and the last one counts
        right.get_by_test_id("stButtonGroup").get_by_text(str(digit), exact=True).click()
        right.locator(".st-key-kept, [role=alert]").first.wait_for()
        return " ".join(right.inner_text().split())

    def sidebar(self) -> str:
        """Return all words beside the page."""
        return self.page.locator("[data-testid=stSidebar]").inner_text()

    def models(self) -> list[str]:
        """Return the names of the models to choose from."""
        self.page.get_by_test_id("stSidebar").get_by_role("combobox", name="Model").click()
        options = self.page.get_by_role("option")
        options.first.wait_for()
        return options.all_inner_texts()

    def open(self, name: str) -> None:
        """Go to another page, and wait until it stands."""
        self.page.get_by_role("link", name=name, exact=False).first.click()
        self.page.wait_for_timeout(1000)
        self.page.locator("[data-testid=stStatusWidget]").wait_for(state="detached")

    def traces(self) -> list[str]:
        """Return the stacks of calls that stand on the page."""
        return self.page.locator("[data-testid=stException]").all_inner_texts()


@contextmanager
def visitors(*addresses: str) -> Iterator[list[Visitor]]:
    """Yield a visitor for each address, of one browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=served.chromium(), args=served.FLAGS)
        pages = [browser.new_context(viewport={"width": 1200, "height": 900}).new_page() for _ in addresses]
        yield [Visitor(page, address) for page, address in zip(pages, addresses, strict=True)]
        browser.close()


def main() -> None:
    """Start the app in this process' surroundings, visit every page, say what was seen."""
    with served.app(**os.environ) as app, visitors(app.address) as (visitor,):
        seen = {"answer": visitor.read(), "kept": visitor.keep(), "traces": visitor.traces()}
        for name in PAGES:
            visitor.open(name)
            seen["traces"] += visitor.traces()
        json.dump(seen | {"hosts": sorted(map(str, visitor.hosts))}, sys.stdout)


if __name__ == "__main__":
    main()

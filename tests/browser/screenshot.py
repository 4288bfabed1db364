"""Take the README's picture from the running app: python tests/browser/screenshot.py docs/draw.png

Start the app first (`make app`); needs Chromium. With --all it takes every page, wide and narrow, light and
dark, into the folder given instead, for looking at them.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from conftest import FLAGS  # noqa: E402
from test_draw import answer, draw_with_mouse  # noqa: E402

ADDRESS = "http://localhost:8501"
SHAPES = {"desktop": (1340, 780), "phone": (360, 780)}


def draw_seven(page: Page) -> None:
    """Draw a seven and wait until the whole answer is there."""
    draw_with_mouse(page, 7, 180, 50, 50)
    expect(answer(page)).to_have_text("7")
    page.locator(".st-key-chart canvas, .st-key-chart svg").first.wait_for()
    expect(page.locator(".st-key-steps img")).to_have_count(5)
    page.wait_for_timeout(1000)  # fonts and bars settle


def main() -> None:
    """Take one picture, or all."""
    target = Path(sys.argv[-1])
    everything = "--all" in sys.argv
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for shape in SHAPES if everything else ["desktop"]:
            for scheme in ("light", "dark") if everything else ["light"]:
                width, height = SHAPES[shape]
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(ADDRESS)
                page.locator("canvas.upper-canvas").wait_for()
                if everything:
                    page.wait_for_timeout(1000)
                    page.screenshot(path=target / f"empty-{shape}-{scheme}.png")
                draw_seven(page)
                page.screenshot(path=target / f"draw-{shape}-{scheme}.png" if everything else target)
                if everything:
                    page.goto(f"{ADDRESS}/models")
                    page.get_by_role("heading", name="Add your own").wait_for()
                    page.wait_for_timeout(1500)
                    page.screenshot(path=target / f"models-{shape}-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()

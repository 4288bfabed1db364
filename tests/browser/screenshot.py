"""Take the README's picture from the running app: python tests/browser/screenshot.py docs/draw.png

Start the app first (`make app`); needs Chromium. With --all it takes every page, wide and narrow, light and
dark, into the folder given instead, for looking at them.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from conftest import FLAGS  # noqa: E402
from test_draw import answer, draw_with_mouse  # noqa: E402
from test_learn import STEPS, solve  # noqa: E402
from test_read import picture, upload, write  # noqa: E402
from test_why import PARTS  # noqa: E402

ADDRESS = "http://localhost:8501"
SHAPES = {"desktop": (1340, 780), "phone": (360, 780)}


def draw_seven(page: Page) -> None:
    """Draw a seven and wait until the whole answer is there."""
    draw_with_mouse(page, 7, 180, 50, 50)
    expect(answer(page)).to_have_text("7")
    page.locator(".st-key-chart canvas, .st-key-chart svg").first.wait_for()
    expect(page.locator(".st-key-steps img")).to_have_count(5)
    page.wait_for_timeout(1000)  # fonts and bars settle


def take_reading(page: Page, target: Path, name: str) -> None:
    """Take the Read page: empty, with one picture, with many, and with writing on its canvas."""
    page.goto(f"{ADDRESS}/read")
    page.locator(".st-key-status p").wait_for()
    page.wait_for_timeout(1000)
    page.screenshot(path=target / f"read-empty-{name}.png")
    with tempfile.TemporaryDirectory() as folder:
        numbers = [picture(Path(folder), text) for text in ("2051", "34", "9968")]
        bad = Path(folder, "bad.png")
        bad.write_text("no picture")
        for kind, files in (("one", numbers[:1]), ("many", [*numbers[1:], bad])):  # they add up
            upload(page, *files)
            page.get_by_role("button", name="CSV").wait_for()
            page.wait_for_timeout(3000)
            page.screenshot(path=target / f"read-{kind}-{name}.png")
    write(page, "3407")
    expect(answer(page)).to_have_text("3407")
    page.wait_for_timeout(1000)
    page.screenshot(path=target / f"read-drawn-{name}.png")


def take_models(page: Page, target: Path, name: str) -> None:
    """Take each part of the Models page."""
    parts = {"Leaderboard": "stDataFrame", "Arena": "stDataFrame", "Mistakes": "stHtml", "Cards": "stMetric"}
    for part, seen in parts.items():
        page.locator(".st-key-models_part").get_by_text(part, exact=True).click()
        page.locator(".st-key-models").get_by_test_id(seen).first.wait_for()
        page.wait_for_timeout(2000)
        page.screenshot(path=target / f"models-{part.lower()}-{name}.png")


def take_breaking(page: Page, target: Path, name: str) -> None:
    """Take the page that damages and attacks the digit drawn before, and sweeps."""
    page.get_by_role("link", name="Try to break it").dispatch_event("click")  # on a phone it is hidden
    page.locator(".st-key-opinions .opinion").first.wait_for()
    for way, there in (("Damage", "damaged img"), ("Attack", "attacked img"), ("Sweep", "sweep_start")):
        page.get_by_role("radio", name=way).click()
        page.locator(f".st-key-{there}").first.wait_for()
        if way == "Sweep":
            page.get_by_role("button", name="Start").click()
            page.locator(".st-key-sweep_table").wait_for()
        page.wait_for_timeout(2000)
        page.screenshot(path=target / f"break-{way.lower()}-{name}.png")


def take_teaching(page: Page, target: Path, name: str) -> None:
    """Take each part of the page that teaches, with what has been collected where the app runs."""
    page.goto(f"{ADDRESS}/teach")
    for part in ("My digits", "On screen", "On paper", "Teach"):
        page.get_by_role("radio", name=part).click()
        page.wait_for_timeout(3000)
        page.screenshot(path=target / f"teach-{part.lower().replace(' ', '-')}-{name}.png")


def take_explain(page: Page, target: Path, name: str) -> None:
    """Take each part of the page that shows why the digit drawn before is read as it is."""
    page.get_by_role("link", name="Why this answer?").dispatch_event("click")  # on a phone it is hidden
    page.locator(".st-key-heat img").first.wait_for()
    for part, seen in PARTS.items():
        page.get_by_role("radio", name=part).click()
        page.locator(seen).first.wait_for()
        page.wait_for_timeout(2000)
        before = page.viewport_size
        whole = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
        page.set_viewport_size(before | {"height": whole})
        page.wait_for_timeout(500)
        page.screenshot(path=target / f"explain-{part.lower().replace(' ', '-')}-{name}.png")
        page.set_viewport_size(before)


def take_learn(page: Page, target: Path, name: str) -> None:
    """Take each step of the page that explains the model, with its question answered."""
    page.get_by_role("link", name="How it works").dispatch_event("click")
    for step in range(1, STEPS + 1):
        page.get_by_text(f"Step {step} of {STEPS}").wait_for()
        solve(page)
        page.wait_for_timeout(1500)
        page.screenshot(path=target / f"learn-{step}-{name}.png", full_page=True)
        if step < STEPS:
            page.get_by_role("button", name="Next").click()


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
                    take_explain(page, target, f"{shape}-{scheme}")
                    take_breaking(page, target, f"{shape}-{scheme}")
                    take_learn(page, target, f"{shape}-{scheme}")
                    page.goto(f"{ADDRESS}/models")
                    page.get_by_role("heading", name="Add your own").wait_for()
                    take_models(page, target, f"{shape}-{scheme}")
                    take_reading(page, target, f"{shape}-{scheme}")
                    take_teaching(page, target, f"{shape}-{scheme}")
        browser.close()


if __name__ == "__main__":
    main()

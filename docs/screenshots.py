"""Make all pictures of the docs from the running app: python docs/screenshots.py

It starts the app itself and drives it with Chromium: docs/<page>.png, one for each page, read-table.png and
read-form.png, wide and light. With `--all FOLDER` it takes every part of each instead, wide and narrow, light
and dark, for looking at them.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from digits import config, experiment

experiment.command(partial(config.need, "playwright", "judge", "Taking pictures"))

from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent / "tests"), str(DOCS.parent / "tests" / "browser")]

import hands  # noqa: E402
import ruled  # noqa: E402
from handwriting import strokes  # noqa: E402

from digits import Recognizer  # noqa: E402
from digits.data.collection.store import Store  # noqa: E402
from digits.data.strokes import draw  # noqa: E402
from evaluation import browser  # noqa: E402

SHAPES = {"wide": {"width": 1340, "height": 780}, "narrow": {"width": 360, "height": 780}}
NUMBER = "3268"
expect.set_options(timeout=120_000)


def collect(folder: Path) -> None:
    """Keep three of each digit, as a visitor's own hand: leaning, and not quite alike."""
    store, reader, rng = Store(folder), Recognizer.load(), np.random.default_rng(7)
    for digit in [*range(10)] * 3:
        lean = np.array([[1, -0.25 * rng.random()], [0, 1]])
        lines = [line @ lean.T + rng.normal(0, 3, line.shape) for line in strokes(digit, 180, 75, 50)]
        picture = 255 - draw([line.astype(np.float32) for line in lines], 280, 14)
        store.add(picture, reader.read_digit(picture).framed, digit, origin="draw")


def draw_seven(page: Page) -> None:
    """Draw a seven and wait until the whole answer is there."""
    hands.draw_with_mouse(page, 7)
    expect(hands.answer(page)).to_have_text("7")
    page.locator(".st-key-chart table.bars").wait_for()


def read_number(page: Page) -> None:
    """Bring a picture of a number, written on grey paper."""
    ink = np.hstack([draw(strokes(int(digit), 150, 40, 60), 230, 12) for digit in NUMBER]).astype(float)
    light = np.linspace(235, 205, ink.shape[1])
    paper = (light - (light - 50) * cv2.GaussianBlur(ink, (0, 0), 1) / 255).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(paper).save(Path(folder, "number.png"))
        hands.upload(page, Path(folder, "number.png"))
        expect(hands.answer(page)).to_have_text(NUMBER)
    hands.settle(page)
    page.get_by_test_id("stMain").evaluate("node => node.scrollTo(0, 370)")


def read_table(page: Page) -> None:
    """Bring a picture of a table with a doubtful cell."""
    page.get_by_role("radio", name="Table").click()
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(ruled.scrawled()).save(Path(folder, "table.png"))
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Remove number.png").click()
        hands.upload(page, Path(folder, "table.png"))
        page.locator("td.doubtful").first.wait_for()
    _walk(page, 370)


def read_form(page: Page) -> None:
    """Read the sample's forms, of which some boxes are doubtful."""
    page.get_by_role("radio", name="Form").click()
    page.get_by_role("button", name="Try the sample").click()
    page.locator("g.doubtful").first.wait_for()
    _walk(page, 430)


def _walk(page: Page, down: int) -> None:
    """Show the walk, so many pixels down."""
    hands.settle(page)
    page.locator(".walk input").focus()
    page.get_by_test_id("stMain").evaluate(f"node => node.scrollTo(0, {down})")


def make_form(page: Page) -> None:
    """Look at the sample's template."""
    page.get_by_role("radio", name="Template").click()
    page.locator(".st-key-template_known").wait_for()


def choose(name: str, seen: str) -> Callable[[Page], None]:
    """Return what chooses a part of a page by its name, and waits for something to be seen."""

    def act(page: Page) -> None:
        page.get_by_role("radio", name=name, exact=True).click()
        page.locator(seen).first.wait_for()

    return act


def sweep(page: Page) -> None:
    """Measure test digits under one kind of damage."""
    choose("Sweep", ".st-key-sweep_start")(page)
    page.get_by_role("button", name="Start").click()
    page.locator(".st-key-sweep_table").wait_for()


def next_step(page: Page) -> None:
    """Go to the next step, and answer its question."""
    page.get_by_role("button", name="Next").click()
    hands.solve(page)


SHOTS = [
    ("read", "Read numbers, tables, forms", "", read_number),
    ("read", "", "table", read_table),
    ("read", "", "form", read_form),
    ("read", "", "template", make_form),
    ("teach", "Teach it my hand", "screen", choose("On screen", ".st-key-teach_part")),
    ("teach", "", "paper", choose("On paper", ".st-key-sheet_print")),
    ("teach", "", "start", choose("Teach", ".st-key-schooling")),
    ("teach", "Teach it my hand", "", choose("My digits", ".st-key-samples img")),
    ("explain", "Why this answer?", "", choose("Where it looks", ".st-key-heat img")),
    ("explain", "", "inside", choose("Inside", ".st-key-made_of canvas, .st-key-made_of svg")),
    ("explain", "", "alike", choose("Look-alikes", ".st-key-alike img")),
    ("explain", "", "change", choose("What would change its mind", ".st-key-ink img")),
    ("robustness", "Try to break it", "damage", choose("Damage", ".st-key-damaged img")),
    ("robustness", "", "attack", choose("Attack", ".st-key-attacked img")),
    ("robustness", "Try to break it", "", sweep),
    ("learn", "How it works", "", hands.solve),
    *[("learn", "", str(step), next_step) for step in range(2, 9)],
    ("models", "Models", "", choose("Leaderboard", "[data-testid=stDataFrame]")),
    ("models", "", "arena", choose("Arena", ".st-key-arena h2")),
    ("models", "", "mistakes", choose("Mistakes", ".st-key-pairs")),
    ("models", "", "cards", choose("Cards", ".st-key-card_numbers")),
]
"""Name of the page, its link where it is to be opened, the part (none in the docs, or the table or form), and
what to do."""


def take(page: Page, path: Path) -> None:
    """Write what is seen as a PNG of 256 colours: a third of the size, and no difference to the eye."""
    hands.settle(page)
    page.wait_for_timeout(1500)  # fonts and bars settle
    page.screenshot(path=path)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def visit(page: Page, folder: Path, suffix: str = "") -> None:
    """Take every page; with a suffix, every part of each."""
    draw_seven(page)
    take(page, folder / f"draw{suffix}.png")
    for name, link, part, act in SHOTS:
        if part in ("", "table", "form") or suffix:
            if link:
                hands.go_to(page, link)
            act(page)
            take(page, folder / f"{name}{'-' * bool(part)}{part}{suffix}.png")


def main() -> None:
    """Take the pictures of the docs, or all."""
    parser = argparse.ArgumentParser(description="Make all pictures of the docs from the running app.")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="take every part of every page instead")
    target = parser.parse_args().all
    shapes = SHAPES if target else {"wide": SHAPES["wide"]}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        collect(Path(folder, "user"))
        with browser.app(DIGITS_USER_DIR=Path(folder, "user")) as app:
            chromium = playwright.chromium.launch(executable_path=browser.chromium(), args=browser.FLAGS)
            for shape, size in shapes.items():
                for scheme in ("light", "dark") if target else ("light",):
                    page = chromium.new_page(viewport=size, color_scheme=scheme)
                    page.set_default_timeout(120_000)
                    page.goto(app.address)
                    page.locator("canvas.upper-canvas").wait_for()
                    visit(page, target or DOCS, f"-{shape}-{scheme}" if target else "")
                    page.close()
            chromium.close()


if __name__ == "__main__":
    experiment.command(main)

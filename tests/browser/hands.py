"""What a person does on every page, in a real browser: draw, write, bring files, go on, and look."""

from pathlib import Path

import numpy as np
from handwriting import strokes
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from digits.data.strokes import draw

WIDE = 680
"""Pixels of the canvas for numbers."""


def answer(page: Page) -> Locator:
    """Return the container that holds the digit or number read, and nothing else."""
    return page.locator(".st-key-answer")


def canvas(page: Page) -> Locator:
    """Return the canvas, once there is one and no other."""
    found = page.locator("canvas.upper-canvas")
    expect(found).to_have_count(1)  # while colours change the old canvas is there too
    found.scroll_into_view_if_needed()
    return found


def draw_with_mouse(page: Page, digit: int, size: float = 180, left: float = 50, top: float = 50) -> None:
    """Draw a digit, in pixels of the canvas."""
    box = canvas(page).bounding_box()
    for stroke in strokes(digit, size, left, top):
        drag(page, [(float(x + box["x"]), float(y + box["y"])) for x, y in stroke])


def drag(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw one stroke with the mouse, in pixels of the window."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def touch(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw one stroke with a finger, in pixels of the window."""
    session = page.context.new_cdp_session(page)
    path = [{"x": x, "y": y} for x, y in points]

    def send(kind, points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", path[:1])
    for a, b in zip(path, path[1:], strict=False):
        for part in np.linspace(0, 1, 5)[1:]:
            send("touchMove", [{axis: a[axis] + part * (b[axis] - a[axis]) for axis in "xy"}])
    send("touchEnd", [])


def write(page: Page, text: str, stroke=drag) -> None:
    """Write a number on the wide canvas, wherever and however large that is, with the mouse or by `touch`."""
    page.get_by_role("radio", name="Draw").click()
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(1500)  # the canvas takes its size
    box = canvas(page).bounding_box()
    shown = box["width"] / WIDE
    for place, digit in enumerate(text):
        for line in strokes(int(digit), 150 * shown, (20 + 130 * place) * shown, 70 * shown):
            stroke(page, [(float(x + box["x"]), float(y + box["y"])) for x, y in line])


def picture(folder: Path, text: str) -> Path:
    """Write a picture of a number into a folder; return its path."""
    row = np.hstack([draw(strokes(int(digit), 150, 60, 60), 280, 14) for digit in text])
    path = folder / f"{text}.png"
    Image.fromarray(255 - row).save(path)
    return path


def upload(page: Page, *paths: Path) -> None:
    """Bring files to the place for them."""
    page.locator("input[type=file]").set_input_files(paths)


def go_to(page: Page, name: str) -> None:
    """Open a page by its link, which is hidden on a phone, and wait for its title."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).dispatch_event("click")
    page.get_by_role("heading", name=name, exact=True).wait_for()


def settle(page: Page) -> None:
    """Wait until the page has taken in the last click, and what shows that it runs is gone."""
    page.wait_for_timeout(300)  # until it has begun
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    page.wait_for_timeout(150)


def solve(page: Page) -> None:
    """Click through the choices of the question until one is right."""
    settle(page)
    question = page.locator(".st-key-learn_question")
    for choice in question.locator("[role=radiogroup] label").all():
        choice.click()
        settle(page)
        reaction = question.get_by_test_id("stAlert")
        expect(reaction).to_have_count(1)
        if reaction.filter(has_text="Yes").count():
            return
    raise AssertionError("no choice is right")


def see_status(page: Page, words: str) -> None:
    """Wait until these words stand where one is told what to do: for a moment two pages are there."""
    expect(page.locator(".st-key-status", has_text=words).first).to_be_visible()

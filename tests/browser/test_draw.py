"""What a person does on the Draw page, in a real browser: draw, upload, wipe, leave and come back."""

from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes
from playwright.sync_api import Page, expect

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
# digit: size, left, top on the 280-pixel canvas; some small, some in a corner
PLACES = {
    0: (180, 50, 50),
    1: (180, 50, 50),
    2: (80, 10, 10),
    3: (220, 30, 30),
    4: (110, 160, 150),
    5: (180, 50, 50),
    6: (200, 40, 40),
    7: (70, 190, 20),
    8: (200, 40, 40),
    9: (130, 10, 140),
}


def answer(page: Page):
    return page.locator(".st-key-answer")


def draw_with_mouse(page: Page, digit: int, size: float, left: float, top: float) -> None:
    canvas = page.locator("canvas.upper-canvas")
    expect(canvas).to_have_count(1)  # while colours change the old canvas is there too
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in strokes(digit, size, left, top):
        points = stroke + np.array([box["x"], box["y"]])
        page.mouse.move(*map(float, points[0]))
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*map(float, point), steps=4)
        page.mouse.up()


def draw_with_finger(page: Page, digit: int, size: float, left: float, top: float) -> None:
    box = page.locator("canvas.upper-canvas").bounding_box()
    for stroke in strokes(digit, size, left, top):
        send_touch(page, [(float(x + box["x"]), float(y + box["y"])) for x, y in stroke])


def send_touch(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw one stroke with a finger, in pixels of the window."""
    touch = page.context.new_cdp_session(page)
    path = [{"x": x, "y": y} for x, y in points]

    def send(kind, points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", path[:1])
    for a, b in zip(path, path[1:], strict=False):
        for part in np.linspace(0, 1, 5)[1:]:
            send("touchMove", [{axis: a[axis] + part * (b[axis] - a[axis]) for axis in "xy"}])
    send("touchEnd", [])


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_drawn_with_the_mouse_is_read(page, digit):
    draw_with_mouse(page, digit, *PLACES[digit])
    expect(answer(page)).to_have_text(str(digit))
    expect(page.locator(".st-key-status")).to_contain_text("Sure")
    expect(page.locator(".st-key-steps img")).to_have_count(5)


def test_a_digit_drawn_with_a_finger_on_a_phone_is_read(phone):
    draw_with_finger(phone, 3, 180, 50, 50)
    expect(answer(phone)).to_have_text("3")
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 360  # nothing sticks out sideways


def test_the_canvas_is_whole_in_a_narrow_window(narrow):
    draw_with_mouse(narrow, 7, 70, 190, 20)
    expect(answer(narrow)).to_have_text("7")


def test_a_finger_can_begin_in_the_upper_right_corner(phone):
    draw_with_finger(phone, 7, 90, 180, 5)
    expect(answer(phone)).to_have_text("7")


def test_an_emptied_canvas_shows_the_hint_and_no_answer(page):
    expect(page.locator(".st-key-status")).to_contain_text("Draw a digit")
    draw_with_mouse(page, 7, 180, 50, 50)
    expect(answer(page)).to_have_text("7")
    page.get_by_role("button", name="Clear the canvas").click()
    expect(page.locator(".st-key-status")).to_contain_text("Draw a digit")
    expect(answer(page).locator("p")).to_have_count(0)
    draw_with_mouse(page, 2, 180, 50, 50)
    expect(answer(page)).to_have_text("2")


def test_a_drawing_survives_another_page_theme_and_colour(page):
    draw_with_mouse(page, 4, 180, 50, 50)
    expect(answer(page)).to_have_text("4")
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    page.get_by_role("link", name="Draw a digit").click()
    expect(answer(page)).to_have_text("4")
    expect_ink(page, dark=False)
    page.emulate_media(color_scheme="dark")  # the page's own theme follows the system's
    expect_ink(page, dark=False)
    page.get_by_text("Black canvas").click()
    expect_ink(page, dark=True)
    expect(answer(page)).to_have_text("4")
    # One digit more: it joins the four that is still there.
    draw_with_mouse(page, 1, 110, -14, 160)
    expect(page.locator(".st-key-status")).to_contain_text("Several digits")


def expect_ink(page: Page, dark: bool) -> None:
    """Wait until the canvas shows a drawing on dark or light ground."""
    page.locator("canvas.dc-canvas.lower-canvas").wait_for()
    script = """dark => {
        const find = root => {
            for (const node of root.querySelectorAll('*')) {
                if (node.matches("canvas.dc-canvas.lower-canvas")) return node;
                const inner = node.shadowRoot && find(node.shadowRoot);
                if (inner) return inner;
            }
        };
        const canvas = find(document);
        if (!canvas) return false;
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let light = 0;
        for (let i = 0; i < pixels.length; i += 4) light += pixels[i] > 127;
        const share = light / (pixels.length / 4);
        return dark ? share > 0.005 && share < 0.5 : share > 0.5 && share < 0.995;
    }"""
    page.wait_for_function(script, arg=dark)


@pytest.mark.parametrize("name", ["7.png", "8.png"])
def test_an_uploaded_picture_is_read(page, name):
    page.get_by_role("radio", name="Upload").or_(page.get_by_role("button", name="Upload")).first.click()
    page.locator("input[type=file]").set_input_files(GOLDEN / name)
    expect(answer(page)).to_have_text(name[0])


def test_a_file_that_is_no_picture_is_refused_in_a_sentence(page, tmp_path):
    (tmp_path / "seven.png").write_text("seven")
    page.get_by_role("radio", name="Upload").or_(page.get_by_role("button", name="Upload")).first.click()
    page.locator("input[type=file]").set_input_files(tmp_path / "seven.png")
    expect(page.get_by_role("alert")).to_contain_text("seven.png is not a picture")

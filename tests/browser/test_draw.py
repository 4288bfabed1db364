"""What a person does on the Draw page, in a real browser: draw, upload, wipe, leave and come back."""

from pathlib import Path

from hands import answer, draw_with_mouse, go_to, see_status, settle, touch, upload
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


def test_digits_drawn_with_the_mouse_are_read_and_wiped(page):
    status = page.locator(".st-key-status")
    for digit in (2, 4, 7, 9, 0):
        expect(status).to_contain_text("Draw a digit")
        expect(answer(page).locator("p")).to_have_count(0)
        draw_with_mouse(page, digit, *PLACES[digit])
        expect(answer(page)).to_have_text(str(digit))
        expect(status).to_contain_text("Sure")
        expect(page.locator(".st-key-steps img")).to_have_count(5)
        page.get_by_role("button", name="Clear").click()
        settle(page)
    page.get_by_role("radio", name="Upload").or_(page.get_by_role("button", name="Upload")).first.click()
    upload(page, GOLDEN / "8.png")
    expect(answer(page)).to_have_text("8")


def test_a_digit_drawn_with_a_finger_on_a_phone_is_read(phone):
    box = phone.locator("canvas.upper-canvas").bounding_box()
    for stroke in strokes(7, 90, 180, 5):  # in the upper right corner, where the tools would be
        touch(phone, [(float(x + box["x"]), float(y + box["y"])) for x, y in stroke])
    expect(answer(phone)).to_have_text("7")


def test_a_drawing_survives_a_narrow_window_another_page_theme_and_colour(page):
    page.set_viewport_size({"width": 900, "height": 900})  # sidebar and columns compete for room
    draw_with_mouse(page, 4)
    expect(answer(page)).to_have_text("4")
    go_to(page, "Models")
    page.get_by_role("link", name="Draw a digit").click()
    expect(answer(page)).to_have_text("4")
    expect_ink(page, dark=False)
    page.emulate_media(color_scheme="dark")  # the page's own theme follows the system's
    expect_ink(page, dark=False)
    page.get_by_test_id("stPopoverButton").filter(has_text="Pen").click()
    page.get_by_text("Black canvas").click()
    expect_ink(page, dark=True)
    expect(answer(page)).to_have_text("4")
    page.keyboard.press("Escape")
    settle(page)
    # One digit more: it joins the four that is still there.
    draw_with_mouse(page, 1, 110, -14, 160)
    see_status(page, "Several digits")


def test_strokes_are_undone_and_answers_put_right_by_keyboard_and_nothing_old_comes_back(page):
    draw_with_mouse(page, 7)
    expect(answer(page)).to_have_text("7")
    go_to(page, "Models")
    go_to(page, "Draw a digit")
    expect(answer(page)).to_have_text("7")
    settle(page)
    assert page.locator(".dc-toolbar:visible").count() == 0  # with its bin, and "Edit"
    page.keyboard.press("Delete")
    see_status(page, "Draw a digit")
    draw_with_mouse(page, 1)
    expect(answer(page)).to_have_text("1")  # and no 7 below
    settle(page)
    page.keyboard.press("Delete")
    expect(answer(page).locator("p")).to_have_count(0)
    settle(page)
    page.keyboard.press("Control+z")
    expect(answer(page)).to_have_text("1")
    settle(page)
    page.keyboard.press("7")
    expect(page.locator(".st-key-kept")).to_contain_text("kept as 7")
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_role("button", name="Not a digit").click()
    expect(page.locator(".st-key-kept")).to_contain_text("no digit")
    go_to(page, "Why this answer?")
    expect(page.get_by_role("button", name="Clear")).to_have_count(0)  # where no canvas is
    go_to(page, "Draw a digit")
    expect(answer(page)).to_have_text("1")
    page.reload()
    expect(answer(page)).to_have_text("1")
    expect_ink(page, dark=False)


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

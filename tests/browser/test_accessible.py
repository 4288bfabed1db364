"""Nobody is shut out: axe on every page, wide and narrow, by day and by night; and all by keyboard."""

import axe
import pytest
from conftest import open_page
from hands import answer, canvas, drag, draw_with_mouse, go_to, picture, settle, upload
from playwright.sync_api import Page, expect

PARTS = {
    "Read numbers, tables, forms": ["Number", "Table", "Form"],
    "Teach it my hand": ["My digits", "On screen", "On paper", "Teach"],
    "Why this answer?": ["Where it looks", "Inside", "Look-alikes", "What would change its mind"],
    "Try to break it": ["Damage", "Attack", "Sweep"],
    "How it works": [],
    "Models": ["Leaderboard", "Arena", "Mistakes", "Cards"],
}
SCRIBBLE = ([(70, 220), (140, 50), (210, 220)], [(95, 160), (185, 160)])
"""No digit: a letter A."""

SCHEMES = ("light", "dark")


def look(page: Page, where: str) -> None:
    """Let axe look at what is there, by day and by night."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for _ in range(5):  # a page that ran meanwhile fades, and shows Streamlit's own "Stop"
            settle(page)
            found = axe.violations(page, axe.SERIOUS)
            if not page.get_by_test_id("stStatusWidget").count():
                break
        assert found == [], (where, scheme)
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(node => +node.tagName[1])")
    assert levels[0] == 1, where
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), (
        where,
        levels,
    )


@pytest.mark.parametrize("size", [(1280, 900), (360, 740)], ids=["wide", "narrow"])
def test_axe_finds_nothing_serious_on_any_page(chromium, server, tmp_path, size):
    script = axe.source()
    for page in open_page(chromium, server, *size):
        page.evaluate(script)
        draw_with_mouse(page, 7)
        expect(answer(page)).to_have_text("7")
        look(page, "Draw a digit")
        for name, parts in PARTS.items():
            go_to(page, name)
            for part in parts or [""]:
                if part:
                    page.get_by_role("radio", name=part, exact=True).click()
                if part == "Number":
                    upload(page, picture(tmp_path, "36"))
                    expect(answer(page)).to_have_text("36")
                look(page, f"{name}: {part}")


def test_a_digit_is_drawn_heard_and_put_right_by_keyboard_alone(page):
    pen = page.get_by_role("application", name="Canvas")
    pen.focus()
    said = page.locator("body > [role=status]")

    def press(*keys: tuple[str, int]) -> None:
        for key, times in keys:
            for _ in range(times):
                pen.press(key)

    press(("ArrowUp", 8), ("ArrowLeft", 5), (" ", 1))
    expect(said).to_have_text("Pen down")
    press(("ArrowRight", 10), ("ArrowDown", 18), (" ", 1))
    expect(said).to_contain_text("7")
    expect(said).to_contain_text("%")
    expect(answer(page)).to_have_text("7")
    settle(page)
    page.locator(".st-key-choices").wait_for()
    for _ in range(40):  # on to the choices of a correction
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.st-key-choices') !== null"):
            break
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-kept")).to_contain_text("kept as")
    expect(said).to_contain_text("kept as")
    expect(page.locator(".st-key-kept button")).to_be_focused()


def test_guided_writing_on_a_phone_keeps_by_enter_what_is_in_sight(phone):
    go_to(phone, "Teach it my hand")
    phone.get_by_role("radio", name="On screen").click()
    box = canvas(phone).bounding_box()
    for stroke in SCRIBBLE:
        drag(phone, [(box["x"] + x, box["y"] + y) for x, y in stroke])
    settle(phone)
    phone.get_by_test_id("stMain").evaluate("node => node.scrollTo(0, 0)")
    keep = phone.get_by_role("button", name="Keep")
    expect(keep).to_be_in_viewport(ratio=1)
    for said in ("Not kept yet", "1 written"):
        phone.keyboard.press("Enter")
        expect(phone.get_by_test_id("stMain")).to_contain_text(said)
        expect(keep).to_be_in_viewport(ratio=1)
        if said == "Not kept yet":
            expect(phone.get_by_text(said).last).to_be_in_viewport(ratio=1)


def test_a_picture_is_pasted_and_a_refused_file_leaves_no_old_answer(page, tmp_path):
    page.get_by_role("radio", name="Upload").click()
    file = picture(tmp_path, "3")
    settle(page)
    page.evaluate(
        """async (bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "3.png", {type: "image/png"}));
          document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }""",
        list(file.read_bytes()),
    )
    expect(answer(page)).to_have_text("3")
    bad = tmp_path / "notes.txt"
    bad.write_text("no picture")
    upload(page, bad)
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("notes.txt")
    expect(answer(page).locator("p")).to_have_count(0)

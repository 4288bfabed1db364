"""One picture goes along to every page, and what was chosen is remembered, in a real browser."""

import json
import re
from pathlib import Path

import pytest
from hands import answer, draw_with_mouse, go_to, picture, see_status, settle, upload
from playwright.sync_api import Page, expect

from evaluation import browser

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def seen(page: Page) -> str:
    """Return the picture of the digit that "Why?" is about."""
    return page.locator(".st-key-subject img").get_attribute("src")


def whose(page: Page):
    """Return whose digit that is, in words."""
    return page.locator(".st-key-whose")


def onward(page: Page, name: str) -> None:
    page.locator(".st-key-onward").get_by_role("link", name=name).click()


def test_an_upload_goes_along_and_outlives_pages_and_a_reload(page):
    page.get_by_role("radio", name="Upload").click()
    upload(page, GOLDEN / "7.png")
    expect(answer(page)).to_have_text("7")
    onward(page, "Why?")
    expect(whose(page)).to_contain_text("Your picture 7.png, as a network sees it")
    mine = seen(page)
    page.get_by_role("radio", name="A test digit").click()  # labelled 7, too
    expect(whose(page)).to_contain_text("Test digit 0, labelled 7")
    assert seen(page) != mine
    go_to(page, "Try to break it")
    whole = page.locator(".st-key-damaged img").first
    expect(whole).to_have_attribute("alt", "Your picture 7.png, as a network sees it")
    page.reload()
    expect(whole).to_have_attribute("alt", "Your picture 7.png, as a network sees it")
    assert whole.get_attribute("src") == mine
    go_to(page, "Draw a digit")
    expect(answer(page)).to_have_text("7")
    expect(page.locator(".st-key-kept_files")).to_contain_text("7.png")
    onward(page, "Teach")
    along = page.locator(".st-key-along")
    expect(along).to_contain_text("Your picture 7.png: read as 7.")
    along.get_by_role("button", name="7", exact=True).click()
    expect(along).to_contain_text("kept as 7")
    go_to(page, "Draw a digit")
    expect(page.locator(".st-key-kept")).to_contain_text("kept as 7")
    page.get_by_role("button", name="Take away").click()
    see_status(page, "Choose a picture")
    go_to(page, "Why this answer?")
    expect(whose(page)).to_contain_text("Test digit")  # and nothing of it as if it were there


def test_a_number_drawn_as_a_digit_is_read_as_a_number_and_each_of_its_digits_goes_along(page):
    draw_with_mouse(page, 3, 110, 15, 80)
    draw_with_mouse(page, 6, 110, 115, 80)  # they touch
    page.get_by_role("button", name="Read as a number").click()
    page.get_by_role("heading", name="Read numbers, tables, forms").wait_for()
    expect(answer(page)).to_have_text("36")
    expect(page.locator(".st-key-kept_files")).to_contain_text("drawing.png")
    page.locator("g.item").filter(has_text="6").click()
    expect(page.locator(".walk .title")).to_have_text("Digit 2")
    page.locator(".walk").get_by_role("button", name="Why?").click()
    expect(whose(page)).to_contain_text("Digit 2 of drawing.png, as a network sees it")
    expect(answer(page)).to_have_text("6")
    page.get_by_role("link", name="Read numbers").click()
    page.locator("g.item").filter(has_text="3").click()
    page.locator(".walk").get_by_role("button", name="Try to break it").click()
    expect(page.locator(".st-key-damaged img").first).to_have_attribute("alt", re.compile("Digit 1 of"))


def test_of_a_picture_of_several_digits_one_is_chosen(page, tmp_path):
    go_to(page, "Why this answer?")
    page.get_by_role("radio", name="Upload").click()
    upload(page, picture(tmp_path, "25"))
    expect(whose(page)).to_contain_text("Your picture 25.png, digit 1, as a network sees it")
    expect(answer(page)).to_have_text("2")
    page.get_by_role("radio", name="5", exact=True).click()
    expect(answer(page)).to_have_text("5")


def test_addresses_open_their_pages_and_name_a_model(page, server):
    for address, title in (("/draw", "Draw a digit"), ("/Models", "Models"), ("/READ", "Read numbers")):
        page.goto(f"{server}{address}?model=mnist_tiny")
        page.get_by_role("heading", name=title).first.wait_for()
        expect(model(page)).to_have_value("mnist_tiny")
        expect(page.get_by_text("Page not found")).to_have_count(0)
    page.goto(f"{server}/Draw")
    draw_with_mouse(page, 7)  # at once: the first stroke counts
    expect(answer(page)).to_have_text("7")
    page.goto(f"{server}/?model=*nothing*")
    expect(page.get_by_text("There is no model “*nothing*”")).to_contain_text(
        "expected one of: characters, handwriting,"
    )
    expect(model(page)).to_have_value("handwriting")


def model(page: Page):
    return page.get_by_test_id("stSidebar").get_by_role("combobox", name="Model")


def choose_model(page: Page, name: str) -> None:
    model(page).fill(name)
    page.get_by_role("option", name=name, exact=True).click()
    settle(page)


def pen(page: Page) -> None:
    page.get_by_test_id("stPopoverButton").filter(has_text="Pen").click()


@pytest.mark.parametrize("public", [False, True], ids=["own", "public"])
def test_choices_are_remembered_for_the_next_visit(chromium, tmp_path, public):
    with browser.app(DIGITS_USER_DIR=tmp_path / "user", DIGITS_PUBLIC=int(public)) as app:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(app.address)
        page.locator("canvas.upper-canvas").wait_for()
        settle(page)
        usual = care_of(page).get_attribute("aria-valuetext")
        for name in ("Models", "Draw a digit"):  # nothing changes by itself
            go_to(page, name)
            expect(care_of(page)).to_have_attribute("aria-valuetext", usual)
        settle(page)
        care_of(page).focus()
        page.keyboard.press("End")
        settle(page)
        most = care_of(page).get_attribute("aria-valuetext")
        choose_model(page, "mnist_cnn")
        pen(page)
        page.get_by_text("Black canvas").click()
        page.get_by_role("slider", name="Brush").focus()
        page.keyboard.press("ArrowRight")
        settle(page)
        page.keyboard.press("Escape")
        go_to(page, "Models")
        choose_model(page, "handwriting")
        expect(care_of(page)).to_have_attribute("aria-valuetext", most)
        choose_model(page, "mnist_cnn")
        go_to(page, "Draw a digit")
        settle(page)
        pen(page)
        expect(page.get_by_role("slider", name="Brush")).to_have_value("19")
        page.close()
        assert (tmp_path / "user").exists() != public

        page = context.new_page()  # the next visit
        page.goto(app.address)
        page.locator("canvas.upper-canvas").wait_for()
        settle(page)
        expect(model(page)).to_have_value("mnist_cnn")
        pen(page)
        expect(page.get_by_role("slider", name="Brush")).to_have_value("19")
        expect(page.get_by_role("switch", name="Black canvas")).to_be_checked()
        page.keyboard.press("Escape")
        choose_model(page, "handwriting")
        expect(care_of(page)).to_have_attribute("aria-valuetext", most)
        context.close()

        stranger = chromium.new_context()
        page = stranger.new_page()
        page.goto(app.address)
        page.locator("canvas.upper-canvas").wait_for()
        settle(page)
        pen(page)
        expect(page.get_by_role("switch", name="Black canvas")).to_be_checked(checked=not public)
        stranger.close()
    if not public:
        kept = json.loads((tmp_path / "user" / "preferences.json").read_text(encoding="utf-8"))
        assert (kept["model"], kept["dark"], kept["brush"]) == ("handwriting", True, 19)


def care_of(page: Page):
    return page.get_by_test_id("stSidebar").get_by_role("slider")

"""From a digit that is put right to a model that knows the hand, and back, in a real browser."""

import pytest
from hands import answer, canvas, drag, go_to, see_status, settle
from playwright.sync_api import Page, expect

from evaluation import browser

SAID = "Your hand made this a 7; the network alone says 1."


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start the app with the shipped models and nobody's digits."""
    with browser.app(DIGITS_USER_DIR=tmp_path_factory.mktemp("hands")) as app:
        yield app.address


def draw_my_seven(page: Page, slant: int = 0) -> None:
    """Draw one that looks like a 1."""
    box = canvas(page).bounding_box()
    points = [(80, 106), (140, 70), (140 - slant, 220)]
    drag(page, [(x + box["x"], y + box["y"]) for x, y in points])


def part(page: Page, name: str) -> None:
    go_to(page, "Teach it my hand")
    page.locator(".st-key-teach_part").get_by_role("radio", name=name).click()
    settle(page)


def test_a_hand_is_remembered_switched_off_taken_along_and_forgotten(page, tmp_path):
    sidebar = page.get_by_test_id("stSidebar")
    draw_my_seven(page)
    expect(answer(page)).to_have_text("1")
    settle(page)
    page.locator(".st-key-choices").get_by_role("button", name="7").click()
    expect(answer(page)).to_have_text("7")
    expect(sidebar).to_contain_text("Your hand: 1 digit")

    page.get_by_role("button", name="Clear").click()
    settle(page)
    draw_my_seven(page, slant=8)
    expect(answer(page)).to_have_text("7")
    see_status(page, SAID)
    settle(page)
    sidebar.get_by_text("My hand", exact=True).click()
    expect(answer(page)).to_have_text("1")
    settle(page)
    sidebar.get_by_text("My hand", exact=True).click()
    expect(answer(page)).to_have_text("7")

    part(page, "My digits")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export all").click()
    file = tmp_path / download.value.suggested_filename
    assert file.name == "my_hand.zip"
    download.value.save_as(file)
    page.get_by_text("Bring in digits from a .zip").click()
    page.locator(".st-key-import_into").get_by_role("radio", name="As a new hand").click()
    settle(page)
    page.locator(".st-key-moving input[type=file]").set_input_files(file)
    expect(sidebar.get_by_role("combobox", name="Whose hand")).to_have_value("My hand 2")
    settle(page)

    part(page, "Memory")
    expect(page.get_by_test_id("stMain")).to_contain_text("Of your 1 digit the network alone reads 0 right")
    part(page, "My digits")
    page.get_by_role("button", name="✕").click()
    expect(sidebar).to_contain_text("Put an answer right")
    go_to(page, "Draw a digit")
    expect(answer(page)).to_have_text("1")

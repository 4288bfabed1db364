"""From a correction on the canvas to a model of one's own hand in the selector, in a real browser."""

import dataclasses

import finetune_jobs
import pytest
from hands import answer, draw_with_mouse, go_to
from playwright.sync_api import Page, expect

from digits.data.collection.store import Store
from evaluation import browser

LONG = 600_000
"""Milliseconds for a quick fine-tuning, on a computer that is busy with other things."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("teach")


@pytest.fixture(scope="module")
def server(folder, tiny_data, tiny_card):
    """Start the app with one model, which has much to learn, and five own digits of each class."""
    card = dataclasses.replace(tiny_card, name="base")
    finetune_jobs.write_base(tiny_data, card, folder / "models" / "base.keras")
    finetune_jobs.write_own(Store(folder / "user"), 5)
    own = {"DIGITS_MODELS_DIR": folder / "models", "DIGITS_USER_DIR": folder / "user"}
    with browser.app(DIGITS_DATA_DIR=tiny_data, **own) as app:
        yield app.address


def go_to_teach(page: Page) -> None:
    go_to(page, "Teach it my hand")
    page.locator(".st-key-teach_part").get_by_text("Teach", exact=True).click()
    page.locator(".st-key-schooling").wait_for()


def test_a_hand_is_taught_and_taken_back(page, folder):
    draw_with_mouse(page, 4)
    page.get_by_text("Wrong? That was a").wait_for()
    page.wait_for_timeout(3000)  # each stroke is asked about anew, and the last one counts
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.locator(".st-key-choices").get_by_role("button", name="4").click()
    expect(page.locator(".st-key-kept")).to_contain_text("kept as 4")

    go_to_teach(page)
    section = page.locator(".st-key-schooling")
    expect(section).to_contain_text("Your digits: 51")
    page.get_by_role("button", name="Teach", exact=False).last.click()
    expect(section).to_contain_text("is learning your hand")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Draw a digit").click()  # it stays usable
    expect(page.locator("canvas.upper-canvas")).to_be_visible()
    page.reload()  # and the fine-tuning outlives the page
    go_to_teach(page)
    expect(section).to_contain_text("Your model is ready", timeout=LONG)
    expect(section).to_contain_text("Your digits held out")

    page.get_by_role("textbox", name="Its name in the app").fill("mine")
    page.get_by_role("button", name="Adopt").click()
    expect(section).to_contain_text("mine is in use now")
    chosen = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Model")
    expect(chosen).to_have_value("mine")
    assert (folder / "models" / "mine.keras").exists()

    fresh = page.context.new_page()
    fresh.goto(page.url.partition("/teach")[0])  # on the next visit too
    expect(fresh.get_by_test_id("stSidebar").get_by_role("combobox", name="Model")).to_have_value("mine")
    fresh.close()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Draw a digit").click()
    expect(answer(page)).to_have_text("4")  # drawn before

    go_to_teach(page)
    page.get_by_role("button", name="Take out").click()
    expect(section).to_contain_text("mine was taken out")
    expect(chosen).to_have_value("base")
    assert not (folder / "models" / "mine.keras").exists()

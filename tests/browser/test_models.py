"""What a person does on the Models page, in a real browser: compare, hold a contest, look at mistakes."""

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def models(page):
    """Return the Models page on a desktop."""
    return go_to_models(page)


def go_to_models(page: Page) -> Page:
    page.goto(page.url.rstrip("/") + "/models")
    page.get_by_role("heading", name="Add your own").wait_for()
    return page


def choose(page: Page, part: str) -> None:
    page.locator(".st-key-models_part").get_by_text(part, exact=True).click()


def test_the_models_are_compared(models):
    expect(models.get_by_test_id("stDataFrame")).to_be_visible()
    for key in ("leaderboard_bars", "leaderboard_scatter"):
        expect(models.locator(f".st-key-{key} canvas, .st-key-{key} svg").first).to_be_visible()


def test_models_that_disagree_are_found_in_the_arena(models):
    choose(models, "Arena")
    verdict = models.locator(".st-key-arena h4")
    expect(verdict).to_contain_text("say")
    models.get_by_role("button", name="Find a digit they disagree on").click()
    expect(verdict).to_contain_text("doubtful")
    expect(models.locator(".st-key-arena_seen img")).to_be_visible()


def test_every_part_fits_on_a_phone(phone):
    go_to_models(phone)
    for part, seen in (
        ("Mistakes", "read wrong"),
        ("Cards", "What it learnt from"),
        ("Leaderboard", "Measure"),
    ):
        choose(phone, part)
        expect(phone.locator(".st-key-models")).to_contain_text(seen)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360

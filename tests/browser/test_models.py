"""What a person does on the Models page, in a real browser: compare, and hold a contest."""

from hands import go_to
from playwright.sync_api import expect


def test_models_are_compared_and_a_digit_found_on_which_they_disagree(page):
    go_to(page, "Models")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    for key in ("leaderboard_bars", "leaderboard_scatter"):
        expect(page.locator(f".st-key-{key} canvas, .st-key-{key} svg").first).to_be_visible()
    page.locator(".st-key-models_part").get_by_text("Arena", exact=True).click()
    verdict = page.locator(".st-key-arena h2")
    expect(verdict).to_contain_text("say")
    page.get_by_role("button", name="Find a digit they disagree on").click()
    expect(verdict).to_contain_text("doubtful")
    expect(page.locator(".st-key-arena_seen img")).to_be_visible()

"""What a student does on the page that explains the model, in a real browser."""

from playwright.sync_api import Page, expect
from test_draw import answer, draw_with_mouse

STEPS = 8


def heading(page: Page):
    return page.locator(".st-key-learn h3")


def settle(page: Page) -> None:
    """Wait until the page has taken in the last click."""
    page.wait_for_timeout(500)  # until it has begun
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(200)


def solve(page: Page) -> None:
    """Click through the choices until one is right."""
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


def test_a_drawn_digit_is_followed_through_two_steps(page):
    draw_with_mouse(page, 7, 180, 50, 50)
    expect(answer(page)).to_have_text("7")
    page.get_by_role("link", name="How it works").click()
    expect(heading(page)).to_have_text("A picture is a table of numbers")
    hidden = page.locator("table.numbers td", has_text="?")
    expect(hidden).to_have_count(1)
    solve(page)
    expect(hidden).to_have_count(0)
    page.get_by_role("button", name="Next").click()
    expect(heading(page)).to_have_text("Always the same size, always in the middle")
    solve(page)
    expect(page.get_by_alt_text("What the model gets of it")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(heading(page)).to_have_text("A picture is a table of numbers")
    expect(hidden).to_have_count(0)  # what was answered stays answered


def test_no_step_sticks_out_on_a_phone(phone):
    phone.goto(phone.url.rstrip("/") + "/learn")
    for step in range(STEPS):
        phone.get_by_text(f"Step {step + 1} of {STEPS}").wait_for()
        settle(phone)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360
        for table in phone.locator("table.numbers").all():
            box = table.bounding_box()
            assert box["x"] + box["width"] <= 360
        if step < STEPS - 1:
            phone.get_by_role("button", name="Next").click()

"""What a student does on the page that explains the model, in a real browser."""

from hands import answer, draw_with_mouse, go_to, solve
from playwright.sync_api import expect


def test_a_drawn_digit_is_followed_through_two_steps(page):
    draw_with_mouse(page, 7)
    expect(answer(page)).to_have_text("7")
    go_to(page, "How it works")
    heading = page.locator(".st-key-learn h2")
    expect(heading).to_have_text("A picture is a table of numbers")
    hidden = page.locator("table.numbers td", has_text="?")
    expect(hidden).to_have_count(1)
    solve(page)
    expect(hidden).to_have_count(0)
    page.get_by_role("button", name="Next").click()
    expect(heading).to_have_text("Always the same size, always in the middle")
    solve(page)
    expect(page.get_by_alt_text("What the model gets of it")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(heading).to_have_text("A picture is a table of numbers")
    expect(hidden).to_have_count(0)  # what was answered stays answered

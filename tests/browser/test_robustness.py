"""What a person does on the page that damages digits, in a real browser: move the slider, sweep, cancel."""

import re

from hands import answer, draw_with_mouse, go_to, settle
from playwright.sync_api import expect

MODELS = ("handwriting", "mnist_cnn", "mnist_robust")


def test_the_slider_changes_the_answers_and_a_sweep_is_cancelled_by_a_click(page):
    draw_with_mouse(page, 7)
    expect(answer(page)).to_have_text("7")
    go_to(page, "Try to break it")
    opinions = page.locator(".st-key-opinions .opinion")
    expect(opinions).to_have_count(len(MODELS))
    page.locator(".st-key-damage_severity").get_by_role("slider").focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    before, after = page.locator(".st-key-damaged img").all()
    expect(after).to_have_attribute("alt", "As it was")
    expect(after).to_have_attribute("src", before.get_attribute("src"))
    expect(opinions.filter(has_text="the same as before")).to_have_count(len(MODELS))
    page.keyboard.press("End")
    expect(after).to_have_attribute("alt", "Camera noise: 60% of the range")
    expect(after).not_to_have_attribute("src", before.get_attribute("src"))
    expect(opinions.filter(has_text="mnist_cnn")).to_contain_text("before: 7")
    expect(page.locator(".st-key-opinions table.bars")).to_have_count(len(MODELS))

    page.get_by_role("radio", name="Sweep").click()
    page.get_by_text(re.compile("All .* kinds of damage")).click()
    page.get_by_role("button", name="Start").click()
    page.locator(".st-key-sweep_charts [data-testid=stVegaLiteChart]").first.wait_for()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile(r"Stopped: \d+ of \d+ measured"))).to_be_visible()
    settle(page)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()

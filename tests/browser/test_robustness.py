"""What a person does on the page that damages digits, in a real browser: move the slider, sweep, cancel."""

import re

import pytest
from playwright.sync_api import Page, expect
from test_draw import answer, draw_with_mouse

MODELS = ("handwriting", "mnist_cnn", "mnist_robust")


def go_to_damage(page: Page) -> None:
    """Draw a seven, and go on with it to the page that damages it."""
    draw_with_mouse(page, 7, 180, 50, 50)
    expect(answer(page)).to_have_text("7")
    page.get_by_role("link", name="Try to break it").click()
    page.get_by_role("heading", name="Try to break it").wait_for()
    expect(opinions(page)).to_have_count(len(MODELS))


def opinions(page: Page):
    return page.locator(".st-key-opinions .opinion")


def test_the_slider_changes_the_picture_and_the_answers(page):
    go_to_damage(page)
    slider = page.locator(".st-key-damage_severity").get_by_role("slider")
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    before, after = page.locator(".st-key-damaged img").all()
    expect(after).to_have_attribute("alt", "As it was")
    expect(after).to_have_attribute("src", before.get_attribute("src"))
    expect(opinions(page).filter(has_text="the same as before")).to_have_count(len(MODELS))
    page.keyboard.press("End")
    expect(after).to_have_attribute("alt", "Camera noise: 60% of the range")
    expect(after).not_to_have_attribute("src", before.get_attribute("src"))
    expect(opinions(page).filter(has_text="mnist_cnn")).to_contain_text("before: 7")
    expect(page.locator(".st-key-opinions [data-testid=stVegaLiteChart]")).to_have_count(len(MODELS))


def test_a_sweep_is_cancelled_by_a_click_and_keeps_what_it_has(page):
    page.goto(page.url.rstrip("/") + "/robustness")
    page.get_by_role("radio", name="Sweep").click()
    start = page.get_by_role("button", name="Start")
    start.or_(page.get_by_text("There are no test digits here")).first.wait_for()
    if not start.count():
        pytest.skip("no test digits on this machine; the page says so")
    page.get_by_text(re.compile("All .* kinds of damage")).click()
    start.click()
    page.locator(".st-key-sweep_charts [data-testid=stVegaLiteChart]").first.wait_for()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile(r"Stopped: \d+ of \d+ measured"))).to_be_visible()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_nothing_sticks_out_on_a_phone(phone):
    phone.goto(phone.url.rstrip("/") + "/robustness")
    for way in ("Damage", "Attack", "Sweep"):
        phone.get_by_role("radio", name=way).click()
        phone.wait_for_timeout(1000)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360

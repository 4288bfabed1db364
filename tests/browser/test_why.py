"""What a person does on the page that shows why, in a real browser: layer, target, channels, an upload."""

from PIL import Image
from playwright.sync_api import Page, expect
from test_draw import answer, draw_with_mouse
from test_read import picture, upload

PARTS = {
    "Where it looks": ".st-key-heat img",
    "Inside": ".st-key-made_of canvas, .st-key-made_of svg",
    "Look-alikes": ".st-key-alike img",
    "What would change its mind": ".st-key-ink img",
}


def go_to_reasons(page: Page) -> None:
    """Draw a seven, and go on with it to the page that shows why."""
    draw_with_mouse(page, 7, 180, 50, 50)
    expect(answer(page)).to_have_text("7")
    page.get_by_role("link", name="Why this answer?").click()
    page.get_by_role("heading", name="Why this answer?").wait_for()
    page.locator(".st-key-heat img").first.wait_for()


def choose(page: Page, key: str, option: str) -> None:
    """Choose in a select box."""
    page.locator(f".st-key-{key} input").fill(option)  # a long list shows only what fits
    page.get_by_role("option", name=option, exact=True).click()


def heat(page: Page):
    return page.locator(".st-key-heat img").last


def test_layer_and_target_change_the_picture(page):
    go_to_reasons(page)
    expect(heat(page)).to_have_attribute("alt", "Grad-CAM for 7, layer last_conv")
    last = heat(page).get_attribute("src")
    choose(page, "heat_layer_handwriting", "stem2: 14 × 14")
    expect(heat(page)).to_have_attribute("alt", "Grad-CAM for 7, layer stem2")
    early = heat(page).get_attribute("src")
    assert early != last
    choose(page, "heat_target", "3")
    expect(heat(page)).to_have_attribute("alt", "Grad-CAM for 3, layer stem2")
    assert heat(page).get_attribute("src") not in (early, last)
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "grad_cam_3.png"
    with Image.open(download.value.path()) as image:
        assert image.format == "PNG"


def test_a_click_on_a_channel_enlarges_it(page):
    go_to_reasons(page)
    page.get_by_role("radio", name="Inside").click()
    grid = page.locator(".st-key-channels").get_by_test_id("stVegaLiteChart").locator("canvas, svg").first
    grid.wait_for()
    caption = page.get_by_text("Channel ").filter(has_text="of stem1: orange")
    before = caption.inner_text()
    grid.click(position={"x": 95, "y": 30})  # the second one
    expect(caption).not_to_have_text(before)


def test_nothing_sticks_out_on_a_phone(phone):
    phone.goto(phone.url.rstrip("/") + "/explain")
    for part, seen in PARTS.items():
        phone.get_by_role("radio", name=part).click()
        there = phone.locator(seen).or_(phone.get_by_text("There are no test digits here"))
        there.first.wait_for()
        phone.wait_for_timeout(1000)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_uploaded_digit_is_explained(page, tmp_path):
    page.goto(page.url.rstrip("/") + "/explain")
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").wait_for(state="attached")
    upload(page, picture(tmp_path, "4"))
    expect(answer(page)).to_have_text("4")
    expect(heat(page)).to_have_attribute("alt", "Grad-CAM for 4, layer last_conv")

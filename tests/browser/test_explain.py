"""What a person does on the page that shows why, in a real browser: layer, target, channels, an upload."""

from hands import answer, draw_with_mouse, go_to, picture, upload
from PIL import Image
from playwright.sync_api import Page, expect


def choose(page: Page, key: str, option: str) -> None:
    """Choose in a select box."""
    page.locator(f".st-key-{key} input").fill(option)  # a long list shows only what fits
    page.get_by_role("option", name=option, exact=True).click()


def test_layer_and_target_change_the_picture_and_a_click_enlarges_a_channel(page, tmp_path):
    draw_with_mouse(page, 7)
    expect(answer(page)).to_have_text("7")
    go_to(page, "Why this answer?")
    heat = page.locator(".st-key-heat img").last
    expect(heat).to_have_attribute("alt", "Grad-CAM for 7, layer last_conv")
    last = heat.get_attribute("src")
    choose(page, "heat_layer_handwriting", "stem2: 14 × 14")
    expect(heat).to_have_attribute("alt", "Grad-CAM for 7, layer stem2")
    early = heat.get_attribute("src")
    choose(page, "heat_target", "3")
    expect(heat).to_have_attribute("alt", "Grad-CAM for 3, layer stem2")
    assert len({last, early, heat.get_attribute("src")}) == 3
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "grad_cam_3.png"
    with Image.open(download.value.path()) as image:
        assert image.format == "PNG"

    page.get_by_role("radio", name="Inside").click()
    grid = page.locator(".st-key-channels").get_by_test_id("stVegaLiteChart").locator("canvas, svg").first
    grid.wait_for()
    caption = page.get_by_text("Channel ").filter(has_text="of stem1: orange")
    before = caption.inner_text()
    grid.click(position={"x": 95, "y": 30})  # the second one
    expect(caption).not_to_have_text(before)

    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").wait_for(state="attached")
    upload(page, picture(tmp_path, "4"))
    expect(answer(page)).to_have_text("4")

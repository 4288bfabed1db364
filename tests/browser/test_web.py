"""What a person does on the page of web/, in a real browser, with its files and no server behind them."""

import base64
import gzip
import io
import json
import os
from pathlib import Path

import axe
import numpy as np
import pytest
from hands import touch
from handwriting import strokes
from PIL import Image
from playwright.sync_api import Page, expect
from static_site import COMPLETE, WEB, build, draw, missing, on_screen, served
from test_draw import PLACES

from digits import Recognizer
from digits.config import models_dir
from digits.files import read_json

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
LETTER = [np.array(points, float) for points in ([(70, 220), (140, 50), (210, 220)], [(95, 160), (185, 160)])]
LETTER_APART = [points * 0.6 + [300, 60] for points in LETTER]

FAKE_CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 480];
  const pen = canvas.getContext("2d");
  setInterval(() => {
    pen.fillStyle = "#e8e4da";
    pen.fillRect(0, 0, 640, 480);
    [pen.strokeStyle, pen.lineWidth] = ["#223", 18];
    pen.stroke(new Path2D("M250 130L390 130L300 360"));
  }, 50);
  return canvas.captureStream();
};
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build and serve the page; return its address. Without Node.js skip, or fail if DIGITS_REQUIRE_NODE."""
    if reason := missing():
        pytest.fail(reason) if os.environ.get("DIGITS_REQUIRE_NODE") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("web")
    build(folder)
    with served(folder) as address:
        yield address


def open_site(chromium, site, **options):
    """Yield the page of a new visitor, ready with its models, then close it."""
    context = chromium.new_context(**options)
    page = context.new_page()
    page.sent, page.errors = [], []
    page.on("request", lambda request: page.sent.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.errors.append(message.text))
    page.goto(site)
    page.locator(COMPLETE).wait_for()
    yield page
    assert page.errors == []
    context.close()


@pytest.fixture
def page(chromium, site):
    yield from open_site(chromium, site, viewport={"width": 1200, "height": 900})


@pytest.fixture
def phone(chromium, site):
    options = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    yield from open_site(chromium, site, **options)


def answer(page: Page):
    return page.locator("#answer")


def choose(page: Page, text: str) -> None:
    page.get_by_text(text, exact=True).click()


def shown(page: Page) -> Image.Image:
    """Return what the canvas shows, black on white."""
    url = page.locator("#canvas").evaluate("canvas => canvas.toDataURL()")
    drawing = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    paper = Image.new("RGBA", drawing.size, "white")
    return Image.alpha_composite(paper, drawing).convert("L")


def test_the_models_of_the_page_are_those_of_the_app():
    for path in (WEB / "public" / "models").glob("*/card.json"):
        card, own = (read_json(file) for file in (path, models_dir() / f"{path.parent.name}.json"))
        assert card["sha256"] == own["sha256"]
        if "temperature" not in card:  # no reader: it only sees
            continue
        assert card["temperature"] == own["temperature"]
        assert card["unsureBelow"] == own["thresholds"]["unsure_below"]
        assert card["notADigitBelow"] == own["thresholds"].get("not_a_digit_below")


def test_ten_digits_drawn_with_the_mouse_are_read_as_python_reads_them(page, site):
    recognizer = Recognizer.load()
    for digit in range(10):
        draw(page, strokes(digit, *PLACES[digit]))
        expect(answer(page)).to_have_text(str(digit))
        expect(page.locator("#status")).to_contain_text("Sure")
        reading = recognizer.read_digit(shown(page))
        assert (reading.digit, reading.status) == (digit, "digit")
        width = page.locator("#bars .first i").evaluate("bar => parseFloat(bar.style.width)")
        assert width == pytest.approx(100 * reading.confidence, abs=2)
        expect(page.locator("#steps canvas")).to_have_count(4)
        page.get_by_role("button", name="Clear").click()
        expect(answer(page)).to_have_text("")
    assert all(url.startswith(site) for url in page.sent)  # nothing goes anywhere


def test_a_digit_drawn_with_a_finger_on_a_phone_is_read(phone):
    for points in on_screen(phone, strokes(3, 180, 50, 50)):
        touch(phone, points)
    expect(answer(phone)).to_have_text("3")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360  # nothing sticks out sideways


def test_several_digits_are_read_from_the_left_also_where_one_is_expected(page):
    draw(page, strokes(1, 120, 0, 80) + strokes(4, 120, 140, 80))
    expect(answer(page)).to_have_text("14")
    expect(page.locator("#status")).to_contain_text("Several digits")
    page.get_by_role("button", name="Clear").click()
    choose(page, "A number")
    for place, digit in enumerate((3, 0, 5, 8)):
        draw(page, strokes(digit, 130, 40 + 150 * place, 80))
    expect(answer(page)).to_have_text("3058")
    expect(page.locator("#boxes div")).to_have_count(4)
    expect(page.locator("#digits figure")).to_have_count(4)
    expect(page.locator("#status")).to_have_text("Sure of all 4.")


def test_a_keyboard_draws_takes_back_and_clears(page):
    page.keyboard.press("Tab")  # to what is written, then to the canvas
    page.keyboard.press("Tab")
    expect(page.locator("#canvas")).to_be_focused()
    for keys in (["ArrowUp"] * 7, [" "], ["ArrowDown"] * 15, [" "]):
        for key in keys:
            page.keyboard.press(key)
    expect(answer(page)).to_have_text("1")
    expect(page.locator("#spoken")).to_contain_text("1. Sure")
    page.keyboard.press("z")
    expect(answer(page)).to_have_text("")
    expect(page.locator("#spoken")).to_contain_text("Draw a digit")


def photographed() -> list[tuple[dict, Image.Image]]:
    """Return photos of numbers, and what Python reads on each."""
    taken = gzip.decompress((WEB / "golden" / "photos.gz").read_bytes())
    told = json.loads(gzip.decompress((WEB / "golden" / "canvases.json.gz").read_bytes()))["photos"]
    photos = np.frombuffer(taken, np.uint8).reshape(len(told), 105, 238)
    return list(zip(told, map(Image.fromarray, photos), strict=True))


@pytest.mark.parametrize(("key", "loads"), [("agreed", True), ("text", False)])
def test_a_number_on_a_photo_is_read_also_where_the_line_reader_is_missing(page, tmp_path, key, loads):
    if not loads:
        page.context.set_offline(True)  # a first visit does not bring it
    choose(page, "A number")
    for told, photo in photographed():
        if len(told["text"]) < 3:
            continue
        photo.save(file := tmp_path / "photo.png")
        page.locator("#file").set_input_files(file)
        expect(answer(page)).to_have_text(told[key])
        expect(page.locator("#boxes div")).to_have_count(len(told[key]))
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_text("")
    page.errors[:] = [error for error in page.errors if loads or "net::" not in error]


def test_drawn_digits_that_touch_fall_apart_once_the_pen_rests(page):
    with page.expect_response("**/models/line/*.bin"):
        choose(page, "A number")
    for place, digit in enumerate((3, 0, 5, 8)):
        draw(page, strokes(digit, 130, 140 + 76 * place, 80))
    expect(answer(page)).to_have_text("3058")
    expect(page.locator("#boxes div")).to_have_count(4)
    page.get_by_role("button", name="Clear").click()
    draw(page, strokes(1, 150, 30, 80) + strokes(1, 150, 120, 80))
    page.wait_for_timeout(1200)  # what the strokes say surely stays
    expect(answer(page)).to_have_text("11")
    expect(page.locator("#status")).to_have_text("Sure of all 2.")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(1200)
    expect(answer(page)).to_have_text("")


def test_a_drawing_without_anything_to_read_is_told_from_a_pale_picture(page):
    choose(page, "A number")
    draw(page, [np.array([[5.0, 150], [670, 150]])])
    expect(page.locator("#status")).to_contain_text("nothing here that could be read")


def test_a_picture_waits_for_nobody_and_is_tried_again(chromium, site, tmp_path):
    thin = tmp_path / "thin.png"
    Image.new("L", (300, 5), 255).save(thin)
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    page.route("**/models/finder/*.bin", lambda route: route.abort())
    page.goto(site)
    page.locator("html[data-ready]").wait_for()
    page.locator("#file").set_input_files(GOLDEN / "2.png")
    expect(page.locator("#status")).to_contain_text("could not be loaded")
    page.unroute("**/models/finder/*.bin")
    page.locator("#file").set_input_files(GOLDEN / "2.png")
    expect(answer(page)).to_have_text("2")
    choose(page, "A number")  # what is seen stays
    expect(answer(page)).to_have_text("2")
    page.locator("#file").set_input_files(thin)
    expect(page.locator("#status")).to_have_text(
        "This picture has 300 x 5 pixels; at least 8 x 8 are needed."
    )
    context.close()


def test_what_is_drawn_while_a_picture_is_on_its_way_stays(chromium, site):
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    waiting = []
    page.route("**/models/finder/*.bin", lambda route: waiting.append(route))
    page.goto(site)
    page.locator("html[data-ready]").wait_for()
    page.locator("#file").set_input_files(GOLDEN / "6.png")
    page.wait_for_timeout(200)
    draw(page, strokes(7, 180, 50, 50))
    expect(answer(page)).to_have_text("7")
    waiting[0].continue_()
    page.wait_for_timeout(1000)
    expect(answer(page)).to_have_text("7")
    page.locator("#file").set_input_files(GOLDEN / "6.png")
    expect(answer(page)).to_have_text("6")
    context.close()


def test_pictures_are_read_from_files_and_the_camera_or_refused_in_words(page):
    for digit in (2, 6):
        page.locator("#file").set_input_files(GOLDEN / f"{digit}.png")
        expect(answer(page)).to_have_text(str(digit))
    page.locator("#file").set_input_files(
        {"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.locator("#status")).to_contain_text("cannot be read as a picture")
    page.get_by_role("button", name="Camera").click()
    expect(page.locator("#status")).to_contain_text("no camera")
    page.evaluate(FAKE_CAMERA)
    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take the picture").click()
    expect(answer(page)).to_have_text("7")


def test_it_works_without_a_network_after_the_first_visit_and_only_one_model_knows_letters(page):
    page.context.set_offline(True)
    page.reload()
    page.locator(COMPLETE).wait_for()
    draw(page, LETTER)
    expect(answer(page)).to_have_text("?")  # the careful model
    expect(page.locator("#status")).to_contain_text("does not look like a digit")
    choose(page, "Tiny")
    expect(answer(page)).to_have_text("4")
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).not_to_have_text("4")


def test_nobody_is_shut_out(page):
    page.evaluate(axe.source())
    draw(page, strokes(7, 180, 50, 50))
    page.get_by_text("What its first layer makes of it").click()
    expect(page.locator("#channels canvas")).to_have_count(32)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert axe.violations(page) == []
    choose(page, "A number")
    draw(page, strokes(3, 130, 40, 80) + LETTER_APART)
    expect(page.locator("#digits figure")).to_have_count(2)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert axe.violations(page) == []

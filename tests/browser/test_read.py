"""What a person does on the Read page, in a real browser: upload, put right, choose in a table, write."""

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image
from playwright.sync_api import Page, expect
from test_draw import answer, send_touch

from digits.data.strokes import draw

WIDTH = 680  # of the canvas


@pytest.fixture
def reader(page):
    """Return the Read page on a desktop."""
    return go_to_reading(page)


def go_to_reading(page: Page) -> Page:
    page.goto(page.url.rstrip("/") + "/read")
    page.get_by_role("heading", name="Read a number").wait_for()
    return page


def picture(folder: Path, text: str) -> Path:
    row = np.hstack([draw(strokes(int(digit), 150, 60, 60), 280, 14) for digit in text])
    path = folder / f"{text}.png"
    Image.fromarray(255 - row).save(path)
    return path


def upload(page: Page, *paths: Path) -> None:
    page.locator("input[type=file]").set_input_files(paths)


def write(page: Page, text: str, touch: bool = False) -> None:
    """Write a number on the wide canvas, wherever and however large that is."""
    page.get_by_role("radio", name="Draw").click()
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    page.wait_for_timeout(1500)  # the canvas takes its size
    box = canvas.bounding_box()
    shown = box["width"] / WIDTH
    for place, digit in enumerate(text):
        for stroke in strokes(int(digit), 150 * shown, (20 + 130 * place) * shown, 70 * shown):
            points = [(float(x + box["x"]), float(y + box["y"])) for x, y in stroke]
            if touch:
                send_touch(page, points)
                continue
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=4)
            page.mouse.up()


def test_an_uploaded_number_is_read_shown_and_put_right(reader, tmp_path):
    upload(reader, picture(tmp_path, "2051"))
    expect(answer(reader)).to_have_text("2051")
    expect(reader.locator(".st-key-status")).to_contain_text("Sure")
    expect(reader.locator(".st-key-boxed img")).to_have_attribute("alt", "Every digit in a box: 2051")
    expect(reader.locator(".st-key-steps img")).to_have_count(4)
    third = reader.get_by_role("combobox", name="Digit 3")
    third.scroll_into_view_if_needed()
    third.click()
    reader.get_by_role("option", name="6", exact=True).click()
    expect(answer(reader)).to_have_text("2061")
    expect(reader.locator(".st-key-status")).to_contain_text("put right by you")
    reader.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    with reader.expect_download() as download:
        reader.get_by_role("button", name="CSV").click()
    (row,) = csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines())
    assert (row["file"], row["text"], row["status"]) == ("2051.png", "2061", "corrected")


def test_a_row_of_the_table_shows_its_picture(reader, tmp_path):
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(picture(tmp_path, "34"), "34.png")
        archive.writestr("bad.png", b"no picture")
    upload(reader, picture(tmp_path, "12"), tmp_path / "more.zip")
    table = reader.get_by_test_id("stDataFrame")
    table.wait_for()
    expect(answer(reader)).to_be_visible()
    table.locator("canvas").first.wait_for()
    table.scroll_into_view_if_needed()
    first = answer(reader).inner_text()
    other = {"12": "34", "34": "12"}[first]
    choose_line(reader, 2)  # after the bad file and the first answer
    expect(answer(reader)).to_have_text(other)
    choose_line(reader, 0)
    expect(reader.locator(".st-key-status")).to_contain_text("bad.png is not a picture")


def choose_line(page: Page, line: int) -> None:
    page.wait_for_timeout(500)  # the table is a canvas and finds its lines after it is painted
    box = page.get_by_test_id("stDataFrame").bounding_box()
    x, y = box["x"] + 17, box["y"] + 35 * (line + 1) + 17
    page.mouse.move(x, y, steps=3)
    page.mouse.click(x, y)


def test_a_number_written_with_the_mouse_is_read(reader):
    write(reader, "2051")
    expect(answer(reader)).to_have_text("2051")


def test_a_number_written_with_a_finger_on_a_phone_is_read_and_nothing_sticks_out(phone):
    go_to_reading(phone)
    write(phone, "2051", touch=True)
    expect(answer(phone)).to_have_text("2051")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    box = phone.locator("canvas.upper-canvas").bounding_box()
    assert box["x"] + box["width"] <= 360


def test_the_two_canvases_keep_their_own_drawings(reader):
    write(reader, "20")
    expect(answer(reader)).to_have_text("20")
    reader.get_by_role("link", name="Draw a digit").click()
    expect(reader.locator(".st-key-status")).to_contain_text("Draw a digit")
    reader.get_by_role("link", name="Read a number").click()
    expect(reader.get_by_text("Also read points")).to_be_visible()  # both pages have a way called "Draw"
    reader.get_by_role("radio", name="Draw").click()
    expect(answer(reader)).to_have_text("20")
    reader.get_by_role("button", name="Clear the canvas").click()
    expect(reader.locator(".st-key-status")).to_contain_text("Write a number")

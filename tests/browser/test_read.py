"""What a person does on the Read page, in a real browser: upload, put right, choose in a table, write."""

import csv
import io
import zipfile

from hands import answer, canvas, go_to, picture, settle, touch, upload, write
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Page, expect
from ruled import drawn


def test_uploaded_numbers_are_read_put_right_and_chosen_in_a_table(page, tmp_path):
    go_to(page, "Read a number")
    upload(page, picture(tmp_path, "2051"))
    expect(answer(page)).to_have_text("2051")
    expect(page.locator(".st-key-status")).to_contain_text("Sure")
    expect(page.locator(".st-key-boxed img")).to_have_attribute("alt", "Every digit in a box: 2051")
    expect(page.locator(".st-key-steps img")).to_have_count(4)
    third = page.get_by_role("combobox", name="Digit 3")
    third.scroll_into_view_if_needed()
    third.click()
    page.get_by_role("option", name="6", exact=True).click()
    expect(answer(page)).to_have_text("2061")
    expect(page.locator(".st-key-status")).to_contain_text("put right by you")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    (row,) = csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines())
    assert (row["file"], row["text"], row["status"]) == ("2051.png", "2061", "corrected")

    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(picture(tmp_path, "34"), "34.png")
        archive.writestr("bad.png", b"no picture")
    page.reload()
    page.get_by_text("Also read points").wait_for()
    upload(page, picture(tmp_path, "12"), tmp_path / "more.zip")
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    expect(answer(page)).to_be_visible()
    table.locator("canvas").first.wait_for()
    table.scroll_into_view_if_needed()
    other = {"12": "34", "34": "12"}[answer(page).inner_text()]
    choose_line(page, 2)  # after the bad file and the first answer
    expect(answer(page)).to_have_text(other)
    choose_line(page, 0)
    expect(page.locator(".st-key-status")).to_contain_text("bad.png is not a picture")


def choose_line(page: Page, line: int) -> None:
    page.wait_for_timeout(500)  # the table is a canvas and finds its lines after it is painted
    box = page.get_by_test_id("stDataFrame").bounding_box()
    x, y = box["x"] + 17, box["y"] + 35 * (line + 1) + 17
    page.mouse.move(x, y, steps=3)
    page.mouse.click(x, y)


def test_a_table_is_read_put_right_in_its_grid_and_taken_as_a_file(page, tmp_path):
    Image.fromarray(drawn()).save(tmp_path / "ruled.png")
    go_to(page, "Read a number")
    page.get_by_role("radio", name="Table").click()
    expect(page.locator(".st-key-status")).to_contain_text("Choose a picture of a table")
    upload(page, tmp_path / "ruled.png")
    expect(page.locator(".st-key-status")).to_contain_text("3 rows, 3 columns")
    expect(page.locator(".st-key-cells_boxed img")).to_be_visible()
    grid = page.get_by_test_id("stDataFrame")
    grid.locator("canvas").first.wait_for()
    page.wait_for_timeout(500)  # the grid is a canvas and finds its cells after it is painted
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 70, box["y"] + 35 + 17)
    page.keyboard.type("12", delay=100)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Rows add up to 17, 10, 20.")).to_be_visible()
    page.get_by_role("radio", name="Number").click()
    expect(page.get_by_text("What do you know of it?")).to_be_visible()
    page.get_by_role("radio", name="Table").click()
    expect(page.get_by_text("Rows add up to 17, 10, 20.")).to_be_visible()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    assert download.value.suggested_filename == "ruled.xlsx"
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert [list(row) for row in book.worksheets[0].values] == [[12, 2, 3], [4, None, 6], [7, 8, 5]]


def test_a_number_written_with_the_mouse_is_read_and_the_two_canvases_keep_their_own(page):
    go_to(page, "Read a number")
    write(page, "2051")
    expect(answer(page)).to_have_text("2051")
    page.get_by_role("link", name="Draw a digit").click()
    expect(page.locator(".st-key-status")).to_contain_text("Draw a digit")
    page.get_by_role("link", name="Read a number").click()
    expect(page.get_by_text("Also read points")).to_be_visible()  # both pages have a way called "Draw"
    page.get_by_role("radio", name="Draw").click()
    expect(answer(page)).to_have_text("2051")
    page.get_by_role("button", name="Clear the canvas").click()
    expect(page.locator(".st-key-status")).to_contain_text("Write a number")


def test_a_number_written_with_a_finger_on_a_phone_is_read(phone):
    go_to(phone, "Read a number")
    write(phone, "2051", touch)
    expect(answer(phone)).to_have_text("2051")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    box = canvas(phone).bounding_box()
    assert box["x"] + box["width"] <= 360

"""What a person does on the Read page, in a real browser: upload, put right, choose in a table, write."""

import csv
import io
import re
import zipfile
from pathlib import Path

from forms_made import PHOTOS, TEMPLATE
from hands import answer, canvas, go_to, picture, see_status, settle, touch, upload, write
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Page, expect
from ruled import ROWS, scrawled


def test_uploaded_numbers_are_read_put_right_and_chosen_in_a_table(page, tmp_path):
    go_to(page, "Read numbers, tables, forms")
    upload(page, picture(tmp_path, "2051"))
    expect(answer(page)).to_have_text("2051")
    see_status(page, "Sure")
    expect(page.locator(".paper img")).to_have_attribute("alt", "Every digit in a box: 2051")
    expect(page.locator(".st-key-steps img")).to_have_count(5)  # the parted ink, and each digit
    page.locator("g.item").filter(has_text="5").click()
    expect(walk(page)).to_be_focused()
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(answer(page)).to_have_text("2061")
    see_status(page, "put right by you")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    (row,) = csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines())
    assert (row["file"], row["text"], row["status"]) == ("2051.png", "2061", "corrected")

    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(picture(tmp_path, "34"), "34.png")
        archive.writestr("bad.png", b"no picture")
    page.get_by_role("button", name="Remove 2051.png").click()
    see_status(page, "Choose a picture")
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
    see_status(page, "bad.png is not a picture")


def choose_line(page: Page, line: int) -> None:
    page.wait_for_timeout(500)  # the table is a canvas and finds its lines after it is painted
    box = page.get_by_test_id("stDataFrame").bounding_box()
    x, y = box["x"] + 17, box["y"] + 35 * (line + 1) + 17
    page.mouse.move(x, y, steps=3)
    page.mouse.click(x, y)


def walk(page: Page):
    """Return the text box of the walk."""
    return page.locator(".walk input")


def left(page: Page):
    """Return how much is left to do."""
    return page.locator(".walk .left")


def cell(page: Page, row: int, column: int):
    """Return a cell of the grid, counted from 1."""
    return page.locator(f"td[data-row='{row - 1}'][data-column='{column - 1}']")


def bring_table(page: Page, folder: Path) -> None:
    Image.fromarray(scrawled()).save(folder / "ruled.png")
    go_to(page, "Read numbers, tables, forms")
    page.get_by_role("radio", name="Table").click()
    see_status(page, "Choose a picture of a table")
    upload(page, folder / "ruled.png")
    expect(left(page)).to_have_text("2 of 2 left")
    settle(page)


def file_of(page: Page, kind: str) -> Path:
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=kind, exact=True).click()
    return download.value


def rows_of(page: Page) -> list[list[str]]:
    return list(csv.reader(file_of(page, "CSV").path().read_text(encoding="utf-8").splitlines()))


def test_a_table_is_put_right_by_keyboard_alone_and_survives_a_reload(page, tmp_path, chromium):
    bring_table(page, tmp_path)
    see_status(page, "2 of 9 cells are doubtful")
    for _ in range(40):
        page.keyboard.press("Tab")
        if walk(page).evaluate("node => node.getRootNode().activeElement === node"):
            break
    expect(page.locator(".walk .title")).to_have_text("Row 2, column 1")  # the tick, the most doubtful
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(left(page)).to_have_text("1 of 2 left")
    expect(page.locator(".walk .title")).to_have_text("Row 1, column 2")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(left(page)).to_have_text("All 2 doubtful ones are put right.")
    expect(page.get_by_text("Rows add up to 6 ✓, 10, 20.")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".walk .title")).to_have_text("Row 2, column 1")
    page.keyboard.press("Escape")
    expect(left(page)).to_have_text("1 of 2 left")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(left(page)).to_have_text("All 2 doubtful ones are put right.")
    settle(page)
    page.keyboard.press("Control+z")
    expect(left(page)).to_have_text("1 of 2 left")
    expect(cell(page, 2, 1)).to_have_text("1111")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Rows add up to 6 ✓, 10, 20.")).to_be_visible()
    assert rows_of(page) == ROWS

    page.reload()
    expect(left(page)).to_have_text("All 2 doubtful ones are put right.")
    expect(page.locator(".st-key-kept_files")).to_contain_text("ruled.png")
    assert rows_of(page) == ROWS
    page.get_by_role("link", name="Draw a digit").click()
    page.locator(".st-key-status").get_by_text("Draw a digit").wait_for()
    page.get_by_role("link", name="Read numbers, tables, forms").click()
    expect(cell(page, 2, 1)).to_have_text("4")

    stranger = chromium.new_context()
    other = stranger.new_page()
    other.goto(page.url)  # the address alone shows nothing to another browser
    expect(other.get_by_text("Choose a picture of a number")).to_be_visible()
    stranger.close()


def test_the_grid_is_edited_and_taken_as_a_file(page, tmp_path):
    bring_table(page, tmp_path)
    cell(page, 1, 3).click()
    page.keyboard.type("12")
    page.keyboard.press("Enter")  # goes down
    expect(cell(page, 2, 3)).to_have_class("sure chosen")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Columns add up to 1119, 12, 24.")).to_be_visible()  # the tick is read as 1111
    book = load_workbook(io.BytesIO(file_of(page, "Excel").path().read_bytes()))
    assert [row[2] for row in book.worksheets[0].values] == [12, 7, 5]


def test_boxes_of_a_table_are_moved_joined_divided_and_added(page, tmp_path):
    bring_table(page, tmp_path)
    cell(page, 2, 3).click()
    tools = page.get_by_role("toolbar", name="Boxes")
    page.locator(".st-key-downloads").scroll_into_view_if_needed()
    box = page.locator("g.chosen rect.box").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + box["height"] / 2, steps=3)
    page.mouse.move(x, y + 1.14 * box["height"], steps=3)  # onto the 5 below
    page.mouse.up()
    expect(cell(page, 2, 3)).to_have_text("5")
    page.keyboard.press("Control+z")
    expect(cell(page, 2, 3)).to_have_text("6")
    cell(page, 3, 1).click()
    tools.get_by_role("button", name="Join").click()
    expect(page.locator("td[colspan='2']")).to_have_text("78")
    page.locator("td[colspan='2']").click()
    tools.get_by_role("button", name="Split").click()
    expect(cell(page, 3, 2)).to_have_text("8")
    tools.get_by_role("button", name="+ Row").click()
    expect(cell(page, 4, 3)).to_be_visible()
    cell(page, 3, 3).click()
    tools.get_by_role("button", name="Delete").click()
    expect(cell(page, 3, 3)).to_have_text("")
    settle(page)
    assert [row[2] for row in rows_of(page)] == ["3", "6", "", ""]


def test_a_digit_that_was_missed_gets_a_box(page, tmp_path):
    go_to(page, "Read numbers, tables, forms")
    upload(page, picture(tmp_path, "205"))
    expect(answer(page)).to_have_text("205")
    page.locator("g.item").nth(0).wait_for()
    tools = page.get_by_role("toolbar", name="Boxes")
    page.locator(".paper text", has_text="5").wait_for()
    tools.get_by_role("button", name="Delete").click()  # of the first
    expect(answer(page)).to_have_text("05")
    settle(page)
    tools.get_by_role("button", name="Box").click()
    sheet = page.locator(".paper svg").bounding_box()
    width = sheet["width"] / 3
    for to, do in (((0.1, 0.1), page.mouse.down), ((0.9, 0.9), page.mouse.up)):
        page.mouse.move(sheet["x"] + to[0] * width, sheet["y"] + to[1] * sheet["height"], steps=4)
        do()
    expect(answer(page)).to_have_text("205")


def test_a_number_written_with_the_mouse_is_read_and_the_two_canvases_keep_their_own(page):
    go_to(page, "Read numbers, tables, forms")
    write(page, "2051")
    expect(answer(page)).to_have_text("2051")
    page.get_by_role("link", name="Draw a digit").click()
    see_status(page, "Draw a digit")
    page.get_by_role("link", name="Read numbers, tables, forms").click()
    expect(page.get_by_text("Also read points")).to_be_visible()  # both pages have a way called "Draw"
    page.get_by_role("radio", name="Draw").click()
    expect(answer(page)).to_have_text("2051")
    page.get_by_role("button", name="Clear").click()
    see_status(page, "Write a number")


def test_a_number_written_with_a_finger_on_a_phone_is_read(phone):
    go_to(phone, "Read numbers, tables, forms")
    write(phone, "2051", touch)
    expect(answer(phone)).to_have_text("2051")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    box = canvas(phone).bounding_box()
    assert box["x"] + box["width"] <= 360


def test_a_form_is_read_put_right_by_keyboard_and_survives_a_reload(page):
    go_to(page, "Read numbers, tables, forms")
    page.get_by_role("radio", name="Form").click()
    see_status(page, "A form is marked once")
    settle(page)
    upload(page, TEMPLATE)
    see_status(page, "Choose photos")
    settle(page)
    upload(page, *PHOTOS[2:4])
    expect(left(page)).to_have_text(re.compile(r"^(\d) of \1 left$"), timeout=120_000)
    many = int(left(page).inner_text()[0])  # as the model is sure: two at least
    settle(page)
    walk(page).focus()
    title = page.locator(".walk .title")
    first = title.inner_text()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(title).not_to_have_text(first)
    for waiting in range(many - 1, 0, -1):
        expect(left(page)).to_have_text(f"{waiting} of {many} left")
        settle(page)
        page.keyboard.press("Space")  # it was read right, and after the last the other photo comes
    expect(left(page)).to_have_text("1 of 1 left")
    settle(page)
    assert {row["file"]: row[first] for row in forms_of(page)}["photo4.jpg"] == "3"
    page.reload()
    expect(page.locator(".st-key-template")).to_contain_text("Marks sheet: 9 boxes")
    expect(left(page)).to_contain_text("Enter goes on: 1 more picture.", timeout=120_000)
    settle(page)
    assert {row["file"]: row[first] for row in forms_of(page)}["photo4.jpg"] == "3"


def forms_of(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(file_of(page, "CSV").path().read_text(encoding="utf-8").splitlines()))

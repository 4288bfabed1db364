"""Sheets from print to reading: the PDF in the paper's size, and what a person should look at."""

import re

import filled_sheets as sheets
import numpy as np
import pytest

from digits.data.collection import sheet
from digits.forms.sheet import LAYOUTS
from digits.forms.sheet_cells import Cell
from digits.reading import Reading, no_idea


@pytest.mark.parametrize(("paper", "size"), [("A4", (595.28, 841.89)), ("Letter", (612, 792))])
def test_the_pdf_is_one_page_in_the_papers_size(paper, size):
    pdf = sheet.sheet_pdf(LAYOUTS[paper])
    assert pdf.startswith(b"%PDF")
    (box,) = re.findall(rb"/MediaBox \[([^\]]+)\]", pdf)
    left, low, width, height = map(float, box.split())
    assert (left, low) == (0, 0)
    assert (width, height) == pytest.approx(size, abs=0.5)  # points of 1/72 inch
    assert len(pdf) < 100_000
    assert sheet.sheet_pdf(LAYOUTS[paper]) == pdf, "the same sheet is the same file"


def test_nothing_is_printed_inside_a_box():
    printed = sheets.sheet_photos.print_sheet(LAYOUTS["Letter"], 6)
    for x, y, w, h in LAYOUTS["Letter"].boxes:
        inner = printed[
            round((y + 1) * 6) : round((y + h - 1) * 6), round((x + 1) * 6) : round((x + w - 1) * 6)
        ]
        assert inner.min() == 1


def written(label, digit, status="digit", at_edge=False):
    ink = np.zeros((40, 30), np.float32)
    reading = Reading(digit, no_idea(), status, np.zeros((28, 28), np.float32))
    return sheet.Written(Cell(10 * label, label, ink, at_edge), ink, reading)


@pytest.mark.parametrize(
    ("one", "doubts", "is_digit"),
    [
        (written(4, 4), [], True),
        (written(4, 9), ["reads like 9"], True),
        (written(4, 4, "unsure"), ["hard to read"], True),
        (written(4, 9, "unsure", at_edge=True), ["reads like 9", "touches the box"], True),
        (written(4, None, "not_a_digit"), ["not like a digit"], False),
        (written(4, None, "several"), ["several digits"], False),
        (written(4, 4, at_edge=True), ["touches the box"], True),
    ],
)
def test_what_is_doubtful_and_why(one, doubts, is_digit):
    assert one.doubts == doubts
    assert one.is_digit == is_digit


def test_a_photo_is_read_box_by_box(recognizer):
    filled = sheet.read_sheet(sheets.photo(tilt=25, towards=70), recognizer)
    assert (filled.paper, filled.boxes, len(filled.written)) == ("A4", 100, 96)
    right = [one.reading.digit == one.cell.label for one in filled.written]
    assert np.mean(right) > 0.97
    assert all(one.framed.shape == (28, 28) and one.framed.max() > 0.5 for one in filled.written)
    assert len(filled.doubtful) < 10
    svg = sheet.marked_svg(filled)
    assert svg.count('<rect class="mark"') == len(filled.doubtful)


def test_a_photo_without_a_sheet_is_one_sentence(recognizer):
    with pytest.raises(ValueError, match="There is no sheet on this photo"):
        sheet.read_sheet(np.full((400, 300), 200, np.uint8), recognizer)

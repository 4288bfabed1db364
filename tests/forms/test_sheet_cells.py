"""What is cut out of a sheet: the right boxes, the writing and nothing else."""

import filled_sheets as sheets
import numpy as np
import pytest

from digits.forms.sheet import LAYOUTS, Straight, straighten
from digits.forms.sheet_cells import cut
from evaluation.handwriting.simulate import sheet_photos

EVERY = set(range(100)) - sheets.EMPTY


def agreement(cells, paper, tall=(0.5, 0.75)):
    """Return how much of all ink is both written and found, per box (intersection over union)."""
    from digits.forms.sheet_cells import _around, _pixels

    truth = sheets.truth(paper, tall)
    boxes = LAYOUTS[paper].boxes
    shares = []
    for cell in cells:
        wanted = truth[_around(_pixels(boxes[cell.place]))]
        found = cell.ink > 0.5
        shares.append((wanted & found).sum() / (wanted | found).sum())
    return np.array(shares)


@pytest.mark.parametrize("view", [{}, {"turn": 266, "tilt": 25, "towards": 45}])
def test_every_box_is_found_with_its_label_and_its_ink(view):
    cells = cut(straighten(sheets.photo(**view)))
    assert [cell.place for cell in cells] == sorted(EVERY)
    assert all(cell.label == cell.place // 10 for cell in cells)
    assert not any(cell.at_edge for cell in cells)
    shares = agreement(cells, "A4")
    assert np.median(shares) > 0.75
    assert shares.min() > 0.5


def test_paper_that_bends_by_a_millimetre_is_read_too():
    cells = cut(straighten(sheets.photo(bend=1.0, tilt=20)))
    assert {cell.place for cell in cells} == EVERY
    assert not any(cell.at_edge for cell in cells)


def test_an_empty_sheet_has_no_cell():
    layout, rng = LAYOUTS["A4"], np.random.default_rng(1)
    printed = sheet_photos.print_sheet(layout, sheets.PRINTED)
    for even in (True, False):
        picture = sheet_photos.shoot(printed, layout, sheet_photos.View(size=sheets.SIZE), rng, even)
        assert cut(straighten(picture)) == []


def test_writing_over_the_lines_survives_and_is_said_so():
    tall = (0.95, 1.1)
    layout, view = LAYOUTS["A4"], sheet_photos.View(size=sheets.SIZE, tilt=10)
    picture = sheet_photos.shoot(sheets.sheet("A4", tall), layout, view, np.random.default_rng(4))
    cells = cut(straighten(picture))
    assert {cell.place for cell in cells} == EVERY
    assert np.mean([cell.at_edge for cell in cells]) > 0.7
    shares = agreement(cells, "A4", tall)
    assert np.median(shares) > 0.7
    assert shares.min() > 0.4


def test_writing_that_runs_into_the_next_box_is_parted():
    layout, rng = LAYOUTS["A4"], np.random.default_rng(5)
    x, y, w, h = layout.boxes[3]
    bar = [np.array([[x + 3, y + h / 2], [x + w + 2.8 + w - 3, y + h / 2]])]
    sheet = sheet_photos.write(
        sheet_photos.print_sheet(layout, sheets.PRINTED), {3: bar}, sheets.PRINTED, rng, "blue", 0.8
    )
    cells = cut(
        straighten(sheet_photos.shoot(sheet, layout, sheet_photos.View(size=sheets.SIZE), rng, even=True))
    )
    assert [cell.place for cell in cells] == [3, 4]
    assert all(cell.at_edge for cell in cells)


def test_a_faint_pencil_is_ink_and_a_dot_is_not():
    layout, rng = LAYOUTS["A4"], np.random.default_rng(6)
    printed = sheet_photos.print_sheet(layout, sheets.PRINTED)
    some = {place: sheets.written("A4")[place] for place in (0, 11, 22)}
    x, y, w, h = layout.boxes[60]
    dot = {60: [np.array([[x + w / 2, y + h / 2]])]}
    pencil = sheet_photos.write(printed, some | dot, sheets.PRINTED, rng, "pencil", 0.5)
    pale = 1 - 0.5 * (1 - pencil)
    pale[: round(35 * 6)], pale[-round(28 * 6) :] = pencil[: round(35 * 6)], pencil[-round(28 * 6) :]
    cells = cut(straighten(sheet_photos.shoot(pale, layout, sheet_photos.View(size=sheets.SIZE), rng)))
    assert [cell.place for cell in cells] == [0, 11, 22]


def test_a_blank_page_is_no_trouble():
    layout = LAYOUTS["Letter"]
    blank = np.full((round(layout.size[1] * 8), round(layout.size[0] * 8)), 255, np.uint8)
    assert cut(Straight(layout, blank)) == []

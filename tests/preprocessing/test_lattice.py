"""From a picture up to the network: candidates and their frames, the way through them, marks, neighbours."""

import numpy as np
import pytest
from pages import stacked, touching, written_line
from pathologies import on_paper, picture, written

from digits.preprocessing.frame import frame
from digits.preprocessing.lattice import find_layout, frame_single


def page_of(ink):
    return find_layout(np.round(on_paper(ink)).astype(np.uint8))


def scores(page, *good):
    """Return scores by which only candidates near one of these (left, right) places read well."""

    def near(box):
        return any(max(abs(box[0] - left), abs(box[0] + box[2] - right)) <= 8 for left, right in good)

    return np.array([-0.01 if near(candidate.piece.box) else -6.0 for candidate in page.candidates])


def places(ink):
    """Return (left, right) of everything that stands apart."""
    inked = np.concatenate([[False], (ink > 0.35).any(axis=0), [False]])
    steps = np.flatnonzero(inked[1:] != inked[:-1])
    return [(int(left), int(right)) for left, right in steps.reshape(-1, 2)]


def chosen_boxes(page, chosen):
    return [[page.candidates[i].piece.box for i in line] for line in chosen]


def test_each_candidate_has_its_frame():
    page = page_of(written_line("407"))
    assert page.frames.shape == (len(page.candidates), 28, 28)
    assert page.frames.dtype == np.float32
    assert page.frames.min() >= 0
    assert page.frames.max(axis=(1, 2)).min() > 0.5
    assert list(page.steps()) == ["Your picture", "Ink found"]


@pytest.mark.parametrize("blank", [np.full((50, 50), 255, np.uint8), np.zeros((100, 30, 3), np.uint8)])
def test_a_blank_page_has_no_candidates(blank):
    page = find_layout(blank)
    assert (page.lines, page.candidates, page.frames.shape) == ([], [], (0, 28, 28))
    assert page.best(np.zeros(0)) == []
    assert page.marks([]) == []
    assert frame_single(blank).status == "blank"


@pytest.mark.parametrize("digit", [0, 2, 3, 5, 8])
def test_a_lone_digit_is_prepared_whole(digit):
    ink = written(digit)
    reading = frame_single(picture("plain", digit))
    rows, columns = np.flatnonzero((ink > 0.5).any(axis=1)), np.flatnonzero((ink > 0.5).any(axis=0))
    expected = columns[0], rows[0], np.ptp(columns) + 1, np.ptp(rows) + 1
    assert np.abs(np.subtract(reading.box, expected)).max() <= 2
    assert (reading.status, reading.digit) == ("digit", None)
    assert np.abs(reading.framed - frame(ink).image).mean() < 0.02
    assert list(reading.steps)[-1] == "28 × 28"


def test_what_is_no_single_digit_is_prepared_with_its_status():
    block = np.full((100, 100), 255, np.uint8)
    block[35:60, 40:70] = 0
    assert frame_single(block).status == "not_a_digit"
    apart = np.round(on_paper(written_line("407", gap=60))).astype(np.uint8)
    below = np.round(on_paper(stacked(written_line("4"), written_line("0")))).astype(np.uint8)
    assert frame_single(apart).status == frame_single(below).status == "several"


@pytest.mark.parametrize("radius", [20, 60, 120])
@pytest.mark.parametrize("light", [False, True])
def test_a_filled_disc_is_no_digit_however_large(radius, light):
    rows, columns = np.mgrid[:280, :280]
    disc = np.where((rows - 140) ** 2 + (columns - 140) ** 2 < radius**2, 0, 255).astype(np.uint8)
    reading = frame_single(255 - disc if light else disc)
    assert reading.status == "not_a_digit", "not a 0 whose inside was taken for paper"
    assert not reading.asked


def test_boxes_are_in_pixels_of_the_picture_however_large():
    ink = written_line("3", margin=80)
    small = np.round(on_paper(ink)).astype(np.uint8)
    large = np.repeat(np.repeat(small, 8, axis=0), 8, axis=1)
    assert np.subtract(frame_single(large).box, 8 * np.array(frame_single(small).box)) == pytest.approx(
        0, abs=16
    )


def test_the_best_way_is_given_line_by_line_in_places_among_all_candidates():
    upper, lower = written_line("31"), written_line("503")
    page = page_of(stacked(upper, lower))
    found = chosen_boxes(page, page.best(scores(page, *places(upper), *places(lower))))
    assert [len(line) for line in found] == [2, 3]
    assert [box[0] for box in found[0]] == pytest.approx([left for left, _ in places(upper)], abs=8)
    assert [box[0] for box in found[1]] == pytest.approx([left for left, _ in places(lower)], abs=8)
    assert max(box[1] for box in found[0]) < len(upper) <= min(box[1] for box in found[1])


def test_where_one_digit_is_expected_doubtful_cuts_are_not_made():
    page = page_of(touching("33"))
    whole = np.array([candidate.whole for candidate in page.candidates])
    found = np.where(whole, -3.0, -0.5)
    assert len(page.best(found)[0]) == 2
    assert [page.candidates[i].whole for i in page.best(found, alone=True)[0]] == [True]


MARKS = {
    "-12.5": [(0, "-"), (2, ".")],
    "3,14": [(1, ",")],
    "12 34": [(2, " ")],
    "1,50 2,75": [(1, ","), (3, " "), (4, ",")],
    "24-35": [(2, "-")],
    "407": [],
}


@pytest.mark.parametrize("number", MARKS)
@pytest.mark.parametrize("size", [40, 100])
def test_marks_say_before_which_digit_they_stand(number, size):
    ink = written_line(number, size=size, gap=0.22 * size, pen=0.08 * size)
    page = page_of(ink)
    digits = [
        place for place, name in zip(places(ink), number.replace(" ", ""), strict=True) if name.isdigit()
    ]
    assert page.marks(page.best(scores(page, *digits))) == [MARKS[number]]


def test_neighbours_that_the_picture_cuts_off_are_left_out():
    page = find_layout(picture("neighbours cut off", 5))
    edges = [i for i, candidate in enumerate(page.candidates) if candidate.at_edge]
    (middle, *_) = [
        i
        for i, c in enumerate(page.candidates)
        if not c.at_edge and abs(c.piece.box[0] + c.piece.box[2] / 2 - 101) < 8
    ]
    found = np.zeros(len(page.candidates))
    assert edges
    assert page.main([edges[0], middle, edges[-1]], found) == [middle]
    assert page.main([middle], found) == [middle]
    assert page.main([edges[0]], found) == [edges[0]]
    assert page.main([], found) == []


def test_digits_that_stand_inside_the_picture_are_all_kept():
    ink = written_line("407", gap=60)
    page = page_of(ink)
    found = scores(page, *places(ink))
    (chosen,) = page.best(found)
    assert len(chosen) == 3
    assert page.main(chosen, found) == chosen


def halves(page):
    """Return the places of the whole of a line, and of two candidates that make it up."""
    last = max(candidate.last for candidate in page.candidates)
    ends = {(candidate.first, candidate.last): i for i, candidate in enumerate(page.candidates)}
    cut = next(cut for cut in range(1, last) if {(0, cut), (cut, last)} <= ends.keys())
    return ends[0, last], [ends[0, cut], ends[cut, last]]


def test_what_hangs_together_is_one_digit_however_well_its_parts_read():
    page = page_of(written(8, size=200, left=20, top=20)[:, 22:])  # cut off a little, so that it may be cut
    whole, parts = halves(page)
    found = np.zeros(len(page.candidates))
    found[whole] = -8.0
    assert page.main(parts, found) == [whole]


def test_what_the_edge_cuts_off_is_taken_apart_where_it_does_not_read_well():
    ink = written(8, size=200, left=20, top=20)
    page = page_of(ink[:, 60:])
    whole, parts = halves(page)
    assert page.candidates[whole].at_edge
    found = np.zeros(len(page.candidates))
    found[whole] = -0.5
    assert page.main(parts, found) == [whole]
    found[whole] = -8.0
    assert whole not in page.main(parts, found)

"""The layout of a picture: frames of all candidates, the way through them, neighbours, and marks by shape."""

import numpy as np
import pytest
from pages import stacked, touching, written_line
from pathologies import on_paper, picture, written

from digits.preprocessing.frame import frame
from digits.preprocessing.ink import find_ink
from digits.preprocessing.lattice import find_hypotheses, frame_single, layout_of, name_mark, spaces


def find_layout(picture):
    return layout_of(find_ink(picture))


def drawn(ink):
    return find_layout(np.round(on_paper(ink)).astype(np.uint8))


@pytest.mark.parametrize("name", ["ruled", "printed box"])
def test_what_is_printed_is_no_part_of_a_frame(name):
    expected = frame_single(picture("plain", 3)).framed
    assert np.abs(frame_single(picture(name, 3)).framed - expected).mean() < 0.05


def test_paper_is_glimpsed_in_three_views_and_a_drawing_once_as_ink_on_paper():
    rng = np.random.default_rng(0)
    paper = on_paper(written(3))
    _, screen, views = find_hypotheses(
        np.clip(paper + rng.normal(0, 5, paper.shape), 0, 255).astype(np.uint8)
    )
    assert (screen, views.shape) == (False, (3, 64, 64, 2))
    wide = [np.ptp(np.flatnonzero((view[..., 0] < -2).any(axis=0))) for view in views]
    assert wide[0] > wide[1] > wide[2], "the more of the paper, the less of the digit"
    light, dark = (
        find_hypotheses(picture)
        for picture in (255 - np.round(paper).astype(np.uint8), paper.astype(np.uint8))
    )
    assert light[1] is dark[1] is True
    assert light[2].shape == (1, 64, 64, 2)
    assert light[2] == pytest.approx(dark[2], abs=0.2)
    assert light[2][..., 0].min() < -2
    assert light[2][..., 0].max() < 2


@pytest.mark.parametrize("digit", [0, 5, 8])
def test_a_lone_digit_is_prepared_whole(digit):
    ink = written(digit)
    reading = frame_single(picture("plain", digit))
    rows, columns = np.flatnonzero((ink > 0.5).any(axis=1)), np.flatnonzero((ink > 0.5).any(axis=0))
    expected = columns[0], rows[0], np.ptp(columns) + 1, np.ptp(rows) + 1
    assert np.abs(np.subtract(reading.box, expected)).max() <= 2
    assert reading.status == "digit"
    assert np.abs(reading.framed - frame(ink)).mean() < 0.02


def test_digits_beside_or_below_each_other_are_several():
    apart = np.round(on_paper(written_line("407", gap=60))).astype(np.uint8)
    below = np.round(on_paper(stacked(written_line("4"), written_line("0")))).astype(np.uint8)
    assert frame_single(apart).status == frame_single(below).status == "several"


@pytest.mark.parametrize("radius", [20, 120])
@pytest.mark.parametrize("light", [False, True])
def test_a_filled_disc_is_no_digit_however_large(radius, light):
    rows, columns = np.mgrid[:280, :280]
    disc = np.where((rows - 140) ** 2 + (columns - 140) ** 2 < radius**2, 0, 255).astype(np.uint8)
    reading = frame_single(255 - disc if light else disc)
    assert reading.status == "not_a_digit", "not a 0 whose inside was taken for paper"


def test_where_one_digit_is_expected_doubtful_cuts_are_not_made():
    layout = drawn(touching("33"))
    whole = np.array([candidate.whole for candidate in layout.candidates])
    found = np.where(whole, -3.0, -0.5)
    assert len(layout.best(found)[0]) == 2
    assert [layout.candidates[i].whole for i in layout.best(found, alone=True)[0]] == [True]


def test_neighbours_that_the_picture_cuts_off_are_left_out():
    layout = find_layout(picture("neighbours cut off", 5))
    edges = [i for i, candidate in enumerate(layout.candidates) if candidate.at_edge]
    (middle, *_) = [
        i for i, c in enumerate(layout.candidates) if not c.at_edge and abs(c.box[0] + c.box[2] / 2 - 101) < 8
    ]
    found = np.zeros(len(layout.candidates))
    assert edges
    assert layout.main([edges[0], middle, edges[-1]], found) == [middle]
    assert layout.main([middle], found) == [middle]
    assert layout.main([edges[0]], found) == [edges[0]]
    assert layout.main([], found) == []


def halves(layout):
    """Return the places of the whole of a line, and of two candidates that make it up."""
    last = max(candidate.last for candidate in layout.candidates)
    ends = {(candidate.first, candidate.last): i for i, candidate in enumerate(layout.candidates)}
    cut = next(cut for cut in range(1, last) if {(0, cut), (cut, last)} <= ends.keys())
    return ends[0, last], [ends[0, cut], ends[cut, last]]


def test_what_hangs_together_is_one_digit_however_well_its_parts_read():
    layout = drawn(written(8, size=200, left=20, top=20)[:, 22:])  # cut off a little, so that it may be cut
    whole, parts = halves(layout)
    found = np.zeros(len(layout.candidates))
    found[whole] = -8.0
    assert layout.main(parts, found) == [whole]


def test_what_the_edge_cuts_off_is_taken_apart_where_it_does_not_read_well():
    ink = written(8, size=200, left=20, top=20)
    layout = drawn(ink[:, 60:])
    whole, parts = halves(layout)
    assert layout.candidates[whole].at_edge
    found = np.zeros(len(layout.candidates))
    found[whole] = -0.5
    assert layout.main(parts, found) == [whole]
    found[whole] = -8.0
    assert whole not in layout.main(parts, found)


HEIGHT = 100
DIGITS = [(0, 0, 60, HEIGHT), (120, 0, 60, HEIGHT)]
"""Boxes of two digits, with room for a mark between them."""

PLACES = {
    "a point on the line": ((85, 90, 10, 10), "."),
    "a fat point": ((80, 80, 20, 20), "."),
    "a point a little below the line": ((85, 97, 10, 10), "."),
    "a comma below the line": ((85, 88, 12, 32), ","),
    "a slanting comma": ((80, 90, 18, 34), ","),
    "a short stroke on the line": ((85, 80, 8, 20), ","),
    "a minus sign": ((75, 47, 35, 7), "-"),
    "a steep minus sign": ((75, 42, 35, 16), "-"),
    "a point in the middle": ((85, 45, 10, 10), None),
    "a speck above": ((85, 5, 8, 8), None),
    "an apostrophe": ((85, 5, 8, 25), None),
    "an underline": ((0, 118, 180, 8), None),
    "a line above": ((60, -20, 60, 8), None),
    "a block on the line": ((65, 55, 45, 45), None),
    "a point far away": ((400, 90, 10, 10), None),
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("scale", [0.3, 4])
def test_marks_are_named_by_shape_and_place(name, scale):
    box, expected = PLACES[name]

    def sized(box):
        return tuple(round(side * scale) for side in box)

    assert name_mark(sized(box), [sized(digit) for digit in DIGITS], HEIGHT * scale) == expected


def row(*gaps, width=60):
    """Return boxes with these gaps between them."""
    lefts = [0]
    for gap in gaps:
        lefts.append(lefts[-1] + width + gap)
    return [(left, 0, width, HEIGHT) for left in lefts]


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ((15, 90, 15), [2]),
        ((15, 90, 15, 20, 110, 10), [2, 5]),
        ((15, 20, 15), []),
        ((80, 90, 85, 80), []),
        ((-10, 5, -4), []),
    ],
)
def test_a_space_is_far_wider_than_the_usual_gap(gaps, expected):
    assert spaces(row(*gaps), HEIGHT) == expected

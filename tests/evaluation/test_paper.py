"""Simulated handwriting: the same seed, the same picture; digits where the boxes say; touching ones touch."""

import cv2
import numpy as np
import pytest
from handwriting import strokes

from evaluation.handwriting.simulate import doodles, paper, pens


def digits(number):
    return [strokes(int(digit), 1.0, 0, 0) for digit in number]


def ink_of(picture):
    """Return where a clean black-and-white picture has ink: whatever is rarer."""
    bright = picture > 127
    return bright if bright.mean() < 0.5 else ~bright


MAKERS = {
    "canvas": lambda rng: pens.canvas(*digits("3"), rng),
    "paint": lambda rng: pens.paint(*digits("3"), rng),
    "postal": lambda rng: pens.postal(*digits("3"), rng),
    "binary_scan": lambda rng: pens.binary_scan(*digits("3"), rng),
    "touching": lambda rng: pens.touching(digits("35"), rng),
    "photo": lambda rng: paper.photo(*digits("3"), rng),
    "number_photo": lambda rng: paper.number_photo(digits("350"), rng)[0],
    "scribble": doodles.scribble,
    **{kind: lambda rng, kind=kind: doodles.nothing(kind, rng) for kind in doodles.NOTHING},
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_seed_alone_decides_what_a_picture_looks_like(name):
    first, again, other = (MAKERS[name](np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_pictures_have_the_sizes_of_what_they_stand_for():
    rng = np.random.default_rng(1)
    assert [MAKERS[name](rng).shape for name in ("canvas", "paint", "postal", "binary_scan")] == [
        (280, 280),
        (28, 28),
        (16, 16),
        (16, 16),
    ]
    for _ in range(8):
        height, width, channels = MAKERS["photo"](rng).shape
        assert 100 <= min(height, width) <= max(height, width) <= 1200
        assert channels == 3


def test_canvases_are_half_dark_half_light_and_keep_the_digit_inside():
    corners = [pens.canvas(*digits("8"), np.random.default_rng(seed)) for seed in range(60)]
    dark = [picture[0, 0] == 0 for picture in corners]
    assert 18 <= sum(dark) <= 42
    for picture in corners:
        ink = ink_of(picture)
        assert ink.any()
        assert ink.sum() == ink[1:-1, 1:-1].sum()


def test_scans_fill_their_frame():
    for seed in range(20):
        scan = ink_of(pens.binary_scan(*digits("3"), np.random.default_rng(seed)))
        assert scan[0].any()
        assert scan[-1].any()
        assert scan[:, 0].any()
        assert scan[:, -1].any()
        picture = pens.binary_scan(*digits("7"), np.random.default_rng(seed))
        assert set(np.unique(picture)) == {0, 255}
        postal = pens.postal(*digits("3"), np.random.default_rng(seed))
        rows = np.ptp(postal.astype(int), axis=1)
        assert rows.min() > 60  # ink in every row, beside paper


def test_a_bar_is_not_stretched_into_a_block():
    bar = [np.array([[0.5, 0.0], [0.5, 1.0]])]
    for seed in range(10):
        picture = pens.binary_scan(bar, np.random.default_rng(seed))
        assert 0.1 < ink_of(picture).mean() < 0.45


def test_a_paint_programs_brush_has_hard_edges():
    for seed in range(20):
        picture = pens.paint(*digits("2"), np.random.default_rng(seed))
        assert set(np.unique(picture)) == {0, 255}
        assert ink_of(picture).any()


def test_touching_digits_are_in_one_piece():
    for seed in range(25):
        picture = pens.touching(digits("0237"), np.random.default_rng(seed))
        pieces, _ = cv2.connectedComponents(ink_of(picture).astype(np.uint8))
        assert pieces == 2, seed  # the paper and the ink


def test_the_ink_of_a_number_lies_in_its_boxes_in_reading_order():
    written = [paper.placed(digit, 80, 60 + 110 * i, 90) for i, digit in enumerate(digits("2530"))]
    for seed in range(12):
        rng = np.random.default_rng(seed)
        picture, boxes = paper.photograph(written, (180, 520), 80, rng, ruled=False)
        grey = cv2.GaussianBlur(picture.mean(axis=2).astype(np.float32), (0, 0), 1.5)
        darker = cv2.GaussianBlur(grey, (0, 0), 12) - grey
        outside = np.ones(grey.shape, bool)
        for x, y, w, h in boxes:
            outside[max(0, y - 3) : y + h + 3, max(0, x - 3) : x + w + 3] = False
        strongest = [darker[y : y + h, x : x + w].max() for x, y, w, h in boxes]
        assert len(boxes) == 4
        assert min(strongest) > darker[outside].max(), seed
        assert all(a[0] + a[2] < b[0] for a, b in zip(boxes[:-1], boxes[1:], strict=True))


def test_lines_come_one_below_the_other_and_a_shape_can_be_asked_for():
    rows = [digits("12"), digits("345"), digits("6")]
    picture, boxes = paper.lines_photo(rows, np.random.default_rng(2), tall=40, shape=(300, 400))
    assert picture.shape == (300, 400, 3)
    middles = [y + h / 2 for _, y, _, h in boxes]
    assert max(middles[:2]) < min(middles[2:5]) < max(middles[2:5]) < middles[5]
    assert all(x >= 0 and y >= 0 and x + w <= 400 and y + h <= 300 for x, y, w, h in boxes)


def test_every_doodle_leaves_ink():
    for kind in doodles.DOODLES:
        picture = doodles.scribble(np.random.default_rng(5), kind)
        assert 0.005 < ink_of(picture).mean() < 0.5, kind


def test_nothing_is_nothing():
    for seed in range(5):
        assert np.ptp(doodles.nothing("blank", np.random.default_rng(seed))) == 0
        dot = doodles.nothing("dot", np.random.default_rng(seed))
        assert 0 < (dot != np.median(dot)).sum() <= 19 * 19
    with pytest.raises(ValueError, match="'fog'; expected one of blank, dot"):
        doodles.nothing("fog", np.random.default_rng(1))


def test_a_dot_and_a_pen_of_a_fraction_of_a_pixel_are_drawn():
    dot = pens.coverage([np.array([[10.0, 10.0]])], (21, 21), 4)
    assert dot.sum() == pytest.approx(np.pi * 2**2, rel=0.2)
    line = pens.coverage([np.array([[2.0, 10.0], [18.0, 10.0]])], (21, 21), 1.5)
    assert line.sum(axis=0)[6:14] == pytest.approx(np.full(8, 1.5), rel=0.2)

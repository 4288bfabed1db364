"""What a finder is to answer to scenes whose ink, centres, offsets and sizes are known."""

import numpy as np
import pytest

from digits.data.hands import Writing
from digits.data.scene_targets import BORDERS, LONGEST, POINTS, SHAPES, UNKNOWN, batch, targets
from digits.data.scenes import Scene
from digits.data.writing import DIGIT, POINT, Board
from digits.models.finder import REACH, USUAL

SHAPE = (48, 64)


def scene_of(board):
    return Scene(1 - board.ink, board.ink, board.owner, board.things)


def maps_of(board, shape=SHAPE):
    """Return the parts of the maps by name."""
    _, _, maps, labels, _ = targets(scene_of(board), shape)
    names = ("heat", "sure", "offset", "inked", "size", "sized")
    return dict(zip(names, np.split(maps, BORDERS, axis=2), strict=True)) | {"labels": labels[..., 0]}


@pytest.fixture
def board():
    """A seven, 12 wide and 24 high, whose middle is (16, 20), and a point, 4 wide and high, at (36, 32)."""
    board = Board.blank(40, 50)
    board.put(np.ones((24, 12), np.float32), 10, 8, DIGIT, 7)
    board.put(np.ones((4, 4), np.float32), 34, 30, POINT)
    return board


def test_the_picture_lies_in_the_corner_and_counts_there_alone(board):
    shown, ink, maps, labels, _ = targets(scene_of(board), SHAPE)
    assert (shown.shape, ink.shape, maps.shape, labels.shape) == (
        (48, 64, 2),
        (48, 64, 2),
        (24, 32, 16),
        (12, 16, 1),
    )
    assert np.array_equal(ink[:40, :50, 0], board.ink)
    for inside in (shown[..., 1], ink[..., 1]):
        assert inside.sum() == inside[:40, :50].sum() == 40 * 50
    assert not shown[40:].any()
    assert maps[..., 5:10].sum() > 0
    assert not maps[20:, :, 5:10].any(), "beyond, neither hit nor miss counts"
    assert not maps[:, 25:, 5:10].any()


def test_centres_are_hit_in_the_middle_and_nothing_counts_around_it(board):
    maps = maps_of(board)
    for kind, x, y, across, down in ((DIGIT, 16, 20, 12, 24), (POINT, 36, 32, 4, 4)):
        rows, columns = np.nonzero(maps["heat"][..., kind])
        assert 2 * columns.mean() + 1 == pytest.approx(x)
        assert 2 * rows.mean() + 1 == pytest.approx(y)
        row, column = y // 2, x // 2
        assert maps["sized"][row, column] == 1
        assert maps["size"][row, column] == pytest.approx(np.log([across / USUAL, down / USUAL]))
    assert maps["heat"].sum() == maps["sized"].sum(), "only where a centre is hit is there a size"
    assert maps["sure"][9, 7, DIGIT] == 1, "a hit counts"
    assert maps["sure"][7, 7, DIGIT] == 0, "beside it, who knows"
    assert maps["sure"][2, 7, DIGIT] == 1, "far from it, a miss counts"
    assert maps["sure"][9, 7, POINT] == 1, "no point is there"


def test_ink_points_to_its_centre_and_the_label_stands_there(board):
    maps = maps_of(board)
    assert maps["inked"][..., 0].sum() == (24 * 12 + 4 * 4) / 4
    ways = maps["offset"] * REACH
    assert ways[4, 5] == pytest.approx((16 - 11, 20 - 9)), "from the point (11, 9)"
    assert ways[15, 17] == pytest.approx((36 - 35, 32 - 31))
    assert not ways[maps["inked"][..., 0] == 0].any()
    rows, columns = np.nonzero(maps["labels"] >= 0)
    assert set(columns.tolist()) == {16 // 4}
    assert rows.tolist() == [4, 5, 6]
    assert set(maps["labels"][rows, columns].tolist()) == {7}


@pytest.mark.parametrize(("left", "counts"), [(13, 0), (17, 1)])
def test_what_the_rim_cuts_off_has_no_peak_and_its_ink_points_to_its_middle(board, left, counts):
    maps = maps_of(board.cut(left, 0, 30, 40))  # of twelve columns nine are left, or five
    assert not maps["heat"][..., DIGIT].any()
    assert (maps["labels"] < 0).all()
    assert maps["sure"][9, 0, DIGIT] == counts, "much of it is there: who knows; little: no digit is"
    assert maps["offset"][9, 0] * REACH == pytest.approx((16 - left - 1, 20 - 19))
    assert maps["heat"][..., POINT].any(), "what is whole stays"


def test_a_point_between_digits_stays_one():
    board = Board.blank(40, 50)
    board.put(np.ones((30, 20), np.float32), 10, 4, DIGIT, 0)
    board.put(np.ones((4, 4), np.float32), 18, 17, POINT)  # in its middle
    maps = maps_of(board)
    assert maps["size"][9, 9] == pytest.approx(np.log([4 / USUAL, 4 / USUAL]))


def text_of(board):
    return targets(scene_of(board), (64, 96))[4].tolist()


def test_the_text_is_what_stands_in_one_line_from_left_to_right(board):
    assert text_of(board)[:3] == [1, 13, 7]
    board.put(np.ones((20, 10), np.float32), 24, 4, DIGIT, 3)
    board.put(np.ones((24, 8), np.float32), 2, 8, DIGIT, 5)
    assert text_of(board)[:5] == [3, 13, 5, 7, 3]
    assert text_of(Board.blank(40, 50))[:2] == [0, 13]
    assert text_of(board.cut(6, 0, 40, 40))[0] == UNKNOWN, "half of the five is cut off: who knows"
    below = Board.blank(60, 50)
    for top in (2, 32):
        below.put(np.ones((24, 12), np.float32), 10, top, DIGIT, 7)
    assert text_of(below)[0] == UNKNOWN, "two lines"


def test_a_batch_follows_from_its_seed_and_has_as_many_points_as_any(strokes_file, letters_file):
    writing = Writing(strokes_file, letters_file, ("here",), ("here",), scans=False)
    for index, shape in enumerate(SHAPES):
        shown, truth = batch(writing, [1, 2, index], 2)
        assert shown.shape[1:] == (*shape, 2)
        assert shown.size == 2 * min(2 * POINTS, len(shown) * shape[0] * shape[1])
        assert truth.pop("text").shape == (len(shown), 2 + LONGEST)
        assert {name: part.shape[1:3] for name, part in truth.items()} == {
            "ink": shape,
            "maps": (shape[0] // 2, shape[1] // 2),
            "labels": (shape[0] // 4, shape[1] // 4),
        }
        assert all(np.isfinite(part).all() for part in (shown, *truth.values()))
        again, same = batch(writing, [1, 2, index], 2)
        assert np.array_equal(again, shown)
        assert all(np.array_equal(same[name], part) for name, part in truth.items())
        assert not np.array_equal(batch(writing, [1, 3, index], 2)[0], shown)

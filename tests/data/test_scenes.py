"""Scenes hold what their makers say: whose ink, where, how much of it is on the picture; and no hand errs."""

import cv2
import numpy as np
import pytest

from digits.data import doodles
from digits.data.hands import Hand, Source, Writing
from digits.data.scenes import MAKERS
from digits.data.strokes import load_strokes
from digits.data.writing import COMMA, DASH, DIGIT, INKED, OTHER, POINT, Board, write_line, write_mark


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture(scope="module")
def source(strokes_file, letters_file):
    scans = np.zeros((20, 28, 28), np.uint8)
    scans[:, 4:24, 10:16] = 255
    return Source(load_strokes(strokes_file), load_strokes(letters_file), (scans, np.arange(20) % 10))


@pytest.fixture
def hand(source, rng):
    """One with a round pen, 4 pixels thick."""
    hand = Hand(source, rng, 30)
    hand.scans, hand.pen, hand.flat = False, 4.0, 1.0
    return hand


BAR = [np.array([[0, 0], [0, 20]], np.float32)]


@pytest.fixture
def board(hand):
    """Two bars 4 wide and 24 high, whose corners stand at (10, 8) and (26, 12): a one and a dash, say."""
    board = Board.blank(50, 60)
    ink = hand.draw(BAR)
    assert board.put(ink, 10 - 1, 8 - 1, DIGIT, 1)  # one blank pixel is all around
    assert board.put(ink, 26 - 1, 12 - 1, DASH)
    return board


def test_ink_is_as_wide_as_the_pen_and_stands_where_the_strokes_do(hand):
    hand.angle = 0.0
    ink = hand.draw(BAR)
    assert ink.shape == (26, 6)
    assert ink[13] == pytest.approx([0, 1, 1, 1, 1, 0], abs=0.35)
    assert ink.sum() == pytest.approx(4 * 20 + np.pi * 4, rel=0.08), "a bar with round ends"
    hand.flat = 4.0
    across, along = hand.draw(BAR), hand.draw([BAR[0][:, ::-1]])
    assert across.sum() > 2.5 * along.sum(), "a nib that lies level is thin along itself"


def test_what_is_put_has_its_box_its_owner_and_all_of_its_ink(board):
    one, dash = board.things
    assert (one.kind, one.label, one.visible) == (DIGIT, 1, 1.0)
    assert (dash.kind, dash.label, dash.visible) == (DASH, -1, 1.0)
    assert one.box == pytest.approx((10, 8, 4, 24), abs=1)
    assert dash.box == pytest.approx((26, 12, 4, 24), abs=1)
    assert board.owner[20, 12] == 1
    assert board.owner[20, 28] == 2
    assert np.array_equal(board.owner > 0, board.ink > INKED)


def test_a_part_moves_all_and_tells_what_is_left(board):
    part = board.cut(12, 20, 30, 40)
    assert part.ink.shape == part.owner.shape == (40, 30)
    assert np.array_equal(part.ink[:30], board.ink[20:, 12:42])
    assert not part.ink[30:].any(), "it reaches beyond"
    one, dash = part.things
    assert one.box == pytest.approx((-2, -12, 4, 24), abs=1)
    assert dash.box[:2] == (board.things[1].box[0] - 12, board.things[1].box[1] - 20)
    assert one.visible == pytest.approx(0.25, abs=0.06), "half of its width, half of its height"
    assert dash.visible == pytest.approx(2 / 3, abs=0.06)
    again = part.cut(0, 0, 30, 4)
    assert again.things[1].visible == pytest.approx(dash.visible / 4, abs=0.03)
    assert [thing.visible for thing in board.cut(100, 100, 9, 9).things] == [0, 0]


def test_another_size_moves_boxes_and_keeps_owners(board):
    wide = board.scaled(120, 50)
    x, y, w, h = board.things[0].box
    assert wide.things[0].box == (2 * x, y, 2 * w, h)
    assert wide.owner[20, 24] == 1
    assert wide.ink.sum() == pytest.approx(2 * board.ink.sum(), rel=0.05)


def test_off_the_board_nothing_is_written_and_the_darker_ink_owns(hand, board):
    before = board.ink.copy()
    assert not board.put(hand.draw(BAR), -9, 70, OTHER)
    assert len(board.things) == 2
    assert np.array_equal(board.ink, before)
    assert board.put(np.full((10, 10), 0.5, np.float32), 7, 10, OTHER)
    assert board.owner[15, 12] == 1, "the bar is darker"
    assert board.owner[15, 8] == 3
    board.join(np.ones((4, 50), np.float32), 5, 40, 2)
    board.join(np.ones((9, 9), np.float32), 8, 12, 2)
    assert board.owner[42, 20] == 2
    assert board.owner[15, 8] == 3, "what has an owner keeps it"


def test_marks_stand_at_the_foot_and_are_small(hand):
    for kind in (POINT, COMMA):
        for _ in range(20):
            board = Board.blank(90, 90)
            end = write_mark(hand, board, 30, 60, kind)
            (mark,) = board.things
            assert (mark.kind, mark.label) == (kind, -1)
            assert 22 < mark.box[0] < end
            assert 50 < mark.box[1] < 64
            assert max(mark.box[2:]) < 20


def test_in_dates_a_dash_stands_at_half_height_and_a_slash_is_high_and_leans(hand):
    for kind in (DASH, OTHER):
        for _ in range(20):
            board = Board.blank(99, 99)
            end = write_mark(hand, board, 30, 60, kind)
            ((x, y, width, tall),) = [thing.box for thing in board.things if thing.kind == kind]
            assert 22 < x < end
            if kind == DASH:
                assert 60 - 0.75 * hand.height < y + tall / 2 < 60 - 0.15 * hand.height
            else:
                assert tall > hand.height
                assert board.owner[:, int(x + width / 2) :].any(axis=1).argmax() < 60 - 0.8 * hand.height
                assert board.owner[int(y) : int(y) + 5, : int(x + width / 2)].max() == 0, "no ink at its left"


def test_digits_for_boxes_of_their_own_stand_apart(source):
    for seed in range(20):
        places = []
        for apart in (0, 40):
            hand, board = Hand(source, np.random.default_rng(seed), 20), Board.blank(60, 900)
            write_line(hand, board, 10, 40, 4, marks=False, apart=apart)
            places.append([thing.box[0] for thing in board.things])
        assert np.diff(places[1]) - np.diff(places[0]) == pytest.approx(40, abs=14)


def test_a_line_has_its_digits_from_left_to_right_and_marks_only_if_asked(source):
    kinds = set()
    for seed in range(100):
        hand, boards = Hand(source, np.random.default_rng(seed), 20), [Board.blank(60, 500) for _ in range(2)]
        for board, marks in zip(boards, (False, True), strict=True):
            end = write_line(hand, board, 10, 40, 5, marks)
            digits = [thing for thing in board.things if thing.kind == DIGIT]
            assert len(digits) == 5
            middles = [thing.box[0] + thing.box[2] / 2 for thing in digits]
            assert middles == sorted(middles)
            assert digits[-1].box[0] < end
            assert all(0 <= thing.label < 10 for thing in digits)
        assert {thing.kind for thing in boards[0].things} == {DIGIT}
        kinds |= {thing.kind for thing in boards[1].things}
    assert kinds == {DIGIT, POINT, COMMA, DASH, OTHER}


def test_a_hand_keeps_to_one_writer_and_signs_are_no_digits(source, rng):
    near = [source.near(0, 3, rng) for _ in range(30)]
    threes = {source.digits[row][0].tobytes(): row for row in range(3, 120, 10)}
    assert {threes[strokes[0].tobytes()] for strokes in near} <= set(range(60)), (
        "half of the file is near its first"
    )
    for _ in range(200):
        strokes = doodles.sign(rng)
        assert all(stroke.dtype == np.float32 and stroke.shape[1] == 2 for stroke in strokes)
        assert np.isfinite(np.concatenate(strokes)).all()


@pytest.mark.parametrize("shape", MAKERS)
def test_every_scene_is_sound_and_follows_from_its_seed(shape, source):
    seen = []
    for seed in range(200):
        scene = MAKERS[shape](source, np.random.default_rng(seed), shape)
        tall, wide = scene.grey.shape
        assert tall <= shape[0]
        assert wide <= shape[1]
        assert scene.ink.shape == scene.owner.shape == scene.grey.shape
        for values in (scene.grey, scene.ink):
            assert values.dtype == np.float32
            assert 0 <= values.min() <= values.max() <= 1, "and so finite"
        assert 0 <= scene.owner.min() <= scene.owner.max() <= len(scene.things)
        near = cv2.dilate(scene.owner, np.ones((5, 5), np.uint8)) > 0
        assert scene.ink[~near].max(initial=0) <= INKED, "ink is some thing's, or a stroke's rim"
        for thing in scene.things:
            assert 0 <= thing.visible <= 1 + 1e-6
            assert np.isfinite(thing.box).all()
            assert (thing.label >= 0) == (thing.kind == DIGIT)
        seen += [thing.kind for thing in scene.things]
        if seed < 20:
            again = MAKERS[shape](source, np.random.default_rng(seed), shape)
            assert np.array_equal(again.grey, scene.grey)
            assert again.things == scene.things
    assert {DIGIT, OTHER} <= set(seen)


def test_writing_is_of_the_sites_named(strokes_file, letters_file, surroundings):
    writing = Writing(strokes_file, letters_file, ("here",), ("elsewhere",), scans=True, limit=200)
    source = writing.load()
    assert len(source.digits) == 80
    assert len(source.letters) == 20
    assert len(source.images) == 200
    with pytest.raises(ValueError, match="nothing of nowhere; its sites are here, there"):
        Writing(strokes_file, None, ("here", "nowhere"), ()).load()
    some = load_strokes(strokes_file)
    with pytest.raises(ValueError, match="no 7, 8; expected all ten"):
        Source(some.chosen(~np.isin(some.labels, (7, 8))), None, None)

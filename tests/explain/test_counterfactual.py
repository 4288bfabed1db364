"""What would change its mind, on networks whose answers and flips are known."""

import numpy as np
import pytest

from digits.explain import counterfactual, stroke_edits
from digits.explain.counterfactual import find_change
from digits.explain.stroke_edits import find_edits
from digits.models import calibration

ROWS, COLUMNS = np.mgrid[:28, :28]
LEFT, RIGHT = COLUMNS < 14, COLUMNS >= 14
GAP = (abs(ROWS - 14) <= 1) & (COLUMNS >= 11) & (COLUMNS < 17)


def bars() -> np.ndarray:
    """Return two upright lines, each 3 pixels wide and 16 long: 48 of ink each."""
    frame = np.zeros((28, 28), np.float32)
    frame[6:22, 5:8] = frame[6:22, 20:23] = 1
    return frame


def dashes() -> np.ndarray:
    """Return a level line, 3 pixels wide, with a gap of 6 in its middle."""
    frame = np.zeros((28, 28), np.float32)
    frame[13:16, 4:24] = 1
    frame[GAP] = 0
    return frame


def network(digit: int, region: np.ndarray, least: float, other: int = 0):
    """Return a network that reads `digit` where a region holds more ink than `least`, else `other`.

    Every other digit has a logit of -20, and the two differ by the ink above `least`.
    """

    def logits(frames):
        ink = frames[..., 0][:, region].sum(axis=1)
        answer = np.full((len(frames), 10), -20.0, np.float32)
        answer[:, digit], answer[:, other] = ink - least, 0
        return answer

    return logits


def test_it_erases_no_more_than_it_must_and_only_where_it_matters():
    frame, logits = bars(), network(1, LEFT, least=30.5)  # so that 17.5 of the left line's 48 have to go
    change, warm = (find_change(logits, frame, temperature=t).change for t in (1.0, 2.0))
    assert warm.probability_before == pytest.approx(1 / (1 + np.exp(17.5 / 2)), rel=1e-3)
    assert np.array_equal(warm.frame, change.frame)
    assert (change.before, change.after) == (1, 0)
    assert change.added.max() == 0
    assert change.erased[RIGHT].max() == 0
    piece = find_edits(frame).pieces[..., LEFT].sum(axis=1).max()
    assert 17.5 <= change.erased.sum() <= 17.5 + piece
    assert change.amount == pytest.approx(change.erased.sum() / 96, abs=1e-5)
    left = change.frame[LEFT].sum()
    assert change.probability_before == pytest.approx(1 / (1 + np.exp(17.5)), rel=1e-3)
    assert change.probability_after == pytest.approx(1 / (1 + np.exp(left - 30.5)), rel=1e-3)
    assert change.frame == pytest.approx(frame - change.erased + change.added)


def test_it_bridges_a_gap_with_the_digits_own_pen():
    change = find_change(network(8, GAP, least=9, other=3), dashes()).change
    assert (change.before, change.after) == (3, 8)
    assert change.erased.max() == 0
    assert change.added[GAP].sum() >= 9
    assert change.added[abs(ROWS - 14) > 3].max() == 0  # a line along the line, no wider than that
    assert change.frame.max() == 1


def test_what_one_way_cannot_do_another_can():
    frame, logits = bars(), network(1, LEFT, least=30.5)
    missed = find_change(logits, frame, ways=("add",))
    assert missed.change is None
    assert missed.reason.startswith("No change was found of up to 200 % of the ink in 8 moves")
    assert find_change(logits, frame, ways=("erase",)).change.after == 0


def test_a_second_look_allows_more(monkeypatch):
    monkeypatch.setattr(counterfactual, "LIMITS", ((1, 0.1), (4, 1.0)))
    assert find_change(network(1, LEFT, least=30.5), bars()).change.amount > 0.1


def test_a_digit_can_be_wanted():
    frame, logits = bars(), network(1, LEFT, least=30.5, other=7)
    assert find_change(logits, frame, toward=7).change.after == 7
    assert find_change(logits, frame, toward=1).reason == "It is read as 1 already."
    assert "makes it a digit that reads as 4" in find_change(logits, frame, toward=4).reason


def test_both_ways_together_and_nothing_that_is_not_needed():
    frame = dashes()
    frame[4:7, 4:24] = 1  # a second line above, which has to lose 10 while the gap gains 6

    def logits(frames):
        answer = np.full((len(frames), 10), -20.0)
        ink = frames[..., 0]
        lacking = np.maximum(0, 6 - ink[:, GAP].sum(axis=1)) + np.maximum(0, ink[:, :8].sum(axis=(1, 2)) - 50)
        answer[:, 2], answer[:, 5] = lacking - 0.1, 0
        return answer

    change = find_change(logits, frame).change
    assert (change.before, change.after) == (2, 5)
    assert change.added[GAP].sum() >= 5.9
    assert change.erased[:8].sum() >= 9.9
    assert change.erased[8:].max() == 0
    moves = find_edits(frame)
    for piece in moves.pieces:  # to put back any piece undoes the flip
        back = np.minimum(change.frame + piece * change.erased, 1)
        if (piece * change.erased).sum() > 0.6 * (piece * frame).sum():
            assert logits(back[None, ..., None])[0].argmax() == 2


def test_it_must_still_look_like_a_digit_where_that_is_asked_for():
    frame = bars()

    def logits(frames):  # the fewer ink, the more a 0, but also the less a digit at all
        ink = frames.sum(axis=(1, 2, 3))
        answer = np.full((len(frames), 10), -40.0)
        answer[:, 1], answer[:, 0] = (ink - 78) / 8, 0
        return answer - 5 * (ink < 80)[:, None]

    free = find_change(logits, frame).change
    assert free.frame.sum() < 80
    assert find_change(logits, frame, least_evidence=-1.0).change is None


@pytest.mark.parametrize(
    ("frame", "least", "words"),
    [
        (np.zeros((28, 28), np.float32), 1, "There is no ink to change."),
        (bars(), -1, "No change"),  # nothing flips it
        (bars(), 1, "No change"),  # only a frame without ink would
    ],
)
def test_no_change_has_a_reason(frame, least, words):
    found = find_change(network(1, np.ones((28, 28), bool), least), frame)
    assert found.change is None
    assert found.reason.startswith(words)


@pytest.mark.parametrize(
    "frame",
    [
        np.random.default_rng(1).random((28, 28)),
        np.pad([[1.0]], ((5, 22), (9, 18))),
        np.pad(np.full((2, 9), 0.02), ((0, 26), (0, 19))),
    ],
    ids=["noise", "one pixel", "faint, at the edge"],
)
def test_odd_frames_have_moves_too(frame):
    moves = find_edits(frame.astype(np.float32))
    assert len(moves.single) <= 2 * stroke_edits.MOST_EDITS
    for move in moves.single:
        changed = moves.apply(move)
        assert changed.min() >= 0
        assert changed.max() <= 1


def test_pieces_are_all_of_the_ink_and_runs_hang_together():
    frame = bars()
    frame[:, 14:] = 0
    moves = find_edits(frame, ("erase",))
    assert moves.pieces.sum(axis=0)[frame > 0] == pytest.approx(1)
    assert moves.apply(frozenset(range(len(moves.pieces)))).max() == 0
    number, longest = len(moves.pieces), stroke_edits.LONGEST_RUN  # of a line: its stretches
    assert number >= 5
    assert len(moves.single) == sum(number - length + 1 for length in range(1, longest + 1))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"frame": np.zeros((28, 27))}, "The shape of the frame"),
        ({"frame": np.full((28, 28), np.nan)}, "The range of the frame"),
        ({"toward": 10}, "toward"),
        ({"ways": ("paint",)}, "ways"),
        ({"ways": ()}, "ways"),
        ({"temperature": 0}, "temperature"),
    ],
)
def test_wrong_arguments_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        find_change(**({"logits": None, "frame": bars()} | wrong))


def test_the_shipped_model_changes_its_mind_about_a_drawing(recognizer, golden_frames):
    frame, toward = golden_frames[4], 9
    least = recognizer.thresholds["not_a_digit_below"]
    about = {"temperature": recognizer.temperature, "least_evidence": least}
    change = find_change(recognizer.logits, frame, toward, **about).change
    assert change.before == 4
    assert change.after == toward
    assert change.amount < 0.7
    after = recognizer.logits(change.frame[None, ..., None])
    assert calibration.softmax(after, recognizer.temperature)[0, change.after] == pytest.approx(
        change.probability_after, abs=1e-4
    )
    assert calibration.energy(after)[0] >= least - 1e-4

"""The layout of a picture, from centres and ink given by hand: no network is asked."""

import itertools

import numpy as np
import pytest

from digits.preprocessing import layout as layout_
from digits.preprocessing.finder import KINDS, Centre, Seen
from digits.preprocessing.layout import (
    Candidate,
    Line,
    best_path,
    find_layout,
    gather,
)


def centre(x, y=32.0, digit=0.97, width=16.0, height=26.0, kind="digit", chance=None):
    """Return a centre; what is no digit is one with a probability of 0.01."""
    digit = digit if kind == "digit" else 0.01
    return Centre(kind, digit if chance is None else chance, digit, x, y, width, height)


def page(*centres, shape=(64, 200), scale=1.0):
    """Return what was seen of a page with an upright stroke, as high as it says, around each centre."""
    ink, owner = np.zeros(shape, np.float32), np.zeros(shape, np.int32)
    for number, one in enumerate(centres, start=1):
        top, left = max(0, round(one.y - one.height / 2)), max(0, round(one.x - one.width / 2))
        stroke = np.s_[top : round(one.y + one.height / 2), left : round(one.x + one.width / 2)]
        ink[stroke], owner[stroke] = 1, number
    return Seen(1 - ink, ink, owner, list(centres), scale)


def nothing(layout):
    """Return scores and evidence that say nothing."""
    return np.zeros(len(layout.candidates)), np.zeros(len(layout.candidates))


def scores(layout, said):
    """Return how well candidates read, by from and up to which centre they reach; others read badly."""
    return np.array([said.get((one.first, one.last), -9.0) for one in layout.candidates])


def spans(layout, chosen):
    return [(layout.candidates[i].first, layout.candidates[i].last) for i in chosen]


def read(layout, said):
    """Return what is chosen of the only line, where evidence says nothing."""
    (chosen,) = layout.best(scores(layout, said), nothing(layout)[1])
    return spans(layout, chosen)


def test_what_was_plainly_seen_is_taken_from_the_left():
    layout = find_layout(page(centre(120), centre(30), centre(75)))
    assert read(layout, {(0, 1): -0.1, (1, 2): -0.1, (2, 3): -0.1}) == [(0, 1), (1, 2), (2, 3)]
    boxes = [candidate.box for candidate in layout.candidates if candidate.last - candidate.first == 1]
    assert boxes == [(22, 19, 16, 26), (67, 19, 16, 26), (112, 19, 16, 26)]


def test_what_reads_better_together_is_one_digit():
    layout = find_layout(page(centre(30, digit=0.8), centre(44, digit=0.7, width=10)))
    assert read(layout, {(0, 1): -4.0, (1, 2): -4.0, (0, 2): -0.1}) == [(0, 2)]
    assert read(layout, {(0, 1): -0.1, (1, 2): -0.1, (0, 2): -4.0}) == [(0, 1), (1, 2)]


def test_what_reads_badly_and_is_doubtful_is_dropped_and_what_is_plain_is_not():
    layout = find_layout(page(centre(30), centre(75, digit=0.1), centre(120)))
    assert read(layout, {(0, 1): -0.1, (1, 2): -5.0, (2, 3): -0.1}) == [(0, 1), (2, 3)]
    layout = find_layout(page(centre(30), centre(75), centre(120)))
    assert read(layout, {(0, 1): -0.1, (1, 2): -3.0, (2, 3): -0.1}) == [(0, 1), (1, 2), (2, 3)]


def test_the_reader_speaks_for_what_the_finder_doubts():
    layout = find_layout(page(centre(30), centre(75, digit=0.3)))
    said = scores(layout, {(0, 1): -0.1, (1, 2): -2.0})
    chosen = [layout.best(said, np.full(len(said), speaks))[0] for speaks in (0.0, 5.0)]
    assert [spans(layout, path) for path in chosen] == [[(0, 1)], [(0, 1), (1, 2)]]


def ways(length):
    """Yield all ways to divide so many centres: lists of spans, and of single centres that are dropped."""
    if not length:
        yield []
        return
    for rest in ways(length - 1):
        yield [*rest, None]
    for run in range(1, min(3, length) + 1):
        for rest in ways(length - run):
            yield [*rest, (length - run, length)]


@pytest.mark.parametrize("seed", range(20))
def test_no_way_through_a_line_is_better_than_the_best(seed):
    rng = np.random.default_rng(seed)
    centres = [centre(30.0 * i, digit=rng.uniform(0.03, 0.97)) for i in range(5)]
    runs = [(a, b) for a, b in itertools.combinations(range(6), 2) if b - a <= 3]
    candidates = [
        Candidate(a, b, (30 * a, 0, 20, 26), rng.uniform(-4, 0), 0.5, np.ones((26, 20))) for a, b in runs
    ]
    line = Line(centres, [], candidates, 26.0)
    said = rng.uniform(-5, 0, len(candidates))

    def value(way):
        dropped = [np.log(1 - np.clip(centres[i].digit, 0.02, 0.98)) for i in left_out(way)]
        return sum(dropped) + sum(
            candidates[runs.index(span)].prior + said[runs.index(span)] for span in way if span
        )

    chosen = best_path(line, said, np.zeros(len(said)))
    best = max(ways(5), key=value)
    assert [runs[i] for i in chosen] == [span for span in best if span]


def left_out(way):
    """Return the places of the centres that a way drops."""
    place, out = 0, []
    for span in way:
        out += [place] * (span is None)
        place = place + 1 if span is None else span[1]
    return out


def test_where_nothing_is_seen_is_no_candidate():
    layout = find_layout(page())
    assert (layout.lines, layout.frames.shape) == ([], (0, 28, 28))


def test_a_candidate_has_the_ink_of_its_own_and_none_of_its_neighbours():
    seen = page(centre(30), centre(40))  # they overlap: the second owns what both cover
    layout = find_layout(seen)
    first, second = (one for one in layout.candidates if one.last - one.first == 1)
    assert (first.box, second.box) == ((22, 19, 10, 26), (32, 19, 16, 26))
    assert first.ink.all()
    assert layout.frames.shape == (len(layout.candidates), 28, 28)


def test_what_would_be_too_wide_for_a_digit_is_no_candidate():
    layout = find_layout(page(centre(30), centre(100)))
    assert [(one.first, one.last) for one in layout.candidates] == [(0, 1), (1, 2)]


def test_a_box_is_in_pixels_of_the_picture():
    layout = find_layout(page(centre(30), scale=3.5))
    assert layout.box(0) == (77, 66, 56, 91)


def test_lines_are_gathered_from_the_top():
    centres = [centre(100, 80), centre(30, 22), centre(30, 80), centre(70, 18), centre(110, 15)]
    assert gather(centres) == [[1, 3, 4], [2, 0]]


def test_a_line_may_rise_and_digits_may_stand_below_each_other():
    assert gather([centre(40.0 * i, 100 - 8.0 * i) for i in range(8)]) == [list(range(8))]
    assert gather([centre(30, 20.0 + 40 * i) for i in range(3)]) == [[0], [1], [2]]


def test_marks_and_doubtful_digits_join_the_nearest_line():
    point, doubtful = centre(50, 34, kind="point", height=4), centre(60, 90, digit=0.2)
    centres = [centre(30, 22), centre(30, 80), point, doubtful]
    assert [sorted(line) for line in gather(centres)] == [[0, 2], [1, 3]]
    assert gather([]) == []


def written(text):
    """Return what would be seen of a line of digits and marks, 30 points from each to the next."""
    kinds = {".": ("point", 4, 42), ",": ("comma", 6, 44), "-": ("dash", 4, 32)}
    centres, x = [], 20.0
    for sign in text:
        if sign in kinds:
            kind, height, y = kinds[sign]
            centres.append(centre(x, y, kind=kind, chance=0.9, width=6 + 8 * (kind == "dash"), height=height))
        elif sign != " ":
            centres.append(centre(x))
        x += 26
    return page(*centres, shape=(64, round(x) + 20))


@pytest.mark.parametrize("text", ["-12.5", "3,14", "12 34", "24-35", "1", "12"])
def test_marks_stand_between_the_digits(text):
    layout = find_layout(written(text))
    alone = np.array([0.0 if one.last - one.first == 1 else -9.0 for one in layout.candidates])
    chosen = layout.best(alone, nothing(layout)[1])
    (marks,) = layout.marks(chosen)
    tokens = list("".join(filter(str.isdigit, text)))
    assert len(chosen[0]) == len(tokens)
    for place, mark in reversed(marks):
        tokens.insert(place, mark)
    assert "".join(tokens) == text


def test_every_kind_of_mark_has_its_sign():
    assert set(layout_.MARKS) == set(KINDS) - {"digit", "other"}

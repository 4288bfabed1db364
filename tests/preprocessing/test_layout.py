"""The layout of a picture, from centres and ink given by hand: no network is asked."""

import itertools

import numpy as np
import pytest

from digits.preprocessing import layout as layout_
from digits.preprocessing.finder import KINDS, Centre, Seen
from digits.preprocessing.layout import (
    STEPS,
    Candidate,
    Line,
    best_path,
    find_alone,
    find_layout,
    frame_single,
    gather,
    spaces,
)


def centre(x, y=32.0, digit=0.97, width=16.0, height=26.0, kind="digit", chance=None):
    """Return a centre; what is no digit is one with a probability of 0.01."""
    digit = digit if kind == "digit" else 0.01
    return Centre(kind, digit if chance is None else chance, digit, x, y, width, height, np.zeros(10))


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
    line = Line(centres, [], candidates, np.ones(5), np.zeros(5), 26.0)
    said = rng.uniform(-5, 0, len(candidates))

    def value(way):
        dropped = [np.log(1 - np.clip(centres[i].digit, 0.02, 0.98)) for i in left_out(way)]
        return sum(dropped) + sum(
            candidates[runs.index(span)].prior + said[runs.index(span)] for span in way if span
        )

    chosen, found = best_path(line, said, np.zeros(len(said)))
    best = max(ways(5), key=value)
    assert found == pytest.approx(value(best))
    assert [runs[i] for i in chosen] == [span for span in best if span]


def left_out(way):
    """Return the places of the centres that a way drops."""
    place, out = 0, []
    for span in way:
        out += [place] * (span is None)
        place = place + 1 if span is None else span[1]
    return out


def test_the_one_digit_is_taken_and_what_the_edge_cuts_off_is_left_out():
    layout = find_alone(page(centre(2), centre(32), centre(62), shape=(64, 64)))
    said = scores(layout, {(0, 1): -0.1, (1, 2): -0.1, (2, 3): -0.1})
    assert spans(layout, layout.alone(said, nothing(layout)[1])) == [(1, 2)]


def test_several_are_several_where_one_is_expected():
    layout = find_alone(page(centre(50), centre(100), centre(150)))
    said = scores(layout, {(0, 1): -0.1, (1, 2): -0.1, (2, 3): -0.1})
    assert spans(layout, layout.alone(said, nothing(layout)[1])) == [(0, 1), (1, 2), (2, 3)]


def test_where_one_is_expected_a_doubtful_second_one_is_none():
    layout = find_alone(page(centre(90), centre(110, digit=0.3, width=8), shape=(64, 200)))
    said = scores(layout, {(0, 1): -0.1, (1, 2): -0.1, (0, 2): -0.5})
    assert len(layout.alone(said, nothing(layout)[1])) == 1


def test_all_the_ink_is_one_digit_where_its_parts_do_not_read():
    seen = page(centre(32, digit=0.3), shape=(64, 64))
    seen.ink[50:58, 20:44] = 1  # a part that the finder gives to nobody
    layout = find_alone(seen)
    whole = next(i for i, one in enumerate(layout.candidates) if one.box == (20, 19, 24, 39))
    said = np.where(np.arange(len(layout.candidates)) == whole, -0.1, -9.0)
    assert layout.alone(said, nothing(layout)[1]) == [whole]


@pytest.mark.parametrize("find", [find_layout, find_alone])
def test_nothing_seen_is_blank(find):
    seen = Seen(np.full((64, 64), 0.9), np.full((64, 64), 0.1), np.zeros((64, 64), np.int32), [], 1.0)
    layout = find(seen)
    assert layout.blank
    assert layout.frames.shape == (0, 28, 28)
    assert tuple(layout.steps()) == STEPS[:3]


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


def row(*gaps, width=60.0):
    """Return from where to where things stand that have these gaps between them."""
    left, places = 0.0, [(0.0, width)]
    for gap in gaps:
        left += width + gap
        places.append((left, left + width))
    return places


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ((15, 90, 15), [2]),
        ((15, 90, 15, 20, 110, 10), [2, 5]),
        ((15, 20, 15), []),
        ((80, 90, 85, 80), []),
        ((-10, 5, -4), []),
        ((90,), [1]),
        ((40,), []),
    ],
)
def test_a_space_is_far_wider_than_the_usual_gap(gaps, expected):
    assert spaces(row(*gaps), 100) == expected


def test_the_steps_show_each_digit_in_a_colour_and_nobodys_ink_grey():
    seen = page(centre(30), centre(100))
    seen.ink[5:9, 5:9] = 1
    layout = find_layout(seen)
    parted = layout.steps()[STEPS[2]]
    assert parted.shape == (64, 200, 3)
    assert 0 <= parted.min() <= parted.max() <= 1
    first, second, nobodys = parted[32, 30], parted[32, 100], parted[6, 6]
    assert np.ptp(first) > 0.3 < np.ptp(second)
    assert not np.allclose(first, second)
    assert np.ptp(nobodys) == 0 < nobodys[0]
    assert parted[60, 190].max() == 0
    assert np.array_equal(layout.steps(0)[STEPS[3]], layout.frames[0])


@pytest.mark.parametrize(
    ("centres", "status"),
    [
        ([centre(32)], "digit"),
        ([centre(32, kind="other", chance=0.9)], "not_a_digit"),
        ([centre(50), centre(120)], "several"),
        ([centre(30, digit=0.99), centre(75, digit=0.99), centre(120, digit=0.99)], "several"),
        ([], "blank"),
    ],
)
def test_a_picture_is_taken_as_one_digit_by_the_finder_alone(monkeypatch, centres, status):
    shape = (64, 64 if len(centres) < 2 else 200)
    monkeypatch.setattr(layout_, "see", lambda *pictures, **options: [page(*centres, shape=shape)])
    single = frame_single(np.zeros((64, 64), np.uint8))
    assert single.status == status
    assert single.framed.any() == (status in ("digit", "not_a_digit"))
    assert (single.box is None) == (status in ("blank", "several"))


def test_every_kind_of_mark_has_its_sign():
    assert set(layout_.MARKS) == set(KINDS) - {"digit", "other"}

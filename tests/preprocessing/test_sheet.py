"""The sheet's geometry: boxes apart from each other and from the marks, on either paper."""

import numpy as np
import pytest

from digits.preprocessing.sheet import LAYOUTS, layout_for, mark_bits

PAPERS = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.paper)


@PAPERS
def test_there_are_ten_rows_of_ten_boxes_a_digit_each(layout):
    assert len(layout.boxes) == 100
    assert layout.labels == [digit for digit in range(10) for _ in range(10)]
    tops = {round(y, 6) for _, y, _, _ in layout.boxes}
    assert len(tops) == 10
    for i, (x, y, w, h) in enumerate(layout.boxes):
        assert 13 < w < 18 < h < 22  # roomy, and higher than wide
        if i % 10:
            before = layout.boxes[i - 1]
            assert x - (before[0] + before[2]) == pytest.approx(2.8)
        assert x > 0
        assert x + w < layout.size[0] - 10
        assert y + h < layout.size[1] - 10


@PAPERS
def test_boxes_keep_away_from_the_marks(layout):
    assert len(layout.marks) == 4
    for left, top, side, _ in layout.marks.values():
        for x, y, w, h in layout.boxes:
            apart = max(left - (x + w), x - (left + side), top - (y + h), y - (top + side))
            assert apart > 2  # a cell of the mark


def test_marks_tell_paper_and_corner():
    numbers = [number for layout in LAYOUTS.values() for number in layout.marks]
    assert sorted(numbers) == list(range(8))
    pictures = [mark_bits(number) for number in numbers]
    for i, bits in enumerate(pictures):
        assert bits.shape == (7, 7)
        assert bits[[0, -1]].all()
        assert bits[:, [0, -1]].all()
        turned = [np.rot90(bits, turns) for turns in range(4)]
        assert not any(np.array_equal(one, other) for one in turned for other in pictures[:i])


def test_an_unknown_paper_is_refused():
    with pytest.raises(ValueError, match="Paper 'A3'; expected one of A4, Letter"):
        layout_for("A3")

"""Print is drawn from the fonts that there are: each digit as large as they stand beside each other."""

import numpy as np
import pytest

from digits.data.hands import Print
from digits.data.printed import DIGITS, OTHERS, typefaces


def test_matplotlib_brings_fonts_enough_and_all_have_ten_unlike_digits():
    faces = typefaces()
    assert len(faces) >= 20
    for face in faces:
        assert set(face) == {*DIGITS, *OTHERS}
        assert all(ink[0].any() and ink[-1].any() for ink in face.values()), "cut to its ink"
        assert face["x"].shape[0] < face["0"].shape[0], "as they stand beside each other"


@pytest.mark.parametrize("height", [12.0, 40.0])
def test_one_typeface_is_as_high_as_the_hand(height):
    for seed in range(20):
        printed = Print(np.random.default_rng(seed), height)
        sizes = [len(printed.character(digit)) for digit in DIGITS]
        assert 0.8 * height <= np.median(sizes) <= 1.5 * height + 2

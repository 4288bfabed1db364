"""The forms in which pictures are kept, and digits cut out of a page."""

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image

from digits.data.collection.originals import cut_out, digest, original
from digits.data.strokes import draw
from digits.preprocessing.lattice import frame_single


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_grey_pictures_of_any_mode_are_kept_as_grey(mode):
    grey = Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 20, axis=0).repeat(10, axis=1))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        picture = grey.convert(mode) if mode != "CMYK" else grey.convert("RGB").convert("CMYK")
    kept = original(picture)
    assert kept.mode == "L"
    assert np.array_equal(np.asarray(kept), np.asarray(grey))
    assert digest(original(kept)) == digest(kept)


def test_colours_stay_and_pictures_with_other_pixels_differ():
    blue = Image.new("RGB", (20, 10), (0, 0, 200))
    assert original(blue).getpixel((3, 3)) == (0, 0, 200)
    assert digest(original(blue)) != digest(original(blue.resize((10, 20))))


def test_a_digit_cut_out_of_a_number_is_seen_as_it_was_there(recognizer):
    row = 255 - np.hstack([draw(strokes(digit, 150, 40, 60), 280, 14)[:, :210] for digit in (2, 5, 8)])
    digits = recognizer.read_number(row).digits
    assert [digit.digit for digit in digits] == [2, 5, 8]
    boxes = [digit.box for digit in digits]
    for digit in digits:
        alone = frame_single(cut_out(row, digit.box, [box for box in boxes if box != digit.box]))
        assert alone.status == "digit"
        assert np.abs(alone.framed - digit.framed).mean() < 0.02


def test_a_cut_ends_before_its_neighbours_and_at_the_edge():
    picture = np.full((100, 100), 255, np.uint8)
    picture[30:70, 20:40], picture[30:70, 44:60], picture[75:90, 20:40] = 10, 20, 30
    cut = cut_out(picture, (20, 30, 20, 40), [(44, 30, 16, 40), (20, 75, 20, 15)])
    assert cut.shape == (55, 34, 3)  # 10 of paper to the left and above; 4 to the right and 5 below
    assert set(np.unique(cut)) == {10, 255}
    assert cut_out(picture, (0, 0, 4, 100), []).shape == (100, 29, 3)
    tiny = cut_out(picture, (10, 10, 2, 3), [(6, 0, 4, 30), (12, 0, 4, 30)])
    assert original(tiny).size >= (8, 8), "large enough for a picture"

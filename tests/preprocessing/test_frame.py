"""Framing, against cases worked out by hand."""

import numpy as np
import pytest

from digits.config import BOX
from digits.preprocessing.frame import LEAN, PEN, frame, frame_stages, is_blob, stroke_width, upright


def canvas(height=100, width=100):
    return np.zeros((height, width), np.float32)


def extent(image):
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def test_a_square_becomes_20_pixels_around_pixel_14():
    ink = canvas()
    ink[10:50, 30:70] = 1
    image = frame(ink)
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    # 20 pixels wide with the middle at 14.5: from 4.5 to 24.5, so half a pixel at each end.
    assert image[14, 4] == pytest.approx(0.5, abs=0.02)
    assert image[14, 24] == pytest.approx(0.5, abs=0.02)
    assert image[14, 5:24] == pytest.approx(1.0, abs=0.01)
    assert image[14, :4].max() == 0


def test_an_upright_bar_keeps_its_proportions():
    ink = canvas(200, 200)
    ink[20:180, 90:110] = 1  # 160 x 20, an eighth as wide as high: 20 x 2.5 pixels in the frame
    image = frame(ink)
    assert image.sum() == pytest.approx(20 * 2.5, rel=0.02)
    top, bottom, left, right = extent(image > 0.1)
    assert bottom - top + 1 in (20, 21)
    assert right - left + 1 in (3, 4)


def test_the_centre_of_mass_is_in_the_middle_of_pixel_14():
    ink = canvas(200, 200)
    ink[50:150, 40:60] = 1  # an L: most of its mass is left and below
    ink[130:150, 40:120] = 1
    image = frame(ink)
    place = np.arange(28) + 0.5
    assert image.sum(axis=0) @ place / image.sum() == pytest.approx(14.5, abs=0.03)
    assert image.sum(axis=1) @ place / image.sum() == pytest.approx(14.5, abs=0.03)


def test_no_ink_leaves_the_frame_even_when_its_mass_is_far_off_its_middle():
    ink = canvas(300, 300)
    ink[20:60, 20:280] = 1  # a T with a long thin leg: the mass is at the top
    ink[60:280, 145:165] = 1
    framed = frame(ink)
    top, bottom, _, _ = extent(framed > 0.05)
    assert bottom == 27  # pushed down as far as it goes, and not over the edge
    assert bottom - top + 1 >= BOX


@pytest.mark.parametrize("shift", [(0, 0), (3, 60), (90, 11)])
def test_place_and_size_do_not_matter(shift):
    small, large = canvas(200, 200), canvas(400, 400)
    small[30:80, 40:50] = small[30:40, 40:90] = 1
    y, x = shift
    large[60 + y : 160 + y, 80 + x : 100 + x] = large[60 + y : 80 + y, 80 + x : 180 + x] = 1
    assert np.abs(frame(small) - frame(large)).max() < 0.06


@pytest.mark.parametrize(("pen", "expected"), [(2, PEN[0]), (20, 2.5), (60, PEN[1])])
def test_pens_out_of_range_are_evened_and_others_left_alone(pen, expected):
    ink = canvas(200, 200)
    ink[20:180, 100 - pen // 2 : 100 + pen // 2] = 1  # one frame pixel is eight of these
    evened = frame_stages(ink)[1] > 0.5
    width = evened.any(axis=0).sum() / 8
    assert width == pytest.approx(expected, abs=0.45 if pen != 60 else 2.0)


def leaning_bar(slant):
    """A bar 100 high and 10 wide that leans to the right by so many pixels per pixel of height."""
    rows, columns = np.mgrid[:100, :200]
    return (np.abs(columns - 100 - slant * (50 - rows)) < 5).astype(np.float32)


def lean_of(ink):
    """Return by how many pixels per pixel of height a bar leans to the right."""
    rows = np.flatnonzero(ink.sum(axis=1) > 1)
    middles = [ink[row] @ np.arange(ink.shape[1]) / ink[row].sum() for row in rows]
    return -np.polyfit(rows, middles, 1)[0]


@pytest.mark.parametrize(
    ("slant", "expected"),
    [(0.8, LEAN), (0.5, LEAN), (0.3, LEAN), (-0.4, -LEAN), (0.2, 0.2), (0, 0), (-0.1, -0.1)],
)
def test_writing_that_leans_far_is_set_up_to_what_mnist_leans(slant, expected):
    ink = leaning_bar(slant)
    assert lean_of(ink) == pytest.approx(slant, abs=0.01)
    stood = upright(ink, slant)
    assert lean_of(stood) == pytest.approx(expected, abs=0.02)
    assert stood.sum() == pytest.approx(ink.sum(), rel=0.01)  # nothing is pushed out of the picture
    if abs(slant) <= LEAN:
        assert stood is ink


def test_discs_and_blocks_are_blobs_and_strokes_are_not():
    y, x = np.mgrid[:100, :100]
    radius = np.hypot(x - 50, y - 50)
    assert is_blob((radius < 30).astype(np.float32))
    assert not is_blob(((radius < 30) & (radius >= 20)).astype(np.float32))
    block, bar = canvas(), canvas()
    block[30:60, 30:65] = bar[20:80, 45:55] = 1
    assert is_blob(block)
    assert not is_blob(bar)
    assert is_blob(0.5 * block)  # faint ink too


def test_stroke_width_of_a_ring_is_its_thickness():
    y, x = np.mgrid[:200, :200]
    radius = np.hypot(x - 100, y - 100)
    ring = ((radius < 80) & (radius >= 68)).astype(np.float32)
    assert stroke_width(ring) == pytest.approx(12, abs=0.6)


def test_no_ink_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="no ink"):
        frame(canvas())

"""Every kind of picture becomes the same grey values."""

import io

import numpy as np
import pytest
from PIL import Image

from digits.preprocessing.decode import open_picture, to_grey, to_rgb, to_working_size

MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"]


@pytest.mark.parametrize("mode", MODES)
def test_modes_agree_on_black_and_white(mode):
    base = Image.new("L", (20, 10), 255)
    base.paste(0, (0, 0, 10, 10))
    if mode == "LAB":  # Pillow converts from it but not to it
        neutral = Image.new("L", base.size, 128)
        picture = Image.merge("LAB", [base, neutral, neutral])
    else:
        picture = base.convert(mode) if mode in ("LA", "PA") else base.convert("RGB").convert(mode)
    grey = to_grey(picture)
    assert grey.shape == (10, 20)
    assert grey.dtype == np.float32
    assert grey[:, :9].max() < 0.02
    assert grey[:, 11:].min() > 0.98


@pytest.mark.parametrize(
    ("dtype", "white"), [(np.uint16, 65535), (np.uint16, 4095), (np.int32, 65535), (np.float32, 1.0)]
)
def test_wide_pictures_keep_their_scale(dtype, white):
    array = np.zeros((10, 20), dtype)
    array[:, 10:] = white
    assert to_grey(Image.fromarray(array))[0].tolist() == [0.0] * 10 + [1.0] * 10


@pytest.mark.parametrize(("ink", "paper"), [(0, 1.0), (255, 0.0)])
def test_bare_ink_on_nothing_gets_the_paper_it_shows_up_on(ink, paper):
    array = np.zeros((20, 20, 4), np.uint8)
    array[5:15, 9:11] = (ink, ink, ink, 255)
    grey = to_grey(array)
    assert grey[0, 0] == paper
    assert grey[10, 10] == pytest.approx(ink / 255)


def test_a_white_card_with_cut_corners_stays_white_paper():
    array = np.full((20, 20, 4), 255, np.uint8)
    array[5:15, 9:11, :3] = 0
    array[:3, :3, 3] = 0
    assert to_grey(array)[0, 0] == 1.0


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((10, 10), np.float32), "float32"),
        (np.zeros((10, 10, 2), np.uint8), r"\(10, 10, 2\)"),
        (np.zeros((7, 100), np.uint8), "100 x 7"),
        (np.zeros((8, 8001), np.uint8), "8001 x 8"),
        ("seven.png", "str"),
        (None, "NoneType"),
    ],
)
def test_other_input_is_refused_by_name(image, words):
    with pytest.raises(ValueError, match=words):
        to_grey(image)


def test_broken_files_are_refused_by_name(tmp_path):
    whole = tmp_path / "whole.png"
    Image.effect_noise((64, 64), 50).save(whole)
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:900])
    (tmp_path / "text.png").write_text("seven")
    for name in ("cut.png", "text.png", "missing.png"):
        with pytest.raises(ValueError, match=name):
            open_picture(tmp_path / name)


def test_large_pictures_are_reduced_and_remember_how_much():
    reduced, factor = to_working_size(np.zeros((4096, 2048), np.float32))
    assert reduced.shape == (1024, 512)
    assert factor == 4.0


def test_a_picture_is_read_and_shown_upright():
    photo = Image.new("RGB", (30, 10), (200, 10, 10))
    photo.paste((10, 10, 10), (0, 0, 10, 10))
    file = io.BytesIO()
    exif = photo.getexif()
    exif[0x0112] = 6  # the camera stood on its side
    photo.save(file, "JPEG", exif=exif)
    assert to_grey(open_picture(io.BytesIO(file.getvalue()))).shape == (30, 10)
    shown = to_rgb(Image.open(file))
    assert shown.shape == (30, 10, 3)
    assert shown[25, 5, 0] > 150 > 50 > shown[25, 5, 1]
    assert shown[5, 5].max() < 50


def test_pictures_of_all_kinds_are_shown_as_they_are_read():
    bare_ink = np.zeros((20, 20, 4), np.uint8)
    bare_ink[5:15, 5:15] = (255, 255, 255, 255)  # white ink on nothing: the paper must be dark
    assert to_rgb(bare_ink)[0, 0].max() == 0
    canvas = np.full((20, 20, 4), 255, np.uint8)
    canvas[..., 2] = 0
    assert to_rgb(canvas)[3, 3].tolist() == [255, 255, 0]
    deep = Image.fromarray(np.full((20, 20), 65535, np.uint16))
    assert to_rgb(deep).min() == 255

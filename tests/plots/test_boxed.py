"""Boxes stand where the digits are, and doubt needs no eye for colour."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from digits.plots.pixels import LONGEST, Mark, boxed_svg

SVG = "{http://www.w3.org/2000/svg}"


def parts(svg: str, tag: str) -> list[dict]:
    return [node.attrib | {"text": node.text} for node in ElementTree.fromstring(svg).iter(SVG + tag)]


def inside(svg: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(parts(svg, "image")[0]["href"].split(",")[1])))


def test_doubtful_digits_have_another_colour_and_a_broken_line():
    picture = np.full((100, 200, 3), 255, np.uint8)
    svg = boxed_svg(
        picture, [Mark((20, 30, 40, 50), "7", "97%", False), Mark((90, 30, 40, 50), "?", "", True)]
    )
    sure, doubtful = [part for part in parts(svg, "rect") if part.get("class") == "mark"]
    assert "stroke-dasharray" not in sure
    assert "stroke-dasharray" in doubtful
    assert sure["stroke"] != doubtful["stroke"]
    assert [part["text"] or "" for part in parts(svg, "text")] == ["7", "97%", "?", ""]


def test_large_pictures_are_reduced_with_their_boxes():
    picture = np.zeros((3000, 4 * LONGEST, 3), np.uint8)
    picture[..., 0] = 200
    svg = boxed_svg(picture, [Mark((2000, 400, 400, 800), "1", "99%", False)])
    assert inside(svg).size == (LONGEST, 750)
    assert inside(svg).getpixel((5, 5))[0] > 150  # red stays red
    box = {name: float(parts(svg, "rect")[1][name]) for name in ("x", "y", "width", "height")}
    assert 450 < box["x"] <= 500
    assert 50 < box["y"] <= 100
    assert 600 <= box["x"] + box["width"] < 650
    assert 300 <= box["y"] + box["height"] < 350
    assert len(svg) < 100_000


def letter_height(svg: str) -> float:
    return float(re.search(r"700 ([\d.]+)px", svg)[1])


def test_names_and_notes_of_two_lines_do_not_meet():
    picture = np.full((400, 600, 3), 255, np.uint8)
    lines = [Mark((100, 50, 60, 100), "7", "99%", False), Mark((110, 194, 60, 100), "7", "99%", False)]
    assert letter_height(boxed_svg(picture, lines[:1])) == 42.0  # the most
    assert letter_height(boxed_svg(picture, lines)) == 20.0
    apart = [lines[0], Mark((300, 194, 60, 100), "7", "99%", False)]
    assert letter_height(boxed_svg(picture, apart)) == 42.0


def test_letters_stay_within_limits_and_a_picture_without_digits_is_fine():
    picture = np.full((50, 1000, 3), 255, np.uint8)
    small = boxed_svg(picture, [Mark((0, 0, 2, 3), "1", "", False)])
    large = boxed_svg(picture, [Mark((0, 0, 900, 900), "1", "", False)])
    assert (letter_height(small), letter_height(large)) == (18.0, 70.0)
    assert not parts(boxed_svg(picture, []), "text")

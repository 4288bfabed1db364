"""The road from a picture to a reading, with the shipped model and recorded drawings."""

import json
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from handwriting import strokes
from pages import stacked, touching, written_line
from pathologies import BLUE, PATHOLOGIES, on_paper
from pathologies import picture as pathology
from PIL import Image

from digits import Recognizer
from digits import recognizer as recognizer_
from digits.data import doodles
from digits.data.strokes import draw, fit_box
from digits.models.memory import Said
from digits.preprocessing import candidates, parts
from digits.preprocessing.decode import open_picture
from digits.preprocessing.lattice import STEPS, Layout, find_hypotheses
from digits.recognizer import EXPECTED, HEARD, MOST_SILENT, TOGETHER, together

GOLDEN = Path(__file__).parent / "golden"
RECORDS = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["file"])
def test_golden_canvases_keep_their_frame_and_their_answer(recognizer, record):
    reading = recognizer.read_digit(open_picture(GOLDEN / record["file"]))
    assert reading.digit == record["label"]
    assert reading.status == "digit"
    # Two levels of 255: the road is arithmetic and should not drift; a library's rounding may.
    recorded = np.array(record["frame"], np.float32).reshape(28, 28) / 255
    assert np.abs(reading.framed - recorded).max() <= 2.5 / 255


def test_transparent_coloured_tiny_and_large_pictures_read_the_same(recognizer):
    white = draw(strokes(4, 170, 60, 40), 280, 16)
    ink, black = Image.fromarray(white), Image.fromarray(255 - white)
    pictures = [
        Image.merge("RGBA", [Image.new("L", ink.size, 20)] * 3 + [ink]),
        Image.composite(Image.new("RGB", ink.size, "navy"), Image.new("RGB", ink.size, "khaki"), ink),
        black.resize((9, 9), Image.Resampling.BOX),
        black.resize((3000, 2000)),
    ]
    assert [reading.digit for reading in recognizer.read_digits(pictures)] == [4] * 4


def test_8000_pixels_are_read_and_one_more_is_refused(recognizer):
    white = draw(strokes(4, 170, 60, 40), 280, 16)
    assert recognizer.read_digit(Image.fromarray(white).resize((8000, 8000))).digit == 4
    with pytest.raises(ValueError, match="8001 x 8000"):
        recognizer.read_digit(Image.new("L", (8001, 8000)))


@pytest.mark.parametrize(
    "picture", [Image.new("RGBA", (280, 280)), Image.new("L", (99, 50), 255), np.zeros((9, 8), np.uint8)]
)
def test_blank_is_an_answer_and_never_a_digit(recognizer, picture):
    reading = recognizer.read_digit(picture)
    assert (reading.status, reading.digit, reading.confidence) == ("blank", None, 0.0)
    assert reading.framed.max() == 0
    assert reading.probabilities.sum() == pytest.approx(1)
    assert recognizer.read_number(picture).text == ""


@pytest.mark.parametrize("brush", [8, 40])
def test_a_dot_and_a_block_are_no_digits(recognizer, brush):
    dot = draw([np.array([[90, 120]], np.float32)], 280, brush)
    block = np.zeros((100, 100), np.uint8)
    block[20:50, 30:60] = 255
    for picture in (dot, block):
        reading = recognizer.read_digit(picture)
        assert (reading.status, reading.digit) == ("not_a_digit", None)


def test_a_reading_is_what_the_api_promises(recognizer):
    reading = recognizer.read_digit(draw(strokes(3, 170, 60, 40), 280, 16))
    assert reading.framed.shape == (28, 28)
    assert reading.framed.dtype == reading.probabilities.dtype == np.float32
    assert reading.probabilities.shape == (10,)
    assert reading.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert reading.confidence == reading.probabilities.max() == reading.probabilities[3]
    assert reading.ranking[0] == 3
    assert sorted(reading.ranking) == list(range(10))
    assert reading.label == "3"
    assert reading.steps == {}
    assert recognizer.read_digit(np.zeros((99, 99), np.uint8)).label is None


def test_steps_are_kept_where_they_are_asked_for(recognizer):
    drawing = draw(strokes(3, 170, 60, 40), 280, 16)
    reading = recognizer.read_digit(drawing, steps=True)
    assert tuple(reading.steps) == STEPS
    assert np.array_equal(reading.steps[STEPS[-1]], reading.framed)
    assert reading.number is None
    assert tuple(recognizer.read_digit(np.zeros((99, 99), np.uint8), steps=True).steps) == STEPS[:2]


def test_answers_keep_no_pictures(recognizer):
    pictures = [draw(strokes(digit, 170, 60, 40), 280, 16) for digit in range(10)]
    pictures.append(np.hstack(pictures[3:5]))  # several
    recognizer.read_digits(pictures)  # what is loaded late
    tracemalloc.start()
    try:
        readings = recognizer.read_digits(pictures * 15)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The frame alone takes 3,136 bytes; 4,000 answers may take 100 MB.
    assert held / len(readings) < 8_000
    assert peak / len(readings) < 100_000


def _wide(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, None, fx=2, fy=1, interpolation=cv2.INTER_AREA)


def test_one_piece_is_cut_where_it_does_not_read_well_with_the_answer_of_always_cutting(
    recognizer, monkeypatch
):
    plain = [_wide(draw(strokes(digit, 120, 60, 80), 280, 16)) for digit in (2, 3, 4, 5, 8)]
    pairs = [np.round(255 * touching(pair)).astype(np.uint8) for pair in ("22", "00", "77", "25")]
    at_edge = [picture[:, 60:] for picture in plain + pairs]
    looked = [find_hypotheses(picture)[0][0] for picture in plain + pairs]
    assert all(one.uncut and len(one.candidates) == 1 for one in looked)
    assert all(len(one.cut().candidates) > 3 for one in looked)
    lazy = recognizer.read_digits(plain + pairs + at_edge)
    with monkeypatch.context() as never:
        never.setattr(Layout, "cut", None)
        assert [reading.digit for reading in recognizer.read_digits(plain)] == [2, 3, 4, 5, 8]
    monkeypatch.setattr(candidates, "find_parts", lambda found, alone, _: parts.find_parts(found, alone))
    always = recognizer.read_digits(plain + pairs + at_edge)
    for one, other in zip(lazy, always, strict=True):
        assert (one.status, one.digit, one.box) == (other.status, other.digit, other.box)
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
    assert {one.status for one in lazy} >= {"digit", "several"}


def test_batches_of_large_pictures_take_bounded_memory(recognizer):
    large = cv2.resize(_wide(draw(strokes(2, 120, 60, 80), 280, 16)), (1000, 1000))
    recognizer.read_digit(large)
    tracemalloc.start()
    try:
        readings = recognizer.read_digits([large] * 32)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [reading.digit for reading in readings] == [2] * 32
    assert peak < 250e6, "two groups of four, not all 32, with twelve bytes a point and more"


def test_pictures_are_read_in_groups_and_a_bad_one_ends_it(recognizer, monkeypatch):
    pictures = [draw(strokes(digit, 170, 60, 40), 280, 16) for digit in range(7)]
    monkeypatch.setattr(recognizer_, "PICTURES", 2)
    assert [reading.digit for reading in recognizer.read_digits(pictures)] == [*range(7)]
    with pytest.raises(ValueError, match="str"):
        recognizer.read_digits([*pictures[:3], "no picture", *pictures[3:]])


def test_batches_read_like_single_pictures(recognizer):
    pictures = [draw(strokes(digit, 170, 60, 40), 280, 16) for digit in range(10)]
    blank = np.zeros((280, 280), np.uint8)
    together = recognizer.read_digits([*pictures, blank])
    assert [reading.digit for reading in together] == [*range(10), None]
    assert together[3].probabilities == pytest.approx(
        recognizer.read_digit(pictures[3]).probabilities, abs=1e-5
    )
    assert recognizer.read_digits([]) == []


def test_several_digits_are_said_to_be_several_and_read_as_a_number(recognizer):
    number = np.hstack([draw(strokes(digit, 150, 60, 60), 280, 14) for digit in (4, 0, 7)])
    reading = recognizer.read_digit(number)
    assert (reading.status, reading.digit) == ("several", None)
    assert reading.number is None
    result = recognizer.read_number(number)
    assert result.text == recognizer.read_digit(number, steps=True).number.text == "407"
    assert [reading.box[0] // 280 for reading in result.digits] == [0, 1, 2]


def test_digits_close_together_are_several_and_not_none(recognizer):
    four, one = draw(strokes(4, 180, 50, 50), 280, 18), draw(strokes(1, 180, 150, 50), 280, 18)
    both = np.maximum(four, one)
    assert recognizer.read_number(both).text == "41"
    assert recognizer.read_digit(both).status == "several"


NOT_YET = {"tight crop": {1}, "underlined": {0, 6, 7}, "broken strokes": {1, 7}}
"""Digits that are not read so far, by the picture they are on."""


@pytest.mark.parametrize("name", PATHOLOGIES)
def test_digits_are_read_however_they_were_written_and_taken(recognizer, name):
    digits = sorted(set(range(10)) - NOT_YET.get(name, set()))
    readings = recognizer.read_digits([pathology(name, digit) for digit in digits])
    assert [reading.digit for reading in readings] == digits


def photo(ink):
    return np.round(on_paper(ink, BLUE)).astype(np.uint8)


LINES = {
    "one line": (written_line("0987654321"), "0987654321"),
    "one digit": (written_line("7"), "7"),
    "three lines": (stacked(*[written_line(line, size=60) for line in ("12", "345", "6")]), "12\n345\n6"),
    "a column": (stacked(*[written_line(digit, margin=20) for digit in "4703"]), "4\n7\n0\n3"),
    "wide apart": (written_line("482", gap=90), "482"),
    "small": (written_line("48203", size=24, gap=6, pen=2.5, margin=12), "48203"),
    "slanting": (written_line("47203", slant=0.35), "47203"),
    "leaning back": (written_line("47203", slant=-0.25), "47203"),
}


@pytest.mark.parametrize("name", LINES)
def test_numbers_are_read_in_reading_order(recognizer, name):
    ink, expected = LINES[name]
    for page in (photo(ink), np.round(ink * 255).astype(np.uint8)):
        number = recognizer.read_number(page)
        assert number.lines == expected.split("\n")
        assert number.text == expected.replace("\n", "")


def test_a_line_that_rises_is_one_line(recognizer):
    ink = written_line("274035", margin=80)
    height, width = ink.shape
    for angle in (-6, 6):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
        assert recognizer.read_number(photo(cv2.warpAffine(ink, turn, (width, height)))).lines == ["274035"]


@pytest.mark.parametrize("missing", [(0, 1), (2, 3), (0, 4)], ids=["the 3", "the 0", "a strip of all"])
def test_broken_digits_in_a_number_stay_whole(recognizer, missing):
    ink = written_line("3508")
    left, right = (50 + place * (ink.shape[1] - 100) // 4 for place in missing)
    ink[112:116, left : right - 5] = 0  # the pen did not write here
    assert recognizer.read_number(photo(ink)).text == "3508"


@pytest.mark.parametrize("pair", ["23", "34", "40", "57", "63", "84"])
@pytest.mark.parametrize("deeper", [0, 2])
def test_touching_pairs_are_cut(recognizer, pair, deeper):
    number = recognizer.read_number(photo(touching(pair, deeper)))
    assert number.text == pair
    first, second = (reading.box for reading in number.digits)
    assert first[0] < second[0] < first[0] + 1.5 * first[2]


@pytest.mark.parametrize("number", ["-12.5", "3,14", "12 34", "1,50 2,75", "24-35"])
def test_marks_are_read_where_they_are_asked_for(recognizer, number):
    page = photo(written_line(number))
    assert recognizer.read_number(page, marks=True).text == number
    assert recognizer.read_number(page).text == "".join(filter(str.isdigit, number))


def test_boxes_are_in_pixels_of_the_picture(recognizer):
    small = photo(written_line("402", size=80, gap=30, margin=40))
    for factor in (1, 4):
        large = Image.fromarray(small).resize((small.shape[1] * factor, small.shape[0] * factor))
        boxes = [np.array(reading.box) / factor for reading in recognizer.read_number(large).digits]
        assert len(boxes) == 3
        dark = np.asarray(small)[..., 0] < 135
        assert boxes[0][0] == pytest.approx(40, abs=2)
        for box in boxes:
            x, y, w, h = np.round(box).astype(int)
            assert dark[y + 1 : y + h - 1, x + 1 : x + w - 1].any(axis=0).all()
            assert not dark[:, x - 4].any()
            assert not dark[:, x + w + 3].any()
            assert y == pytest.approx(40, abs=6)
            assert h == pytest.approx(80, abs=8)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        (np.zeros((2, 28, 28), np.float32), r"\(2, 28, 28\)"),
        (np.full((1, 28, 28, 1), 255, np.float32), "255"),
        (np.full((1, 28, 28, 1), np.nan, np.float32), "nan"),
    ],
)
def test_bare_probabilities_refuse_what_is_not_a_frame(recognizer, batch, words):
    with pytest.raises(ValueError, match=words):
        recognizer.probabilities(batch)


def test_bare_probabilities_of_any_number_of_frames(recognizer):
    assert recognizer.probabilities(np.zeros((0, 28, 28, 1))).shape == (0, 10)
    found = recognizer.probabilities(np.random.default_rng(1).random((700, 28, 28, 1), np.float32))
    assert found.shape == (700, 10)
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'no_such'.*mnist_cnn"):
        Recognizer.load("no_such")


def hears(monkeypatch, silent, digit):
    """Let the glimpse reader say of every picture how much rather no digit is there, and which if any."""
    said = np.full((1, 11), -30.0, np.float32)
    said[0, digit], said[0, 10] = 0.0, silent
    monkeypatch.setattr("digits.models.glimpse.read", lambda shown: said.repeat(len(shown), axis=0))


@pytest.mark.parametrize("model", ["taught", "untaught"])
def test_where_the_glimpse_reader_sees_no_digit_none_is_read(recognizer, monkeypatch, model):
    reader = recognizer if model == "taught" else recognizer.careful({"unsure_below": 0.5})
    picture = photo(written_line("3"))
    assert reader.read_digit(picture).label == "3"
    hears(monkeypatch, 60.0, 3)
    for share in (0.4, 0.8):
        monkeypatch.setattr("digits.preprocessing.ink.evenness", lambda grey, share=share: share)
        reading = reader.read_digit(picture)
        assert reading.against == MOST_SILENT - EXPECTED
        assert reading.status == "not_a_digit"
    monkeypatch.setattr("digits.preprocessing.ink.evenness", lambda grey: 0.99)
    assert reader.read_digit(picture).label == "3", "on a screen it is not asked about what is plain"


def test_whether_there_is_a_digit_the_glimpse_reader_says_twice_as_loud(recognizer, monkeypatch):
    monkeypatch.setattr("digits.preprocessing.ink.evenness", lambda grey: 0.7)
    hears(monkeypatch, 2.0, 3)
    assert recognizer.read_digit(photo(written_line("3"))).against == pytest.approx(2 * 2.0 - 1.0, abs=0.01)


@pytest.fixture(scope="module")
def letters_drawn():
    """100 letters on canvases; the first is one that the network doubts to be a 1."""
    rng = np.random.default_rng(7)
    return [draw(fit_box(doodles.letter(rng), 170, (140, 140)), 280, 16) for _ in range(100)]


@pytest.mark.parametrize(
    ("silent", "against"), [(5.0, 4.4), (0.0, 0.4), (-5.0, -3.6), (60.0, MOST_SILENT + 0.4)]
)
def test_a_drawing_is_shown_to_the_glimpse_reader_where_the_network_doubts(
    recognizer, monkeypatch, letters_drawn, silent, against
):
    hears(monkeypatch, silent, 3)
    shown = [draw(strokes(3, 170, 60, 40), 280, 16), photo(written_line("3")), letters_drawn[0]]
    plain, _, doubtful = recognizer.read_digits(shown)
    assert (plain.label, plain.against) == ("3", 0)
    assert doubtful.against == pytest.approx(against, abs=0.01)
    assert doubtful.label == ("1" if against < 0.5 else None), "which digit it is, the network alone says"


def test_letters_drawn_are_hardly_ever_taken_for_digits(recognizer, letters_drawn):
    taken = [reading for reading in recognizer.read_digits(letters_drawn) if reading.label]
    assert len(taken) <= 3, "by the network alone 6"


def test_on_paper_both_readers_speak(recognizer, monkeypatch):
    picture = photo(written_line("3"))
    alone = recognizer.read_digit(picture)
    for share, heard, label in ((0.7, 3, "3"), (0.7, 8, "8"), (0.99, 8, "3")):
        hears(monkeypatch, -9.0, heard)
        monkeypatch.setattr("digits.preprocessing.ink.evenness", lambda grey, share=share: share)
        reading = recognizer.read_digit(picture)
        assert reading.label == label, "the one is far surer than the other can be"
        assert reading.against == (0 if share == 0.99 else -MOST_SILENT - EXPECTED)
    assert alone.label == "3"


def test_frames_of_one_thing_speak_together_the_louder_the_better_they_read():
    first, second = np.array([6.0, 0, 0]), np.array([0, 3.0, 0])
    assert together([]) is None
    assert together([(-2.0, second)]) == pytest.approx(second)
    assert together([(-1.0, first), (-1.0, second)]) == pytest.approx([3, 1.5, 0])
    assert together([(-1.0, first), (-1.0 - np.log(3), second)]) == pytest.approx([4.5, 0.75, 0])


def test_which_digit_it_is_all_hypotheses_of_it_say_together_and_those_of_its_neighbour_do_not(
    recognizer, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        "digits.recognizer.together",
        lambda found: asked.append(len(found)) or np.where(np.arange(10) == 8, 99.0, 0.0),
    )
    monkeypatch.setattr("digits.preprocessing.ink.evenness", lambda grey: 0.7)
    reading = recognizer.read_digit(photo(written_line("3")))
    assert (reading.label, asked) == ("8", [2])
    monkeypatch.setattr("digits.recognizer.shared", lambda a, b: float(a is b))
    recognizer.read_digit(photo(written_line("3")))
    assert asked == [2, 0]


@pytest.mark.parametrize("model", ["letters", "untaught"])
def test_of_drawings_only_a_network_of_digits_that_knows_what_is_none_may_doubt(
    recognizer, monkeypatch, letters_drawn, model
):
    hears(monkeypatch, 60.0, 3)
    reader = (
        recognizer.careful({"unsure_below": 0.5}) if model == "untaught" else Recognizer.load("characters")
    )
    assert [reading.against for reading in reader.read_digits(letters_drawn[:20])] == [0] * 20


def test_a_doubtful_drawing_at_an_edge_is_not_spared_for_a_neighbour(recognizer, monkeypatch, letters_drawn):
    cut = [letter[:, np.flatnonzero(letter.any(axis=0))[0] :] for letter in letters_drawn[:10]]
    hears(monkeypatch, 60.0, 3)
    statuses = {reading.status for reading in recognizer.read_digits(cut) if reading.against}
    assert statuses == {"not_a_digit"}


def test_in_a_crop_the_digit_in_the_middle_is_read_if_the_glimpse_reader_sees_one(recognizer, monkeypatch):
    whole = photo(written_line("4703", margin=50))
    rows, columns = (np.flatnonzero((whole.min(axis=2) < 128).any(axis=axis)) for axis in (1, 0))
    crop = whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    monkeypatch.setattr("digits.preprocessing.ink.evenness", lambda grey: 0.7)
    for silent, picture, statuses in (
        (60.0, crop, {"several"}),
        (-9.0, whole, {"several"}),
        (-9.0, crop, {"digit", "unsure"}),
    ):
        hears(monkeypatch, silent, 0)
        reading = recognizer.read_digit(picture)
        assert reading.status in statuses
    assert reading.label in "70", "which stand in the middle"


def test_beside_the_glimpse_reader_a_memory_speaks_in_full(recognizer):
    even, heard = np.zeros(10, np.float32), np.zeros(10, np.float32)
    heard[8] = 3.0
    votes = np.where(np.arange(10) == 3, HEARD * 3.3 / TOGETHER * recognizer.temperature, 0)
    assert recognizer._answer(Said(even), heard=heard)["probabilities"].argmax() == 8
    told = recognizer._answer(Said(even, votes), against=-9.0, heard=heard)
    assert (told["index"], told["untaught"]) == (3, 8)

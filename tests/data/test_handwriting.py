"""Own digits: what is read of folders and strokes files, what is left out, and what cannot be taught."""

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image

from digits.data import handwriting
from digits.data.handwriting import balance, doubts, load_folder, unfit
from digits.data.strokes import draw
from digits.preprocessing.lattice import frame_single


@pytest.fixture
def own(tmp_path):
    for digit, name, size in ((0, "a.png", (30, 40)), (0, "b.JPG", (300, 200)), (7, "c.jpeg", (28, 28))):
        (tmp_path / str(digit)).mkdir(exist_ok=True)
        Image.new("L", size, 255).save(tmp_path / str(digit) / name)
    (tmp_path / "7" / "notes.txt").write_text("mine")
    (tmp_path / "7" / "broken.png").write_bytes(b"\x89PNG nothing")
    (tmp_path / "letters").mkdir()
    return tmp_path


@pytest.fixture
def drawn(tmp_path):
    """Three pictures of each digit by Anna, and an empty one of a 3."""
    rng = np.random.default_rng(1)
    for number in range(30):
        (tmp_path / str(number % 10)).mkdir(exist_ok=True)
        pen = [stroke + rng.normal(0, 1, stroke.shape) for stroke in strokes(number % 10, 90, 25, 25)]
        Image.fromarray(255 - draw(pen, 140, 8)).save(tmp_path / str(number % 10) / f"anna-{number}.png")
    Image.new("L", (60, 60), "white").save(tmp_path / "3" / "empty_1.png")
    return tmp_path


def test_pictures_are_found_with_their_labels_and_bad_files_named(own):
    folder = load_folder(own)
    assert [path.name for path in folder.paths] == ["a.png", "b.JPG", "c.jpeg"]
    assert folder.labels.tolist() == [0, 0, 7]
    assert balance(folder.labels).startswith("0: 2, 1: 0")
    reasons = {path.name: reason for path, reason in folder.skipped}
    assert set(reasons) == {"notes.txt", "broken.png"}
    assert "ending" in reasons["notes.txt"]
    assert "not a picture" in reasons["broken.png"]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no usable picture"):
        load_folder(tmp_path)
    with pytest.raises(ValueError, match="is not a folder"):
        load_folder(tmp_path / "missing")


def test_a_folder_of_pictures_is_framed(drawn):
    found = handwriting.load(drawn)
    assert found.frames.shape == (30, 28, 28)
    assert found.frames.max() > 200
    assert np.bincount(found.labels).tolist() == [3] * 10
    assert set(found.sources) == {"anna"}
    assert "blank" in found.skipped[0]
    held = handwriting.hold_out(found, (), share=0.34, seed=1)
    assert np.bincount(found.labels[held], minlength=10).tolist() == [1] * 10


def test_frames_that_are_there_are_not_made_again(drawn, monkeypatch):
    before = handwriting.load(drawn)
    shown = np.full((28, 28), 0.5, np.float32)
    handwriting.save_frames(drawn, {"4/anna-4.png": shown, "3/empty_1.png": shown})
    asked = []
    monkeypatch.setattr(handwriting, "frame_single", lambda one: asked.append(one) or frame_single(one))
    found = handwriting.load(drawn)
    assert len(asked) == 29, "all but two of 31"
    assert len(found) == 31, "what a model saw of a picture is a digit"
    assert (found.frames[found.names == "anna-4.png"] == 128).all()
    others = np.isin(before.names, found.names) & (before.names != "anna-4.png")
    chosen = np.isin(found.names, before.names[others])
    assert np.array_equal(found.frames[chosen], before.frames[others])
    monkeypatch.setattr(handwriting, "FRAME_VERSION", 2)
    assert np.array_equal(handwriting.load(drawn).frames, before.frames), "another framing made those"


def test_every_drawing_of_a_digit_lands_on_the_same_side(strokes_file):
    found = handwriting.load(strokes_file, seed=1, renders=3)
    held = handwriting.hold_out(found, (), share=0.2, seed=1)
    assert not set(found.ids[held]) & set(found.ids[~held])
    once = found.part(held).once()
    assert len(once) == len(set(found.ids[held])) == held.sum() / 3
    whole = found.part(~held).and_also(found.part(held))
    assert sorted(whole.ids.tolist()) == sorted(found.ids.tolist())
    for sources, words in ((("nowhere",), "'nowhere' does not occur"), (("here", "there"), "on either side")):
        with pytest.raises(ValueError, match=words):
            handwriting.hold_out(found, sources, share=0, seed=1)


def test_digits_are_refused_where_letters_are_expected_and_letters_where_digits(strokes_file, letters_file):
    with pytest.raises(ValueError, match="120 samples 0 to 9; expected no digits"):
        handwriting.load_outliers(strokes_file)
    with pytest.raises(ValueError, match="labels other than 0 to 9"):
        handwriting.load(letters_file)
    assert set(handwriting.load_outliers(letters_file).labels) == {10}


def counts(**others: int) -> np.ndarray:
    """Return five digits of each class, but for those named, as in `_4=1`."""
    return np.array([others.get(f"_{digit}", 5) for digit in range(10)])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (np.zeros(10, int), "There are no digits yet; expected 3 or more of each."),
        (
            counts(_1=2, _2=1, _9=0),
            "Digit 1 has 2, digit 2 has 1 and digit 9 has none; expected 3 or more of each.",
        ),
        (
            np.eye(10, dtype=int)[7] * 40,
            "All 40 digits are 7s: a model would learn to answer nothing else; "
            "expected 3 or more of each digit.",
        ),
        (counts(_3=3), None),
    ],
)
def test_what_cannot_be_taught_is_named(given, sentence):
    assert unfit(given) == sentence


def test_few_and_uneven_digits_are_doubted():
    assert doubts(np.full(10, 10)) == []
    assert [sentence[:20] for sentence in doubts(counts())] == ["You have 50 digits, "]
    assert doubts(counts(_3=100, _8=4)) == ["Digit 3 has 100 and digit 8 only 4: a few more 8s help."]

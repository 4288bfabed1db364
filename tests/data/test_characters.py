"""Letters and digits of several sites, by their places in an alphabet; marks that are neither."""

import numpy as np
import pytest

from digits.data.characters import load_characters
from digits.data.doodles import mark
from digits.data.mnist import TrainVal
from digits.data.outliers import OF_CHARACTERS, make_outliers, no_characters
from digits.models import alphabet

LINE = np.array([[0, 0], [0, 10]], np.float32)


@pytest.fixture
def path(tmp_path):
    labels, sources = ["A", "a", "c", "C", "7", "?"], ["kai/x", "kai/y", "mot/z", "mot/z", "kai", "aga/b"]
    bent = [LINE + np.array([[0, 0], [n, 0]], np.float32) for n in range(len(labels))]
    np.savez(
        tmp_path / "some.npz",
        points=np.concatenate(bent),
        stroke_ends=2 * np.arange(1, 7),
        sample_ends=np.arange(1, 7),
        labels=np.array(labels),
        source=np.array(sources),
    )
    return tmp_path / "some.npz"


def test_labels_are_places_in_the_alphabet_and_others_are_left_out(path):
    found = load_characters(path, alphabet.of("47"))
    assert [alphabet.of("47")[place] for place in found.places] == ["A", "a", "C", "C", "7"]
    assert found.sites.tolist() == ["kai", "kai", "mot", "mot", "kai"]
    assert load_characters(path, alphabet.of("62")).places.tolist() == [10, 36, 38, 12, 7]
    assert load_characters(path, alphabet.DIGITS).places.tolist() == [7]


def test_sites_are_taken_whole_and_unknown_ones_named(path):
    found = load_characters(path, alphabet.of("62"))
    assert found.of(["mot"]).strokes.labels.tolist() == ["c", "C"]
    with pytest.raises(ValueError, match="'nobody'.*kai, mot"):
        found.of(["nobody"])
    with pytest.raises(ValueError, match="none of xyz"):
        load_characters(path, ("x", "y", "z"))


def test_each_is_drawn_once_as_a_frame_of_its_own(path):
    found = load_characters(path, alphabet.of("62"))
    frames, rows = found.drawn(np.random.default_rng(0), anyhow=False)
    assert frames.shape == (5, 28, 28)
    assert frames.dtype == np.uint8
    assert rows.tolist() == [0, 1, 2, 3, 4]
    again, _ = found.drawn(np.random.default_rng(0), anyhow=False)
    assert (frames == again).all()
    assert (frames.max(axis=(1, 2)) > 200).all()


def test_an_alphabet_has_each_character_once_and_no_other_sign():
    assert len(alphabet.of("47")) == 47
    assert len(alphabet.of("62")) == 62
    assert len(alphabet.of("upper")) == 26
    assert alphabet.of("A1b") == ("A", "1", "b")
    for wrong in ("A", "AA", "Aä", "A-"):
        with pytest.raises(ValueError, match="expected two or more"):
            alphabet.of(wrong)
    for wrong in ("01", "1234567890"):  # whose places are not the digits
        with pytest.raises(ValueError, match=wrong):
            alphabet.of(wrong)


def test_marks_are_strokes_and_make_what_is_no_character():
    rng = np.random.default_rng(0)
    assert all(np.ptp(np.concatenate(mark(rng)), axis=0).max() > 0 for _ in range(50))
    frames = rng.integers(0, 255, (40, 28, 28), dtype=np.uint8)
    labels = np.arange(40) % 10
    inks = make_outliers(frames, labels, 30, rng, OF_CHARACTERS)
    assert len(inks) == 30
    assert all(ink.max() > 0.2 for ink in inks)
    learnt, held = no_characters(TrainVal(frames, labels, frames[:10], labels[:10]), 20, seed=1)
    assert 0 < len(learnt) <= 20
    assert 0 < len(held) <= 10
    assert learnt.dtype == np.uint8

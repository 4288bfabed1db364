"""A stranger's model of letters is welcome if its card names what its outputs stand for."""

import dataclasses
import io
import json

import numpy as np
import pytest
from lettering import make_reader, write

from digits import Recognizer
from digits.config import SIDE
from digits.files import sha256
from digits.models import alphabet, checkpoints
from digits.models.sandbox import gate, inputs, trial


@pytest.fixture
def theirs(tmp_path, tiny_card, monkeypatch):
    """Return the file of a model of letters that was not made here, without a card."""
    monkeypatch.setattr(trial, "run", lambda *_: None)
    monkeypatch.setattr(gate, "remember", lambda digest: None)
    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path))
    path = make_reader(alphabet.of("upper"), tiny_card, tmp_path / "theirs.keras")
    path.with_suffix(".json").unlink()
    return path


def test_without_labels_it_is_refused_and_told_what_would_help(theirs):
    words = 'tells 26 things apart, as of letters.*or a card beside it that names all 26 under "labels"'
    with pytest.raises(ValueError, match=words):
        Recognizer.load(theirs)


def test_a_card_of_labels_alone_is_enough(theirs):
    theirs.with_suffix(".json").write_text(json.dumps({"labels": list(alphabet.of("upper"))}))
    reader = Recognizer.load(theirs)
    assert (reader.labels, reader.read_digit(write("R")).label) == (alphabet.of("upper"), "R")
    card = checkpoints.inspect(theirs).card  # written in its place
    assert (card.sha256, tuple(card.labels)) == (sha256(theirs), alphabet.of("upper"))


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (list("ABC"), "has 26 outputs, and its card names 3 labels; expected one for each"),
        (["A"] * 26, "two or more digits and letters, each once"),
        ([["A"], "B"], "labels"),
        ("ABC", "labels"),
    ],
    ids=["short", "twice", "nested", "text"],
)
def test_labels_that_do_not_fit_are_refused_in_a_sentence(theirs, labels, words):
    theirs.with_suffix(".json").write_text(json.dumps({"labels": labels}))
    with pytest.raises(ValueError, match=words) as refusal:
        Recognizer.load(theirs)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_whole_card_may_name_them(theirs, tiny_card):
    card = dataclasses.replace(tiny_card, labels=list(alphabet.of("upper")), sha256=sha256(theirs))
    theirs.with_suffix(".json").write_text(json.dumps(card.as_dict()))
    assert Recognizer.load(theirs).labels == alphabet.of("upper")


def test_an_upload_brings_its_labels_along(theirs, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path / "other"))
    placed = gate.take_in(io.BytesIO(theirs.read_bytes()), "letters.keras", alphabet.of("upper"))
    assert checkpoints.inspect(placed).labels == alphabet.of("upper")
    with pytest.raises(ValueError, match="expected two or more, each once"):
        gate.take_in(io.BytesIO(b""), "x.keras", ["A", "A"])


@pytest.mark.parametrize(
    "labels", [alphabet.of("47"), tuple("9876543210"), tuple("17AB")], ids=["47", "reversed", "few"]
)
def test_the_form_is_found_by_the_digits_that_it_knows(labels):
    frames, known = inputs.known_digits()
    place = {int(label): number for number, label in enumerate(labels) if label in alphabet.DIGITS}
    asked = np.isin(known, list(place))
    right = np.array([place[int(one)] for one in known[asked]])

    def answer(shown, form):
        """Read rightly what is given bytes, and take zeros for the letter O."""
        logits = np.zeros((len(shown), len(labels)))
        logits[np.arange(len(shown)), right[: len(shown)]] = 5.0 * (form is inputs.FORMS["bytes"])
        if "O" in labels:
            logits[:, labels.index("O")] = 9
        return logits

    finding = inputs.find_form(answer, SIDE * SIDE, labels)
    assert (finding.form, finding.right) == ("bytes", 1.0)


def test_who_knows_no_digit_is_given_the_usual_form():
    assert inputs.find_form(lambda *_: 1 / 0, 1, alphabet.of("upper")) is None

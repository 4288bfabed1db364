"""Models of letters come the whole road: from the gate to text, by their own labels."""

import json

import numpy as np
import pytest
from lettering import make_reader, spread, write

from digits import Recognizer
from digits.explain import report
from digits.explain.attribution import Explainer
from digits.explain.counterfactual import find_change
from digits.fields import Field
from digits.models import alphabet, checkpoints, runtimes
from digits.models.export import formats, metadata, verify
from digits.reading import Answer, Row, as_dict, to_csv
from digits.robustness.attacks import Attacker

LABELS = alphabet.NAMED["47"]


@pytest.fixture(scope="module")
def files(tmp_path_factory, tiny_card):
    folder = tmp_path_factory.mktemp("letters")
    return {
        name: make_reader(alphabet.of(name), tiny_card, folder / f"of_{name}.keras")
        for name in ("digits", "upper", "47", "62")
    }


@pytest.fixture(scope="module")
def reader(files):
    return Recognizer.load(files["47"])


@pytest.mark.parametrize("name", ["digits", "upper", "47", "62"])
def test_an_alphabet_decides_what_is_read(files, name):
    reader, labels = Recognizer.load(files[name]), alphabet.of(name)
    assert reader.labels == labels
    assert reader.logits(np.zeros((2, 28, 28, 1))).shape == (2, len(labels))
    assert reader.logits(np.zeros((0, 28, 28, 1))).shape == (0, len(labels))
    shown = [one for one in "A7RbN4e" if one in labels]
    readings = reader.read_digits([write(one) for one in shown])
    assert [reading.label for reading in readings] == shown
    assert [reading.digit for reading in readings] == [int(one) if one.isdigit() else None for one in shown]
    assert all(len(reading.probabilities) == len(labels) for reading in readings)
    assert reader.read_digit(np.full((90, 90), 255, np.uint8)).probabilities.shape == (len(labels),)


def test_a_letter_is_told_as_text_and_with_its_labels(reader):
    row = Row("A.png", reader.read_digit(write("A")))
    said = as_dict(row)
    assert (row.text, said["digit"], said["label"], said["labels"]) == ("A", None, "A", list(LABELS))
    assert "A.png,A," in to_csv([row])
    assert row.reading.ranked(3)[0] == ("A", pytest.approx(row.confidence))
    assert len(row.reading.ranked(10)) == 10


@pytest.mark.parametrize(
    ("label", "others", "alike"),
    [
        ("0", {"O": 0.3}, ("O",)),
        ("1", {"I": 0.1, "L": 0.2}, ("l", "I")),
        ("8", {"B": 0.001}, ()),
        ("4", {"A": 0.4}, ()),
    ],
)
def test_what_stands_alone_might_as_well_be_what_is_written_alike(label, others, alike):
    chances = np.zeros(47, np.float32)
    for one, chance in others.items():
        chances[LABELS.index(one)] = chance
    chances[LABELS.index(label)] = 1 - chances.sum()
    assert Answer(LABELS.index(label), chances, "digit", labels=LABELS).alike == alike


def test_words_and_codes_are_read(reader):
    assert reader.read_number(spread("ARN")).text == "ARN"
    found = reader.read_number(spread("AB1204"), field=Field(pattern="LL-dddd"))
    assert (found.text, found.value) == ("AB1204", "AB-1204")
    assert sum(chance for _, chance in found.alternatives) <= 1 + 1e-6
    assert reader.read_number(spread("1204"), field=Field(pattern="LLLL")).value in (None, "IZOA")


def test_the_pattern_decides_among_what_is_written_alike(reader):
    plain = reader.read_number(spread("OISB"))
    assert plain.text == "OISB"
    found = reader.read_number(spread("OISB"), field=Field(pattern="dddd"))
    assert (found.value, found.unbound) == ("0158", "OISB")
    assert reader.read_number(spread("CXS"), field=Field(pattern="lLl")).value == "cXs"
    assert reader.read_number(spread("ARN"), field=Field(pattern="dd")).value is None  # it has three signs


def test_readers_that_know_digits_alone_are_not_asked(reader, monkeypatch):
    from digits.models import glimpse, line

    def refuse(*_):
        raise AssertionError("it knows no letters")

    monkeypatch.setattr(glimpse, "read", refuse)
    monkeypatch.setattr(line, "read", refuse)
    rng = np.random.default_rng(1)
    paper = (
        (write("A").astype(float) * 0.8 + rng.normal(0, 6, write("A").shape)).clip(0, 255).astype(np.uint8)
    )
    assert reader.read_digit(paper).label == "A"
    assert reader.read_number(spread("AR")).text == "AR"


def test_letters_are_no_tables_and_no_forms(reader, files):
    with pytest.raises(
        ValueError, match=r"^of_47 reads letters; expected a model of digits to read a table\.$"
    ):
        reader.read_table(write("A"))
    with pytest.raises(ValueError, match="reads letters; expected a model of digits to read a form"):
        reader.read_form(write("A"), None)
    with pytest.raises(
        ValueError, match=r"^of_digits reads digits alone; expected a model of letters for pattern LL\.$"
    ):
        Recognizer.load(files["digits"]).read_number(write("7"), field=Field(pattern="LL"))


@pytest.mark.parametrize("name", ["digits", "47", "62"])
@pytest.mark.parametrize("form", ["tflite", "onnx"])
def test_an_export_holds_the_labels_of_its_model(files, name, form, tmp_path):
    frames = np.stack([Recognizer.load(files[name]).read_digit(write(one)).framed for one in "147"])[
        ..., None
    ]
    reader, labels = Recognizer.load(files[name]), alphabet.of(name)
    ((_, file),) = formats.write(files[name], [form], tmp_path)
    truth = np.array([labels.index(one) for one in "147"])
    assert verify.check(form, file, frames, truth, reader.probabilities(frames)).passed
    assert metadata.read(file)["labels"] == list(labels)
    copy = Recognizer.load(file)
    assert (copy.labels, copy.read_digit(write("7")).label) == (labels, "7")


def test_an_export_that_answers_for_other_labels_is_refused(files, tmp_path):
    ((_, file),) = formats.write(files["47"], ["tflite"], tmp_path)
    with pytest.raises(ValueError, match=r"answers .*; expected ten probabilities"):
        runtimes.open_exported(file)
    notes = metadata.read(file)
    with pytest.raises(ValueError, match="expected those of its card"):
        metadata.card_of(notes | {"labels": list("AB")}, "x.tflite")


def test_old_cards_without_labels_are_of_digits(files):
    beside = files["digits"].with_suffix(".json")
    assert "labels" not in json.loads(beside.read_text())
    assert checkpoints.inspect(files["digits"]).labels == alphabet.DIGITS


def test_letters_are_explained_and_attacked(files, reader):
    model = checkpoints.load(files["47"])[0]
    frame, place = reader.read_digit(write("A")).framed, LABELS.index("A")
    explainer = Explainer(model)
    assert explainer.explain("occlusion", frame, place).shape == (28, 28)
    with pytest.raises(ValueError, match="target is 47; expected 0 to 46, the place of a label"):
        explainer.explain("occlusion", frame, 47)
    found = find_change(reader.logits, frame, labels=LABELS)
    assert found.reason or found.change.before == place
    attacker = Attacker(model, "m")
    changed = attacker.attack(frame[None, ..., None], np.array([place]), 0.3, steps=3)
    assert np.abs(changed[0, ..., 0] - frame).max() <= 0.3 + 1e-6


def test_an_explanation_names_its_letter(files, tmp_path):
    from PIL import Image

    Image.fromarray(write("A")).save(tmp_path / "A.png")
    said = report.explain_file(tmp_path / "A.png", files["47"], tmp_path / "out")
    assert (said["digit"], said["label"], said["target"]) == (None, "A", "A")
    with pytest.raises(ValueError, match="expected one of 0123456789ABC"):
        report.explain_file(tmp_path / "A.png", files["47"], tmp_path / "out", target="?")

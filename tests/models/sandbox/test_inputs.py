"""What a model expects of its frames is found out by asking it, noted in its card, and used on every road."""

import dataclasses
import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers as L

from digits import Recognizer
from digits.files import sha256
from digits.models import checkpoints
from digits.models.card import Card
from digits.models.sandbox import adapt, gate, inputs, trial, worker
from digits.models.sandbox.inputs import FORMS, UNIT, Finding


def reader(form: str) -> keras.Model:
    """Return a model that reads the known digits right if they come in a form: it knows them by heart."""
    frames, labels = inputs.known_digits()
    given = FORMS[form].apply(frames).reshape(len(frames), -1)
    scale = float(np.abs(given).max())
    spread = (given - given.mean(axis=0)) / scale
    wanted = np.eye(10)[labels] - 0.1
    kernel = np.linalg.solve(spread.T @ spread + 3.0 * np.eye(784), spread.T @ wanted) / scale
    dense = L.Dense(10, "softmax")
    model = keras.Sequential([keras.Input((28, 28, 1)), L.Flatten(), dense])
    dense.set_weights([10 * kernel, -10 * given.mean(axis=0) @ kernel])
    return model


def asked(model: keras.Model) -> Finding:
    def answer(frames: np.ndarray, form: inputs.Form) -> np.ndarray:
        return np.array(model(adapt.given(frames, model.input_shape[1:], form)))

    return inputs.find_form(answer, 7840)


@pytest.mark.parametrize("form", FORMS)
def test_the_form_that_a_model_learnt_is_found(form):
    finding = asked(reader(form))
    assert finding.form == form
    assert finding.works
    assert (finding.remark == "") is (form == UNIT)


def test_who_reads_nothing_keeps_zero_to_one_and_it_is_said():
    keras.utils.set_random_seed(1)
    finding = asked(keras.Sequential([keras.Input((28, 28, 1)), L.Flatten(), L.Dense(10, "softmax")]))
    assert finding.form == UNIT
    assert not finding.works
    assert "may be no reader of digits" in finding.remark


def test_answers_that_are_no_numbers_win_nothing():
    finding = inputs.find_form(lambda frames, form: np.full((len(frames), 10), np.nan), 10**9)
    assert (finding.form, finding.right) == (UNIT, 0.0)
    assert finding.asked < 100, "a large model is asked less"


def test_layers_do_what_is_tried_with_arrays():
    frames = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    frames[:, :, 5] = 0
    for form in FORMS.values():
        shown = frames
        for layer in form.layers():
            shown = layer(shown)
        assert np.array(shown) == pytest.approx(form.apply(frames), abs=1e-5)


@pytest.fixture
def found(monkeypatch):
    """Let a trial find that files expect bytes, without its ten seconds."""
    finding = Finding("bytes", 0.97, 0.4, 1000)
    monkeypatch.setattr(gate, "_found", {})
    monkeypatch.setattr(trial, "run", lambda *_: finding)
    return finding


def test_the_finding_goes_into_the_card_and_from_there_to_every_road(surroundings, found):
    path = surroundings / "models" / "theirs.keras"
    model = reader("bytes")
    model.save(path)
    frames = inputs.known_digits()[0][:20]
    wanted = np.array(model(255 * frames))
    loaded, card = checkpoints.load(path)
    assert np.array(loaded(frames)) == pytest.approx(wanted, abs=1e-4)
    assert card.input["form"] == "bytes"
    assert card == checkpoints.inspect(path).card == Card.read(path.with_suffix(".json"))
    assert "0 to 255" in card.config["remarks"]
    assert Recognizer.load("theirs").probabilities(frames) == pytest.approx(wanted, abs=1e-4)
    values = json.loads(path.with_suffix(".json").read_text())
    values["input"]["form"] = "unit"  # whoever knows better says so
    path.with_suffix(".json").write_text(json.dumps(values))
    assert Recognizer.load("theirs").probabilities(frames) == pytest.approx(np.array(model(frames)), abs=1e-4)


def test_an_upload_gets_its_card_and_another_models_card_stays(surroundings, found):
    path = surroundings / "one.keras"
    reader("bytes").save(path)
    with path.open("rb") as file:
        placed = gate.take_in(file, "Their model.h5")
    assert placed.name == "Their_model.keras"
    assert checkpoints.inspect(placed).card.input["form"] == "bytes"
    other = surroundings / "models" / "other.keras"
    shutil.copyfile(path, other)
    other.with_suffix(".json").write_text("{}")
    assert gate.write_card(other, sha256(other), 7850) is None
    assert other.with_suffix(".json").read_text() == "{}"


def test_a_model_outside_of_models_is_adapted_too_and_gets_no_card(surroundings, found):
    path = surroundings / "elsewhere.keras"
    model = reader("bytes")
    model.save(path)
    frames = inputs.known_digits()[0][:20]
    assert np.array(checkpoints.load(path)[0](frames)) == pytest.approx(
        np.array(model(255 * frames)), abs=1e-4
    )
    assert not path.with_suffix(".json").exists()


@pytest.mark.parametrize(
    "said",
    [None, [], {}, {"form": "x"}, {"form": "unit", "right": 2, "unit_right": 0, "asked": 1}]
    + [{"form": "unit", "right": "1", "unit_right": 0, "asked": 1}, {"form": ["unit"], "right": 1}],
)
def test_a_note_that_is_no_finding_is_none(said):
    assert Finding.parse(said) is None
    good = Finding("unit", 0.5, 0.5, 10)
    assert Finding.parse(dataclasses.asdict(good)) == good


def test_a_real_trial_finds_the_form_and_holds_the_memory(tmp_path):
    """The child itself: a sound model of columns of length 1, and one whose first batch takes gigabytes."""
    reader("columns").save(tmp_path / "columns.keras")
    finding = trial.run(tmp_path / "columns.keras", gate.look(tmp_path / "columns.keras"))
    assert finding.form == "columns"
    x = inputs_ = keras.Input((28, 28, 1))
    x = L.UpSampling2D(18)(x)
    x = L.Concatenate()([L.GlobalMaxPooling2D()(L.Softmax(1)(L.ReLU(n)(x))) for n in range(1, 4)])
    keras.Model(inputs_, L.Dense(10)(x)).save(tmp_path / "greedy.keras")
    count = gate.look(tmp_path / "greedy.keras")  # on paper it is within all limits
    with pytest.raises(ValueError, match=r"1 GiB of memory|more memory or time"):
        trial.run(tmp_path / "greedy.keras", count)


def test_memory_is_watched_where_the_system_does_not():
    code = (
        "from digits.models.sandbox import worker; import threading, time\n"
        "worker._allowed[0] = worker.used_memory() + 2**26\n"
        "threading.Thread(target=worker._watch, args=(1,), daemon=True).start()\n"
        "kept = b'x' * 2**28; time.sleep(20)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["problem"] == worker.TOO_MUCH


def test_a_light_copy_reads_blank_columns_too(surroundings, tmp_path):
    """There nothing can be divided by the length of nothing, which most columns of a digit have."""
    from digits.models.export import formats

    frames, labels = (part[:100] for part in inputs.known_digits())
    path = tmp_path / "m.keras"
    adapted = adapt.as_ours(reader("columns"), form="columns")
    checkpoints.save(adapted, Card.of_untrusted("m", "", 7850, Finding("unit", 1, 1, 10)), path)
    ((_, copy),) = formats.write(path, ["tflite"], tmp_path / "out")
    answers = Recognizer.load(copy).probabilities(frames)
    assert answers == pytest.approx(np.array(adapted(frames)), abs=1e-4)
    assert (answers.argmax(axis=1) == labels).mean() > 0.9

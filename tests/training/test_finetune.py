"""Fine-tuning on own digits: it gains, it does not forget, and what harms is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from digits.data import handwriting
from digits.data.mnist import load_train_val
from digits.models import calibration, checkpoints
from digits.models.architectures import logits_model
from digits.train import finetune as finetuning
from digits.train.finetune_settings import Settings
from digits.train.trainer import logits_of

OPTIONS = {"epochs": 2, "per_epoch": 600, "batch_size": 60, "limit": 1000, "learning_rate": 2e-2}
OPTIONS |= {"renders": 1, "augment": 0.0, "damage": 0.0}  # layers of augmentation take TensorFlow longest


@pytest.fixture
def finetune(linear_model, tiny_card, surroundings):
    """Return a function that fine-tunes a network, which has seen no other hand, on `data`; it returns the
    file to be written. The settings of the card tell whether the network can tell what is no digit."""
    base, out = surroundings / "base" / "base.keras", surroundings / "models" / "own.keras"
    base.parent.mkdir()

    def run(data, can_tell=False, **options):
        thresholds = tiny_card.thresholds | ({"not_a_digit_below": 0.0} if can_tell else {})
        checkpoints.save(linear_model, replace(tiny_card, thresholds=thresholds), base)
        finetuning.main(Settings(data=data, out=out, **({"base": str(base)} | OPTIONS | options)))
        return out

    run.out = out
    return run


@pytest.fixture
def shuffled(strokes_file, tmp_path):
    """Return the strokes with labels that do not fit."""
    arrays = dict(np.load(strokes_file))
    arrays["labels"] = np.random.default_rng(1).permutation(arrays["labels"])
    np.savez(tmp_path / "shuffled.npz", **arrays)
    return tmp_path / "shuffled.npz"


def outcome_of(out):
    (path,) = (out.parents[1] / "runs").glob("finetune_on_custom-*/outcome.json")
    return json.loads(path.read_text())


def test_own_digits_gain_what_was_there_is_kept_and_the_outcome_tells(finetune, strokes_file):
    finetune.out.write_bytes(b"before")
    out = finetune(strokes_file, hold_out=("there",), most_forgotten=8.0)
    card = json.loads(out.with_suffix(".json").read_text())
    figures = card["validation"]
    assert figures["own_n"] == 40
    assert figures["own_after"] > figures["own_before"]
    assert figures["mnist_after"] > 0.8
    assert "not_a_digit_below" not in card["thresholds"], "a base that cannot tell learns digits only"
    assert (out.parent / "previous" / "own.keras").read_bytes() == b"before"
    assert [entry.name for entry in checkpoints.entries()] == ["own"], "what is kept is not listed"

    outcome = outcome_of(out)
    assert (outcome["refusal"], outcome["out"], outcome["counts"]) == (None, str(out), [12] * 10)
    assert outcome["before"]["own"] == figures["own_before"]
    assert outcome["after"] | {"own": figures["own_after"], "own_n": 40} == outcome["after"]
    gained = round(40 * (figures["own_after"] - figures["own_before"]))
    right = [(row["after"] == row["label"]) - (row["before"] == row["label"]) for row in outcome["changed"]]
    assert sum(right) == gained
    assert all(row["file"].startswith("sample ") for row in outcome["changed"])
    mnist = outcome["mnist_changed"]["mended"] - outcome["mnist_changed"]["broken"]
    n = outcome["after"]["mnist_n"]
    assert mnist == round(n * (outcome["after"]["mnist"] - outcome["before"]["mnist"]))


def test_shuffled_labels_are_refused_and_the_old_file_stays(finetune, shuffled):
    finetune.out.write_bytes(b"before")
    with pytest.raises(SystemExit, match="labels do not seem to fit.*was not written"):
        finetune(shuffled, hold_out=("there",), epochs=1)
    assert finetune.out.read_bytes() == b"before"
    assert not (finetune.out.parent / "previous").exists()
    assert "labels do not seem to fit" in outcome_of(finetune.out)["refusal"]


def test_a_stopped_fine_tuning_resumes_and_force_saves_all_the_same(finetune, killed, shuffled):
    settings = {"hold_out": ("there",), "force": True, "resume": True}
    killed(lambda options: finetune(shuffled, **options), settings)
    assert not finetune.out.exists()
    finetune(shuffled, **settings)
    history = next((finetune.out.parents[1] / "runs").glob("*/history.json"))
    assert [row["epoch"] for row in json.loads(history.read_text())] == [1, 1, 2]


def test_it_learns_to_tell_letters(finetune, strokes_file, letters_file):
    letters = {"not_digits": letters_file, "not_digits_hold_out": ("elsewhere",), "not_digits_renders": 1}
    options = letters | {"hold_out": ("there",), "force": True, "epochs": 1, "blend": 1.0}
    out = finetune(strokes_file, **options)
    model, card = checkpoints.load(out)
    assert card.thresholds == card.trade_off[calibration.USUAL]
    assert all({"not_a_digit_below", "letters_caught"} <= row.keys() for row in card.trade_off)
    assert card.config["learnt_from"] == {"pen.npz": ["here", "there"], "letters.npz": ["elsewhere", "here"]}
    letters, digits = handwriting.load_outliers(letters_file), handwriting.load(strokes_file)
    seen = [np.median(calibration.energy(logits_of(model, some.frames))) for some in (letters, digits)]
    assert seen[0] < seen[1] - 0.1, "there is less evidence of a digit in letters than in digits"


def test_what_can_tell_keeps_that_and_learns_what_has_judged(finetune, strokes_file):
    out = finetune(
        strokes_file, can_tell=True, force=True, epochs=1, per_epoch=60, again=1, most_forgotten=100
    )
    card = json.loads(out.with_suffix(".json").read_text())
    assert "not_a_digit_below" in card["thresholds"]
    assert card["validation"]["learnt_all"]
    data = load_train_val(card["config"]["limit"])
    assert card["validation"]["n"] == len(data.y_val), "none that was learnt"
    fitted = calibration.fit_temperature(logits_of(checkpoints.load(out)[0], data.x_val), data.y_val)
    assert card["temperature"] == pytest.approx(fitted, abs=1e-3), "of the weights that are saved"
    stages = {path.parent.name for path in (out.parents[1] / "runs").glob("*/checkpoints/*/state.json")}
    assert stages == {"head", "all", "again"}


def test_the_statistics_of_batch_normalisation_stay(tiny_model):
    finetuning.freeze(tiny_model, all_but_head=False)
    kinds = {type(layer).__name__ for layer in tiny_model.layers if not layer.trainable}
    assert kinds == {"BatchNormalization"}
    finetuning.freeze(tiny_model, all_but_head=True)
    assert [layer.name for layer in tiny_model.layers if layer.trainable] == ["logits"]
    tiny_model.trainable = True


def test_a_model_from_elsewhere_is_refused_as_base():
    import keras

    other = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    with pytest.raises(ValueError, match="no layer named logits"):
        logits_model(other)

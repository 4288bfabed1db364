"""The scripts of finder, line and glimpse reader: whole and resumed; bad flags; how scenes are made."""

import json
import multiprocessing
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest

from digits.models import checkpoints

QUICK = {"epochs": 2, "steps": 2, "batch_size": 1, "limit": 200, "makers": 1}


@pytest.fixture
def flags(strokes_file, letters_file):
    """Return what to write with: digits and letters of two sites."""
    return {
        "digits": strokes_file,
        "letters": letters_file,
        "sites": ("here",),
        "letter_sites": ("here",),
        "hold_out": ("there",),
        "letter_hold_out": ("elsewhere",),
    }


@pytest.fixture
def small(monkeypatch):
    """Make the networks small ones."""
    from digits.train import finder, glimpse, line

    sizes = {finder: ((2, 2, 2), 1), line: ((2, 2, 2, 2, 2), 1), glimpse: ((2, 2, 2, 2), 2)}
    for module, size in sizes.items():
        build = partial(module.TASK.build, *size)
        monkeypatch.setattr(module, "TASK", replace(module.TASK, build=build))


def weights(path):
    return np.concatenate([np.ravel(value) for value in keras.models.load_model(path).get_weights()])


def test_it_leaves_a_finder_and_resumes_to_what_a_whole_run_gives(
    script, left_behind, surroundings, small, flags, monkeypatch
):
    module, out = script("train_finder"), surroundings / "models" / "finder.keras"
    module.main(module.Settings(out=out, **QUICK, **flags))
    assert not multiprocessing.active_children(), "what made the scenes has ended"
    expected, card = weights(out), json.loads(out.with_suffix(".json").read_text())
    assert (card["config"]["script"], card["input"]["shape"]) == ("train_finder", [None, None, 2])
    assert [source["name"] for source in card["trained_on"]] == ["MNIST", "pen.npz", "letters.npz"]
    assert card["config"]["learnt_from"] == {"pen.npz": ["here"], "letters.npz": ["here"]}
    assert 0 <= card["validation"]["accuracy"] <= card["validation"]["seen"] <= 1
    assert card["validation"]["n"] > 0
    assert checkpoints.files(out.parent) == [], "it is no reader"
    (folder,) = (surroundings / "runs").iterdir()
    assert {"history.json", "metrics.json", "training_curves_loss.png"} <= {p.name for p in folder.iterdir()}
    assert [row["epoch"] for row in json.loads((folder / "history.json").read_text())] == [1, 2]

    out.unlink()
    monkeypatch.setenv("DIGITS_RUNS_DIR", str(left_behind))
    module.main(module.Settings(out=out, resume=True, **QUICK, **flags))
    assert weights(out) == pytest.approx(expected, abs=2e-3)


def test_it_begins_with_another_finder_and_an_error_leaves_no_process(
    script, surroundings, small, flags, monkeypatch
):
    from digits.train import finder, fit

    keras.utils.set_random_seed(7)
    base, begun = finder.TASK.build(), []
    base.save(surroundings / "base.keras")

    def broken(model, scenes, *_, **__):
        assert scenes[1][0].shape == (1, 160, 160, 2)
        begun.append(np.concatenate([np.ravel(value) for value in model.get_weights()]))
        raise KeyboardInterrupt

    monkeypatch.setattr(fit, "fit", broken)
    module = script("train_finder")
    with pytest.raises(KeyboardInterrupt):
        module.main(module.Settings(base=surroundings / "base.keras", **QUICK, **flags))
    assert np.array_equal(begun[0], weights(surroundings / "base.keras"))
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(("name", "shape", "n"), [("line", [48, None, 2], 2), ("glimpse", [64, 64, 2], None)])
def test_other_networks_are_left_too(script, surroundings, small, flags, name, shape, n):
    module, out = script(f"train_{name}"), surroundings / "models" / f"{name}.keras"
    module.main(module.Settings(out=out, **QUICK, **flags))
    card = json.loads(out.with_suffix(".json").read_text())
    assert (card["config"]["script"], card["input"]["shape"]) == (f"train_{name}", shape)
    assert card["validation"]["n"] == (n or card["validation"]["n"]) > 0
    assert checkpoints.files(out.parent) == [], "it is no reader"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--steps", 0], "steps is 0"),
        (["--base", "no.keras"], "base is no.keras"),
        (["--digits", "no.npz"], "digits is no.npz"),
        (["--letter-sites", "nowhere"], "nothing of nowhere"),
        (["--sites", "there"], "hold-out is there"),
        (["--letter-sites", "elsewhere"], "letter-hold-out is elsewhere"),
    ],
)
def test_bad_flags_end_with_two_and_name_the_value(run, surroundings, flags, wrong, words):
    given = [
        part
        for name, value in flags.items()
        for part in (f"--{name.replace('_', '-')}", *(value if isinstance(value, tuple) else (value,)))
    ]
    done = run("train_finder", *given, *wrong)
    assert done.code == 2
    assert words in done.err
    assert not list((surroundings / "runs").iterdir())


def test_what_makes_scenes_is_light(flags):
    """A process that makes them takes no Keras, and tells what is wrong with the writing."""
    from digits.data.hands import Writing
    from digits.data.scene_targets import batch
    from digits.train.scenes import start_makers

    writing = Writing(flags["digits"], None, ("here",), (), scans=False)
    with start_makers(1) as makers:
        shown, _ = makers.submit(batch, writing, [1, 0, 0], 1).result()
        assert shown.shape == (1, 64, 256, 2)
        assert not {"keras", "tensorflow"} & set(
            makers.submit(eval, "list(__import__('sys').modules)").result()
        )
        lost = Writing(flags["digits"], None, ("nowhere",), (), scans=False)
        with pytest.raises(ValueError, match="nothing of nowhere"):
            makers.submit(batch, lost, [1, 0, 0], 1).result()

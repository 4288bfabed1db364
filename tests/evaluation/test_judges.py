"""The scripts that judge a model: what they count, and where they keep it."""

import itertools
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image

from digits import Recognizer, experiment
from digits.config import ROOT
from digits.data.strokes import draw
from digits.explain import report
from digits.explain.attribution import PIXEL_METHODS, Explainer
from digits.files import read_json, write_json
from digits.models import checkpoints
from digits.models.card import Card
from digits.models.runtimes import keras_runtime
from evaluation.handwriting import __main__ as handwriting
from evaluation.judges import (
    accuracy,
    attacks,
    calibration,
    corruptions,
    explanations,
    exports,
    pen,
    personalization,
    seeds,
)
from evaluation.report.jobs import problems


def judge(script, folder, name: str, **settings) -> dict:
    """Run a script on the model "tiny", or another one; return its result of this name."""
    script.main(script.Settings(**{"model": "tiny"} | settings))
    result = read_json(folder / "results" / f"{name}.json")
    assert {"model", "sha256", "stamps", "data", "n", "seed", "created", "versions"} <= result.keys()
    return result


def width(folder, name: str) -> int:
    return Image.open(folder / "results" / "figures" / f"{name}.png").width


def test_a_model_is_judged_on_the_test_digits(judged):
    result = read_json(judged / "results" / "tiny.json")
    confusion = np.array(result["confusion"])
    assert confusion.sum() == result["n"] == 297
    assert result["errors"] == 297 - np.trace(confusion)
    assert result["interval_95"][0] <= result["accuracy"] <= result["interval_95"][1]
    assert len(result["f1_per_class"]) == 10
    assert result["stamps"]["data"].keys() == {"mnist.npz"}
    for pair in result["most_confused"]:
        assert len(pair["examples"]) == min(8, pair["count"])
    for name in ("confusion", "pairs", "misclassified"):
        assert width(judged, f"tiny_{name}") > 300


def test_a_partial_run_does_not_replace_the_published_result_and_may_miss_what_is_asked(judged):
    before = (judged / "results" / "tiny.json").read_bytes()
    with pytest.raises(SystemExit, match=r"under --min-accuracy 0\.99"):
        judge(accuracy, judged, "tiny.first20", limit=20, min_accuracy=0.99)
    assert read_json(judged / "results" / "tiny.first20.json")["n"] == 20
    assert (judged / "results" / "tiny.json").read_bytes() == before


def test_a_script_run_by_its_path_ends_with_two_and_one_sentence_where_it_cannot_judge(surroundings):
    command = [sys.executable, ROOT / "evaluation" / "evaluate.py", "--model", "no_such"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no_such" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("script", "flags", "words"),
    [
        (accuracy, {"limit": 0}, "limit is 0"),
        (corruptions, {"kinds": ("rain",)}, "kinds is .'rain'."),
        (calibration, {"each": 0}, "each is 0"),
        (exports, {"to": ("coreml",)}, "coreml"),
        (explanations, {"limit": 0}, "limit is 0"),
        (attacks, {"epsilons": (0.2, 0.1)}, "rising"),
        (handwriting, {"sets": ("moon",)}, "sets is moon"),
    ],
)
def test_flags_that_make_no_sense_are_named(script, flags, words):
    with pytest.raises(ValueError, match=words):
        script.Settings(**flags)


def test_corrupted_digits_are_judged_kind_by_kind(judged):
    asked = {"kinds": ("stripe", "fog"), "severities": (1, 5), "limit": 30}
    result = judge(corruptions, judged, "tiny.robustness.some.first30", **asked)
    pairs = [(row["kind"], row["severity"]) for row in result["rows"]]
    assert pairs == [("stripe", 1), ("stripe", 5), ("fog", 1), ("fog", 5)]
    shares = [row["accuracy"] for row in result["rows"]]
    assert result["mean_accuracy"] == pytest.approx(np.mean(shares), abs=1e-4)
    assert result["interval_95"][0] <= result["mean_accuracy"] <= result["interval_95"][1]
    assert result["clean"]["n"] == 30
    assert "mnist_c" not in result
    assert width(judged, "tiny.some.first30_robustness") > 300


def test_pen_drawings_are_judged_by_site_and_trained_sites_do_not_count(judged):
    folder = judged / "pen"
    for digit, site in ((1, "aa"), (7, "aa"), (1, "bb")):
        (folder / str(digit)).mkdir(parents=True, exist_ok=True)
        picture = Image.new("L", (60, 60), "white")
        picture.paste(0, (28, 8, 33, 52))
        picture.save(folder / str(digit) / f"{site}_1.png")
    card = judged / "models" / "tiny.json"
    write_json(card, read_json(card) | {"config": {"learnt_from": {"pen": ["aa"]}}})
    result = judge(pen, judged, "tiny.pen.own", data=folder)
    assert [(row["site"], row["n"], row["held_out"]) for row in result["rows"]] == [
        ("aa", 2, False),
        ("bb", 1, True),
    ]
    assert result["held_out"]["n"] == 1


def test_a_model_is_judged_on_handwriting_of_every_kind(judged, handwriting_data):
    shutil.copy(ROOT / "evaluation" / "requirements.toml", judged)
    sets = ("exam_cells", "pen", "touching", "letters", "nothing")
    asked = (*sets[::-1], "steadiness")
    result = judge(handwriting, judged, "tiny.handwriting.some.n6", sets=asked, n=6)
    rows = {row["set"]: row for row in result["sets"]}
    real = {name for name, row in rows.items() if row["real"]}
    assert real == set(list(rows)[:2]) == {"exam_cells", "steadiness"}
    assert rows.keys() == {*asked, "answered"}
    assert all("ece" in rows[name] for name in sets[:3])
    for name in sets:
        row = rows[name]
        assert row["interval_95"][0] <= row["accuracy"] <= row["interval_95"][1]
        assert row["n"] == sum(row["statuses"].values()) == sum(r["n"] for r in row["rows"])
        wrong = judged / "results" / "figures" / f"tiny.some.n6_handwriting_{name}.png"
        assert wrong.exists() == (row["accuracy"] < 1)
    assert rows["pen"]["asked"] == 0.992
    assert {row["source"] for row in rows["pen"]["rows"]} == {"aga", "app"}
    for name in ("risk_coverage", "reliability"):
        assert width(judged, f"tiny.some.n6_handwriting_{name}") > 300


def test_teaching_is_judged_on_the_digits_that_were_not_taught(judged, tiny_data, monkeypatch):
    data = judged / "data"
    for digit, site, number in itertools.product(range(10), ("aga", "syn"), range(4)):
        path = data / "handwriting" / "unipen" / str(digit) / f"{site}_{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - draw(strokes(digit, 60, 5 + 5 * number, 10), 80, 6)).save(path)
    shutil.copy(tiny_data / "mnist.npz", data)
    monkeypatch.setenv("DIGITS_DATA_DIR", str(data))
    taught = []

    def teach(settings, site, chosen, draw, folder):
        taught.append((site.name, draw, int(chosen.sum())))
        return checkpoints.find(settings.base), 1.0  # as where the script refuses

    monkeypatch.setattr(personalization, "teach", teach)
    settings = personalization.Settings(base="tiny", per_class=(1, 3), draws=2)
    for _ in range(2):  # the second time all is known
        personalization.main(settings)
    once = [("aga", 1, 30), ("syn", 1, 30), ("aga", 2, 30), ("syn", 2, 30)]
    assert sorted(taught) == sorted(2 * once)  # for fine-tuning and for both; a memory needs no script
    result = read_json(judged / "results" / "personalise.tiny.some.json")
    assert [row["method"] for row in result["rows"]] == 4 * ["memory"] + 2 * ["finetuning"] + 2 * ["both"]
    rows = {(row["site"], row["per_class"], row["method"]): row for row in result["rows"]}
    tuned = rows["aga", 3, "finetuning"]
    assert (tuned["n"], tuned["draws"], tuned["refused"], tuned["mnist_drop"]) == (10, 2, 2, 0)
    assert tuned["error_after"] == tuned["error_before"]
    kept, both = rows["aga", 3, "memory"], rows["aga", 3, "both"]
    assert kept["error_after"] == both["error_after"]  # of the same model, as the script refuses
    assert kept["caught_after"] == kept["caught_before"]
    assert result["stamps"]["data"].keys() >= {"handwriting/unipen", "mnist.npz"}
    assert {(mean["per_class"], mean["method"]) for mean in result["means"]} >= {(1, "memory"), (3, "both")}
    assert width(judged, "personalise.tiny.some") > 300


def test_exports_are_held_against_the_model(judged, capsys):
    result = judge(exports, judged, "tiny.exports.some.first40", to=("h5",), limit=40)
    assert (result["data"], result["n"], result["seed"]) == ("MNIST test", 40, None)
    assert [row["format"] for row in result["exports"]] == ["h5"]
    assert all(row["agreement"] == 1 and row["passed"] for row in result["exports"])
    assert capsys.readouterr().out.startswith("tiny.h5 ")


def test_a_linear_network_has_complete_gradients_and_none_of_an_untaught_one(
    linear_model, tiny_digits, tmp_path
):
    linear_model.save(tmp_path / "flat.keras")
    explainer = report.load(tmp_path / "flat.keras")
    frames = tiny_digits[0][:6, ..., 0]
    complete = explanations.judge_completeness(explainer, frames)
    assert (complete["n"], complete["within_one_percent"]) == (60, 1.0)
    assert complete["missed_largest_error_nats"] == 0
    untaught = report.randomised(explainer, tmp_path / "flat.keras")
    own = explanations.judge_methods(explainer, [untaught], frames)
    assert list(own) == list(PIXEL_METHODS)  # it has no layer for the others to look at
    assert own["gradients"]["randomised_correlation"] < 0.5
    itself = explanations.judge_methods(explainer, [Explainer(linear_model)], frames)
    assert itself["gradients"]["randomised_correlation"] > 0.999
    assert itself["gradients"]["randomised_empty"] == 0
    assert itself["occlusion"]["deletion_score"] < itself["occlusion"]["random_deletion_score"]


def test_changes_of_ink_are_counted(linear_model, tiny_digits):
    reader = Recognizer(keras_runtime(linear_model), "linear")
    found = explanations.judge_changes(reader, tiny_digits[0][:4, ..., 0], seed=1)
    assert found["any"]["found"] == 1
    assert 0 < found["any"]["median_amount"] <= found["towards"]["median_amount"]
    assert np.isclose(found["towards"]["found"] * 4, round(found["towards"]["found"] * 4))


def test_explanations_are_judged_on_a_few_digits_apart(judged, linear_model, tiny_card):
    checkpoints.save(linear_model, tiny_card, judged / "models" / "linear.keras")
    result = judge(explanations, judged, "linear.explanations.some", model="linear", limit=2)
    assert problems("explanations", result) == []
    assert (result["n"], result["seed"]) == (2, 0)


def test_a_model_under_attack_is_judged_checked_and_drawn(surroundings, linear_model, tiny_card):
    checkpoints.save(linear_model, tiny_card, surroundings / "models" / "linear.keras")
    asked = {"n": 60, "first": 0, "epsilons": (0.0, 0.1, 0.4), "steps": 12, "step": 0.05}
    result = judge(attacks, surroundings, "linear.adversarial.some", model="linear", **asked)
    assert (result["n"], result["first"], result["seed"]) == (60, 0, 1)
    assert (result["steps"], result["step"], result["restarts"]) == (12, 0.05, 3)
    assert [row["epsilon"] for row in result["rows"]] == [0, 0.1, 0.4]
    first, _, last = result["rows"]
    assert first["fgsm"] == first["pgd"] == result["clean"] > 0.7
    assert last["pgd"] == 0
    for row in result["rows"]:
        assert row["pgd"] <= row["fgsm"]
        for method in ("fgsm", "pgd"):
            assert row[f"{method}_interval_95"][0] <= row[method] <= row[f"{method}_interval_95"][1]
    assert len(result["checks"]) == 5
    assert all(check["holds"] for check in result["checks"].values())
    assert (result["checks"]["large_epsilon"]["n"], result["checks"]["large_epsilon"]["found"]) == (60, 0.0)
    for name in ("attacks", "attacked"):
        assert width(surroundings, f"linear.some_{name}") > 300


def test_the_checks_notice_attacks_that_do_not_work():
    def held(pgd, found=0.0, excess=0.0, harder=0.0):
        rows = [{"epsilon": e, "fgsm": 0.5, "pgd": share} for e, share in zip((0.1, 0.2), pgd, strict=True)]
        large = {"epsilon": 1.0, "n": 10, "found": found}
        checks = attacks.checks(rows, excess, large, {"accuracy": harder})
        return [check["holds"] for check in checks.values()]

    assert held((0.4, 0.1), harder=0.1) == [True, True, True, True, True]
    assert held((0.6, 0.1), harder=0.1) == [True, False, True, True, True]
    assert held((0.1, 0.4), harder=0.4) == [True, True, False, True, True]
    assert held((0.4, 0.1), harder=0.05) == [True, True, True, False, True]  # more steps still gain
    assert held((0.4, 0.1), harder=0.1, found=0.8) == [True, True, True, True, False]
    with pytest.raises(ValueError, match=r"excess over epsilon is 0\.01"):
        held((0.4, 0.1), excess=0.01)


def test_a_change_beyond_epsilon_or_the_range_is_measured():
    frames = np.full((2, 28, 28, 1), 0.9)
    assert attacks.excess_over(0.1, frames, frames + 0.05) == pytest.approx(-0.05)
    assert attacks.excess_over(0.1, frames, frames - 0.3) == pytest.approx(0.2)
    assert attacks.excess_over(0.3, frames, frames + 0.3) == pytest.approx(0.2)


def test_mean_and_spread_of_trainings_that_differ_in_their_seed_alone_stand_in_the_card(
    judged, tiny_model, tiny_card, tmp_path, monkeypatch
):
    monkeypatch.setattr(experiment, "_claims", set())
    others = [tmp_path / f"{seed}.keras" for seed in (2, 3)]
    for seed, (other, share) in enumerate(zip(others, (0.53, 0.47), strict=True), 2):
        validation = {"n": 10, "accuracy": share}
        checkpoints.save(tiny_model, replace(tiny_card, seed=seed, validation=validation), other)
    seeds.main(seeds.Settings(model="tiny", others=tuple(others)))
    path = judged / "models" / "tiny.keras"
    found = Card.read(path.with_suffix(".json")).config["seeds"]
    assert found["seeds"] == [1, 2, 3]
    assert found["validation"] == {"each": [0.5, 0.53, 0.47], "mean": 0.5, "deviation": 0.03}
    assert found["test"]["each"] == [read_json(judged / "results" / "tiny.json")["accuracy"]] * 3
    assert found["test"]["deviation"] == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"config": {"width": 5}, "seed": 2}, "differ in width"), ({}, r"Seeds \[1, 1\]")],
)
def test_trainings_that_differ_in_more_than_their_seed_are_not_compared(tiny_card, changes, words):
    with pytest.raises(ValueError, match=words):
        seeds.check_alike([tiny_card, replace(tiny_card, **changes)])

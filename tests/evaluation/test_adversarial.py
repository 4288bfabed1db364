"""Attacked digits: what the script writes, what its checks notice, how ours and published attacks compare."""

import dataclasses
import json

import numpy as np
import pytest
from evaluation_scripts import run
from PIL import Image

from digits.models import checkpoints, leaderboard
from evaluation.judges import attacks
from evaluation.report import judge_tables


@pytest.fixture
def linear(surroundings, linear_model, tiny_card):
    """Put the linear network into models/; return the folder with it and results/."""
    checkpoints.save(linear_model, tiny_card, surroundings / "models" / "linear.keras")
    return surroundings


def test_a_model_under_attack_is_judged_checked_and_drawn(linear):
    flags = ["--n", 60, "--first", 0, "--epsilons", 0, 0.1, 0.4, "--steps", 12, "--step", 0.05]
    done = run("judges.attacks", "--model", "linear", *flags)
    assert done.returncode == 0, done.stderr
    result = json.loads((linear / "results" / "linear.adversarial.some.json").read_text())
    assert {"model", "sha256", "data", "created", "versions"} <= result.keys()
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
    assert list(result["checks"]) == [
        "within_epsilon_and_range",
        "pgd_at_least_as_strong",
        "falls_with_epsilon",
        "converged",
        "large_epsilon",
    ]
    assert all(check["holds"] for check in result["checks"].values())
    assert result["checks"]["large_epsilon"] == {
        "epsilon": 1.0,
        "n": 60,
        "found": 0.0,
        "allowed": 0.1,
        "holds": True,
    }
    for name in ("attacks.png", "attacked.png"):
        assert Image.open(linear / "results" / "figures" / f"linear.some_{name}").width > 300
    assert (linear / "results" / "figures" / "linear.some_attacks.svg").exists()


def test_the_checks_notice_attacks_that_do_not_work():
    def held(pgd, found=0.0, excess=0.0, harder=0.0):
        rows = [{"epsilon": e, "fgsm": 0.5, "pgd": share} for e, share in zip((0.1, 0.2), pgd, strict=True)]
        large = {"epsilon": 1.0, "n": 10, "found": found}
        return [
            check["holds"] for check in attacks.checks(rows, excess, large, {"accuracy": harder}).values()
        ]

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


def test_the_classic_table_puts_before_beside_after(linear, linear_model, tiny_card):
    assert "Not measured yet" in judge_tables.adversarial_table()
    for name, fgsm, pgd in (("mnist_plain", 0.25, 0.0), ("mnist_robust", 0.95, 0.9)):
        path = linear / "models" / f"{name}.keras"
        checkpoints.save(linear_model, dataclasses.replace(tiny_card, name=name), path)
        known = {"fgsm": fgsm, "fgsm_interval_95": [0, 1], "pgd": pgd, "pgd_interval_95": [0, 1]}
        rows = [{"epsilon": epsilon, **known} for epsilon in (0.05, 0.1, 0.2, 0.3)]
        strongest = {"epsilon": 0.3, "accuracy": pgd, "n": 60, "interval_95": [0, 1]}
        ways = {"steps": 40, "step": 0.01, "restarts": 3, "strongest": strongest}
        found = {"clean": 0.99, "checks": {"converged": {"holds": name == "mnist_plain"}}, "rows": rows}
        leaderboard.write(path, "adversarial", {"data": "MNIST", "n": 60, "seed": 1, **ways, **found})
    said, _, header, _, *lines = judge_tables.adversarial_table().splitlines()
    assert said == "Before is `mnist_plain`, after `mnist_robust`."
    assert header == (
        "| epsilon | clean before | clean after | FGSM before | FGSM after | PGD before | PGD after |"
    )
    assert judge_tables.attacks_table().splitlines()[-1].endswith("90.0% (0.0% to 100.0%) | converged |")
    assert lines[0] == "| 0.1 | 99.0% | 99.0% | 25.0% | 95.0% | 0.0% | 90.0% |"
    assert len(lines) == 3

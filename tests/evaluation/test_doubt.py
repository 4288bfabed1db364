"""The measure of doubt, on scores whose order is known."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "evaluation" / "judges" / "ood_scores.py"


@pytest.fixture(scope="module")
def doubt():
    spec = importlib.util.spec_from_file_location("choose_doubt", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["choose_doubt"] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


def test_a_score_that_tells_all_apart_catches_all(doubt):
    figures = doubt.compare(np.linspace(1, 2, 100), np.zeros(50))
    assert figures == {"auroc": 1.0, "caught_95%": 1.0, "caught_99%": 1.0}


def test_a_score_of_chance_catches_what_it_refuses(doubt):
    same = np.linspace(0, 1, 10_000)
    figures = doubt.compare(same, same)
    assert figures["auroc"] == pytest.approx(0.5, abs=1e-3)
    assert figures["caught_95%"] == pytest.approx(0.05, abs=1e-3)
    assert figures["caught_99%"] == pytest.approx(0.01, abs=1e-3)


def test_the_table_keeps_real_letters_and_made_ones_apart(doubt):
    real = {"auroc": 0.9, "caught_95%": 0.8, "caught_99%": 0.7}
    kinds = {"letters": real, "pair": real | {"caught_99%": 0.5}, "half": real | {"caught_99%": 0.6}}
    text = doubt.doubt_table({"rows": [{"model": "m", "score": "evidence", "kinds": kinds}]})
    assert text.splitlines()[-1] == "| `m` | evidence | 0.900 | 80.0% | 70.0% | 55.0% |"

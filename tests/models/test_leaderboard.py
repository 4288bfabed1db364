"""How models stand: values from results, stale marks, promises."""

import dataclasses

import pytest

from digits.files import write_json
from digits.models import checkpoints, leaderboard

MNIST = {
    "data": "MNIST test",
    "seed": None,
    "n": 100,
    "accuracy": 0.99,
    "interval_95": [0.95, 1.0],
    "ece": 0.004,
}


@pytest.fixture
def model(surroundings, tiny_model, tiny_card):
    """Save a model that promises something; return its path."""
    path = surroundings / "models" / "tiny.keras"
    card = dataclasses.replace(tiny_card, promises={"mnist": 0.98, "ece": 0.005})
    checkpoints.save(tiny_model, card, path)
    return path


def test_values_come_from_results_and_models_without_any_are_there_too(model):
    assert leaderboard.standings()[0].values == {}
    leaderboard.write(model, "", MNIST)
    leaderboard.write(model, "speed", {"data": "canvases", "n": 3, "seed": 1, "canvas_ms": 12.345})
    (standing,) = leaderboard.standings()
    assert standing.values["mnist"] == (0.99, (0.95, 1.0), 100, False)
    assert standing.values["ece"].value == 0.004
    assert standing.values["milliseconds"].value == 12.345
    assert standing.values.keys() == {"mnist", "ece", "milliseconds"}
    assert standing.parameters == 5000
    assert standing.megabytes == pytest.approx(model.stat().st_size / 1e6)


def test_a_result_on_another_file_is_stale_and_keeps_no_promise(model):
    leaderboard.write(model, "", MNIST)
    assert not leaderboard.unmet_requirements(leaderboard.standings()[0])
    written = leaderboard.find("tiny", "", "").figures
    write_json(model.parents[1] / "results" / "tiny.json", written | {"sha256": "of another file"})
    (standing,) = leaderboard.standings()
    assert standing.values["mnist"].stale
    sentences = leaderboard.unmet_requirements(standing)
    assert len(sentences) == 2
    assert sentences[0] == "tiny promises MNIST test 98.00%, which was not measured on this file."


def test_a_promise_broken_is_a_sentence_with_both_figures(model):
    leaderboard.write(model, "", MNIST | {"accuracy": 0.97, "ece": 0.02})
    assert leaderboard.unmet_requirements(leaderboard.standings()[0]) == [
        "tiny promises MNIST test 98.00% and reaches 97.00%.",
        "tiny promises Calibration error 0.50% and reaches 2.00%.",
    ]


def test_a_promise_of_an_unknown_measure_is_named(model, tiny_model, tiny_card):
    checkpoints.save(tiny_model, dataclasses.replace(tiny_card, promises={"beauty": 1.0}), model)
    assert (
        "promises 'beauty'; expected one of: mnist, "
        in leaderboard.unmet_requirements(leaderboard.standings()[0])[0]
    )


def test_a_result_must_say_on_what_how_many_and_which_seed(model):
    with pytest.raises(ValueError, match="A result on tiny lacks n, seed"):
        leaderboard.write(model, "", {"data": "MNIST test"})

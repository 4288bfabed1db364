"""Results and how models stand by them: values, stamps, stale marks, requirements."""

import numpy as np
import pytest
from requirements_made import require

from digits.files import read_json, write_json
from digits.models import checkpoints, leaderboard
from digits.models.leaderboard import Result
from digits.models.sandbox import gate

MNIST = {
    "data": "MNIST test",
    "seed": None,
    "n": 100,
    "accuracy": 0.99,
    "interval_95": [0.95, 1.0],
    "ece": 0.004,
}
FEW = {"data": "some", "n": 1, "seed": None}


@pytest.fixture
def model(surroundings, tiny_model, tiny_card):
    """Save a model of which something is required; return its path."""
    path = surroundings / "models" / "tiny.keras"
    checkpoints.save(tiny_model, tiny_card, path)
    require("tiny", mnist=0.98, ece=0.005)
    return path


def names(model) -> list[str]:
    return sorted(path.name for path in (model.parents[1] / "results").iterdir())


def write(model, kind="", figures=MNIST, **about) -> dict:
    return Result(path=model, kind=kind, figures=figures, **about).write()


def test_values_come_from_results_and_models_without_any_are_there_too(model):
    assert leaderboard.standings()[0].values == {}
    write(model)
    write(model, "speed", {"data": "canvases", "n": 3, "seed": 1, "canvas_ms": 12.345})
    (standing,) = leaderboard.standings()
    assert standing.values["mnist"] == (0.99, (0.95, 1.0), 100, "")
    assert standing.values["ece"].value == 0.004
    assert standing.values["milliseconds"].value == 12.345
    assert standing.values.keys() == {"mnist", "ece", "milliseconds"}
    assert standing.parameters == 5000
    assert standing.megabytes == pytest.approx(model.stat().st_size / 1e6)


def test_a_result_on_another_file_is_stale_and_meets_nothing(model):
    result = write(model)
    assert not leaderboard.unmet_requirements(leaderboard.standings()[0])
    write_json(model.parents[1] / "results" / "tiny.json", result | {"sha256": "of another file"})
    (standing,) = leaderboard.standings()
    assert standing.values["mnist"].stale == "of another file"
    sentences = leaderboard.unmet_requirements(standing)
    assert len(sentences) == 2
    assert sentences[0] == "tiny must reach MNIST test 98.00%, which was not measured on this file."


def test_a_result_is_stale_when_its_data_or_what_its_code_does_changes(model, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "digits" / "road").mkdir(parents=True)
    source, data = tmp_path / "digits" / "road" / "frame.py", tmp_path / "data" / "mnist.npz"
    monkeypatch.setattr(leaderboard, "ROOT", tmp_path)
    monkeypatch.setenv("DIGITS_DATA_DIR", str(tmp_path / "data"))
    source.write_text('"""Frame."""\ndef frame(x):\n    return x + 1\n')
    np.savez(data, x=[1])
    result = write(model, data=("mnist.npz", "not_here"), code=("road",))
    assert [list(stamps) for stamps in result["stamps"].values()] == [["mnist.npz"], ["road"], []]

    def stale():
        leaderboard._digest.cache_clear()  # it looks once in the life of a program
        return leaderboard.find("tiny", "", result["sha256"]).stale

    assert stale() == ""
    source.write_text(
        '"""Other words."""\n\n\ndef frame(x):\n    """Return it."""\n    return x + 1  # why\n'
    )
    assert stale() == ""
    source.write_text("def frame(x):\n    return x + 2\n")
    assert stale() == "of other code"
    np.savez(data, x=[2])
    assert stale() == "of other data"
    data.unlink()
    source.write_text("def frame(x):\n    return x + 1\n")
    assert stale() == ""  # data that is not here may be the same
    source.rename(source.with_name("other.py"))
    assert stale() == "of other code"
    with pytest.raises(ValueError, match=r"digits/ has no gone\.py"):
        write(model, code=("road", "gone.py"))


def test_a_result_of_the_whole_road_is_stale_when_a_network_beside_it_is_replaced(
    model, tmp_path, monkeypatch
):
    (tmp_path / "digits" / "models").mkdir(parents=True)
    (tmp_path / "models").mkdir(exist_ok=True)
    monkeypatch.setattr(leaderboard, "ROOT", tmp_path)
    for name in leaderboard.ROAD:
        (tmp_path / "digits" / name).write_text("x = 1\n")
    glimpse = tmp_path / "models" / "glimpse.keras"
    glimpse.write_bytes(b"before")
    result = write(model, code=leaderboard.ROAD)
    assert leaderboard.staleness(result, result["sha256"]) == ""
    glimpse.write_bytes(b"and after")
    leaderboard._digest.cache_clear()
    assert leaderboard.staleness(result, result["sha256"]) == "of other networks"


def test_a_requirement_missed_is_a_sentence_with_both_figures(model):
    write(model, figures=MNIST | {"accuracy": 0.97, "ece": 0.02})
    assert leaderboard.unmet_requirements(leaderboard.standings()[0]) == [
        "tiny must reach MNIST test 98.00% and reaches 97.00%.",
        "tiny must reach Calibration error 0.50% and reaches 2.00%.",
    ]
    require("tiny", beauty=1.0)
    (sentence,) = leaderboard.unmet_requirements(leaderboard.standings()[0])
    assert "must reach 'beauty'; expected one of: mnist, " in sentence


def test_a_result_must_say_on_what_how_many_and_which_seed(model):
    with pytest.raises(ValueError, match="A result on tiny lacks n, seed"):
        write(model, figures={"data": "MNIST test"})


def test_only_the_whole_on_a_model_in_its_place_gets_the_models_name(model):
    write(model, "pen", FEW, part=".some")
    write(model, "load", FEW, of_program=True)
    for elsewhere in (model.parents[1] / "tiny.keras", model.with_suffix(".onnx")):
        elsewhere.write_bytes(b"an export")
        write(elsewhere, "speed", FEW)
    assert names(model) == ["load.json", "tiny.pen.some.json", "tiny.speed.outside.json"]
    assert read_json(model.parents[1] / "results" / "load.json")["model"] == "tiny"


def test_a_model_replaced_while_it_is_judged_gets_no_result(model):
    with pytest.raises(ValueError, match="was replaced while"):
        write(model, "pen", FEW, judged="of the file before")
    assert names(model) == []


def test_a_requirement_has_a_limit_a_date_and_a_reason(model):
    rules = model.parents[1] / "requirements.toml"
    rules.write_text("[models.tiny.mnist]\nlimit = 0.98\n")
    with pytest.raises(ValueError, match="tiny.mnist lacks its limit, since or reason"):
        leaderboard.required("models")
    rules.write_text("[models")
    with pytest.raises(ValueError, match="is no TOML file"):
        leaderboard.required("models")
    rules.unlink()
    assert leaderboard.required("models") == {}


def test_of_every_shipped_reader_something_is_required(monkeypatch):
    monkeypatch.delenv("DIGITS_RESULTS_DIR", raising=False)
    digits, letters = (leaderboard.required(part) for part in ("models", "letters"))
    shipped = {name.removesuffix(".keras") for name in gate.SHIPPED if name.endswith(".keras")}
    assert digits.keys() | letters.keys() == shipped - {"finder", "glimpse", "line"}, (
        "judged with the default one"
    )
    assert all(limits.keys() <= leaderboard.MEASURES.keys() for limits in digits.values())

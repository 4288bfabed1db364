"""Every published result is what evaluation/report/schema.json says."""

from pathlib import Path

from jsonschema import Draft202012Validator

from digits.files import read_json
from digits.models import checkpoints
from evaluation.report.jobs import SCHEMA, SCRIPTS, problems

ROOT = Path(__file__).resolve().parents[2]
MODELS = [path.stem for path in checkpoints.files(ROOT / "models")]


def test_every_published_result_is_as_the_schema_says():
    Draft202012Validator.check_schema(SCHEMA)
    found = []
    for kind in (*SCRIPTS.values(), "canvas"):
        for model in MODELS:
            path = ROOT / "evaluation" / "results" / f"{'.'.join(filter(None, (model, kind)))}.json"
            if path.exists():
                result = read_json(path)
                found.append(path)
                assert problems(kind, result) == [], path
                assert result["model"] == model
    assert len(found) >= 4 * len(MODELS)


def test_a_result_without_its_conditions_is_refused():
    assert any("'seed' is a required property" in problem for problem in problems("pen", {"n": 3}))
    wrong = {"held_out": {"n": 0, "accuracy": 1.2, "interval_95": [0.1]}}
    assert len([problem for problem in problems("pen", wrong) if "held_out" in problem]) == 3

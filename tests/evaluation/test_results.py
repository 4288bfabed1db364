"""Every published result is what evaluation/schema.json says."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from evaluation.report.jobs import SCRIPTS
from evaluation.report.schemas import SCHEMA, problems

EVALUATION = Path(__file__).resolve().parents[2] / "evaluation"
MODELS = sorted(path.stem for path in (EVALUATION.parent / "models").glob("*.keras"))
KINDS = {kind or "mnist": f".{kind}.json" if kind else ".json" for kind in SCRIPTS.values()}
FILES = [
    (kind, path)
    for kind, ending in KINDS.items()
    for model in MODELS
    if (path := EVALUATION / "results" / f"{model}{ending}").exists()
]


def test_the_schema_is_one_and_knows_every_kind():
    Draft202012Validator.check_schema(SCHEMA)
    assert KINDS.keys() <= SCHEMA["$defs"].keys()
    assert len(FILES) >= len(MODELS)


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda value: getattr(value, "name", value))
def test_a_published_result_is_as_the_schema_says(kind, path):
    result = json.loads(path.read_text(encoding="utf-8"))
    assert problems(kind, result) == []
    assert result["model"] == path.name.split(".")[0]


def test_a_result_without_its_conditions_is_refused():
    assert any("'seed' is a required property" in problem for problem in problems("pen", {"n": 3}))
    wrong = {"held_out": {"n": 0, "accuracy": 1.2, "interval_95": [0.1]}}
    assert len([problem for problem in problems("pen", wrong) if "held_out" in problem]) == 3

"""A card may come from anywhere: each value in it has a type and a range, and a wrong one is one sentence."""

import contextlib
import dataclasses
import json

import pytest

from digits.models import checkpoints
from digits.models.card import SCHEMA, Card
from digits.models.sandbox.inputs import FORMS, Finding


def changed(card: Card, where: str, value) -> dict:
    """Return a card's values with one of them, at a place like "thresholds.refused", replaced."""
    values = json.loads(json.dumps(dataclasses.asdict(card)))
    *path, last = where.split(".")
    inner = values
    for key in path:
        inner = inner[int(key)] if isinstance(inner, list) else inner.setdefault(key, {})
    inner[int(last) if isinstance(inner, list) else last] = value
    return values


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("name", 7),
        ("architecture", "x" * 5000),
        ("parameters", 0.5),
        ("parameters", True),
        ("trained_on", ["name"]),
        ("trained_on", [{"licence": "none"}]),
        ("trained_on.0.name", ["MNIST"]),
        ("trained_on.0.attribution", 3),
        ("config", []),
        ("config.learnt_from", ["UNIPEN"]),
        ("config.learnt_from", {"UNIPEN": "apa"}),
        ("config.remarks", {"a": 1}),
        ("config.base", 3),
        ("config.script", ["x"]),
        ("config.adopted", True),
        ("config.adopted", {"when": "2026"}),
        ("config.deep", [[[[[[[[[[1]]]]]]]]]]),
        ("config.number", float("nan")),
        ("seed", "1"),
        ("validation", {"accuracy": "1"}),
        ("validation.accuracy", float("nan")),
        ("validation.accuracy", 1.5),
        ("validation.n", 2.5),
        ("validation.loss", "low"),
        ("temperature", float("inf")),
        ("temperature", "1"),
        ("thresholds.not_a_digit_below", "x"),
        ("thresholds.unsure_below", 2),
        ("thresholds.refused", None),
        ("created", 2026),
        ("versions", {"python": 3}),
        ("minutes", -1),
        ("hardware", None),
        ("input", [0, 1]),
        ("input.range", [1, 0]),
        ("input.range", [0, 1, 2]),
        ("input.form", "upside down"),
        ("input.shape", "28"),
        ("sha256", 5),
        ("trade_off", [{"unsure_below": 0.5, "refused": 0.1}]),
        ("trade_off", [{"unsure_below": 0.5, "refused": 0.1, "errors_caught": float("nan")}]),
        ("promises.mnist", "0.99"),
        ("history", [{"loss": 1.0}]),
        ("history", [{"epoch": 1, "loss": "low"}]),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(tiny_card, where, value):
    with pytest.raises(ValueError, match=r"^c\.json has .*; expected .*\.$") as wrong:
        Card.parse(changed(tiny_card, where, value), "c.json")
    assert f"has {where.split('.')[0]} = " in str(wrong.value)
    assert "\n" not in str(wrong.value)
    assert len(str(wrong.value)) < 400


def test_each_part_of_a_card_has_its_check_and_no_value_of_a_simple_kind_breaks_one(tiny_card):
    assert set(SCHEMA) == {field.name for field in dataclasses.fields(Card)}
    for key in SCHEMA:
        for value in (None, "x", 7, -1e30, True, [], [None], {}, {"a": None}, [[1]], {"a": {"b": []}}):
            with contextlib.suppress(ValueError):  # no TypeError, KeyError or other
                Card.parse(dataclasses.asdict(tiny_card) | {key: value}, "c.json")


@pytest.mark.parametrize("frame_version", [None, "1", [1], 99])
def test_a_card_of_another_framing_is_refused(tiny_card, frame_version):
    with pytest.raises(ValueError, match="was made for frame version .*; expected 1"):
        Card.parse(dataclasses.asdict(tiny_card) | {"frame_version": frame_version}, "c.json")


def test_a_wrong_card_breaks_neither_the_list_nor_the_models_beside_it(surroundings, tiny_file, tiny_card):
    models = surroundings / "models"
    for name in ("good", "wrong"):
        (models / f"{name}.keras").write_bytes(tiny_file.read_bytes())
        (models / f"{name}.json").write_bytes(tiny_file.with_suffix(".json").read_bytes())
    values = changed(Card.read(models / "wrong.json"), "thresholds.not_a_digit_below", "x")
    (models / "wrong.json").write_text(json.dumps(values))
    good, wrong = checkpoints.entries()
    assert good.problem is None
    assert "expected thresholds.not_a_digit_below to be a number" in wrong.problem


@pytest.mark.parametrize("form", FORMS)
def test_the_card_of_a_model_made_elsewhere_is_a_card(form, tmp_path):
    card = Card.of_untrusted("theirs", "a" * 64, 7850, Finding(form, 0.97, 0.5, 1000))
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(dataclasses.asdict(card)))
    assert Card.read(path) == card
    assert card.input["form"] == form
    assert (form == "unit") is (card.config["remarks"] == "")

"""The finder's losses are small for right answers and larger for wrong ones; its judge counts digits."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from digits.data.scene_targets import BORDERS, targets
from digits.data.scenes import Scene
from digits.data.writing import DIGIT, POINT, Board
from digits.models import checkpoints
from digits.models.finder import KINDS
from digits.train import finder, scenes

SURE = 20.0


@pytest.fixture(scope="module")
def truth():
    """What to answer to one picture, as the batch of one: a seven, a one and a point."""
    board = Board.blank(48, 64)
    board.put(np.ones((24, 12), np.float32), 8, 8, DIGIT, 7)
    board.put(np.ones((24, 12), np.float32), 28, 8, DIGIT, 1)
    board.put(np.ones((4, 4), np.float32), 46, 28, POINT)
    scene = Scene(1 - board.ink, board.ink, board.owner, board.things)
    shown, *parts = (part[None] for part in targets(scene, (48, 64)))
    return shown, dict(zip(finder.LOSSES, parts, strict=True))


@pytest.fixture
def perfect(truth):
    """The answers of a finder that is right and sure."""
    heat, _, offset, _, size, _ = np.split(truth[1]["maps"], BORDERS, axis=-1)
    labels = np.zeros((*truth[1]["labels"].shape[:3], 10), np.float32)
    np.put_along_axis(labels, np.maximum(truth[1]["labels"], 0), SURE, axis=-1)
    text = np.zeros((1, 16, 11), np.float32)
    text[..., 10] = SURE
    text[0, 3, 7] = text[0, 9, 1] = 2 * SURE
    return {
        "text": text,
        "ink": SURE * (2 * truth[1]["ink"][..., :1] - 1),
        "maps": np.concatenate([SURE * (2 * heat - 1), offset, size], axis=-1),
        "labels": labels,
    }


def loss_of(truth, answers, name):
    return float(finder.LOSSES[name](truth[1][name], answers[name]))


@pytest.mark.parametrize("name", finder.LOSSES)
def test_right_answers_cost_nothing_and_doubt_and_error_more_and_more(name, truth, perfect):
    right = loss_of(truth, perfect, name)
    doubt = loss_of(truth, {name: 0 * perfect[name]}, name)
    wrong = loss_of(truth, {name: -perfect[name]}, name)
    assert right == pytest.approx(0, abs=1e-3)
    assert 0.1 < doubt < wrong


def test_only_what_counts_is_charged(truth, perfect):
    sure = truth[1]["maps"][..., len(KINDS) : 2 * len(KINDS)]
    elsewhere = perfect["maps"].copy()
    elsewhere[..., : len(KINDS)][sure == 0] *= -1  # around a centre
    elsewhere[0, 0, 0, len(KINDS) :] = 9  # the way and the size where no ink is
    assert loss_of(truth, {"maps": elsewhere}, "maps") == pytest.approx(0, abs=1e-3)
    labels = perfect["labels"].copy()
    labels[0, 0, 0] = SURE * np.eye(10)[4]
    assert loss_of(truth, {"labels": labels}, "labels") == pytest.approx(0, abs=1e-3)
    missed = perfect["maps"].copy()
    missed[..., DIGIT] = -SURE
    assert loss_of(truth, {"maps": missed}, "maps") > 1


class Answers:
    """In place of a model."""

    def __init__(self, answers):
        self.answers = answers

    def predict_on_batch(self, shown):
        return [self.answers[name] for name in finder.LOSSES]


def test_the_judge_counts_each_digit_once(truth, perfect):
    assert finder.judge(Answers(perfect), [truth]) == {"n": 2, "accuracy": 1.0, "seen": 1.0}
    misread = perfect | {"labels": perfect["labels"].copy()}
    misread["labels"][0, :, :6] = SURE * np.eye(10)[3]  # the seven is called a three
    assert finder.judge(Answers(misread), [truth]) == {"n": 2, "accuracy": 0.5, "seen": 1.0}
    unseen = misread | {"maps": perfect["maps"].copy()}
    unseen["maps"][0, :, 12:, DIGIT] = -SURE  # and the one is not there
    assert finder.judge(Answers(unseen), [truth]) == {"n": 2, "accuracy": 0.0, "seen": 0.5}
    assert finder.judge(Answers(perfect), [])["n"] == 0


def test_another_model_is_no_base(tiny_file):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="--base is .*tiny.keras; expected the file of a network"):
        scenes.begin_with(model, tiny_file)


def test_what_a_base_learnt_from_is_told(tiny_card, tmp_path):
    learnt = {"cheques": ["someone"]}
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(11)])  # as many answers as no digits have
    card = replace(tiny_card, config={**tiny_card.config, "learnt_from": learnt})
    checkpoints.save(model, card, tmp_path / "base.keras")
    assert scenes.begin_with(model, tmp_path / "base.keras").config["learnt_from"] == learnt


def test_a_base_with_a_damaged_card_is_refused_by_its_flag(tiny_card, tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(11)])
    checkpoints.save(model, tiny_card, tmp_path / "base.keras")
    (tmp_path / "base.json").write_text("{")
    with pytest.raises(ValueError, match="--base is .*base.keras, and its card is damaged: .*base.json"):
        scenes.begin_with(model, tmp_path / "base.keras")

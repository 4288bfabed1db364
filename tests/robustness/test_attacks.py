"""Attacks on models whose gradient is known; an attacker keeps its bounds, turns answers, reaches digits."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from digits.robustness import attacks
from digits.robustness.attacks import Attacker, input_gradient

FRAMES = np.full((3, 28, 28, 1), 0.5, np.float32)
LABELS = np.array([0, 1, 2])
UPHILL = np.where(np.arange(28) % 2, 1.0, -1.0).astype(np.float32)[None, None, :, None]


def gradient(frames, labels):
    """A loss that grows with odd columns and falls with even ones."""
    return np.broadcast_to(UPHILL, frames.shape).copy()


@pytest.mark.parametrize("epsilon", [0.1, 0.9])
def test_pgd_stays_within_epsilon_and_in_range(epsilon):
    start = np.random.default_rng(1).uniform(-1, 2, FRAMES.shape).astype(np.float32)
    attacked = np.array(attacks.pgd(gradient, FRAMES, LABELS, epsilon, step=0.05, steps=50, start=start))
    assert np.abs(attacked - FRAMES).max() <= epsilon + 1e-6
    assert attacked.min() >= 0
    assert attacked.max() <= 1
    assert attacked == pytest.approx(np.clip(0.5 + epsilon * UPHILL, 0, 1) + 0 * FRAMES)


THREE_PIXELS = keras.ops.convert_to_tensor(np.full((1, 3), 0.5, np.float32))
CROSSENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")


def two_classes():
    """Return logits (x1 - 2 x2, x2 - x1) of three pixels; the third does not matter."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, use_bias=False)])
    model.layers[0].set_weights([np.array([[1.0, -1.0], [-2.0, 1.0], [0.0, 0.0]])])
    return model


@pytest.mark.parametrize(
    ("toward", "pixels", "loss"),
    [
        (False, [0.4, 0.6, 0.5], np.log(1 + np.e)),  # logits -0.8 and 0.2
        (True, [0.6, 0.4, 0.5], np.log(2)),  # logits -0.2 and -0.2
    ],
)
def test_fgsm_on_a_linear_model_is_what_one_works_out_by_hand(toward, pixels, loss):
    # The loss of class 0 grows with the pixels as p1 (w1 - w0) = p1 (-2, 3, 0), p1 = 1 / (1 + exp(-0.5)).
    model, label = two_classes(), np.array([0])
    gradient = input_gradient(model, CROSSENTROPY)
    slope = np.array([[-2, 3, 0]]) / (1 + np.exp(-0.5))
    assert np.array(gradient(THREE_PIXELS, label)) == pytest.approx(slope, rel=1e-5)
    attacked = attacks.pgd(gradient, THREE_PIXELS, label, 0.1, step=0.1, steps=1, toward=toward)
    assert np.array(attacked) == pytest.approx(np.array([pixels]))
    assert np.array(CROSSENTROPY(label, model(attacked))) == pytest.approx(loss, rel=1e-5)


@pytest.fixture(scope="module")
def attacker(linear_model):
    return Attacker(linear_model, "linear")


def right(attacker, frames, labels):
    return int((attacker.logits(frames).argmax(axis=1) == labels).sum())


@pytest.mark.parametrize(
    ("method", "epsilon", "toward"),
    [("fgsm", 0.3, 3), ("pgd", 0.05, None), ("pgd", 1.0, 3)],
)
def test_no_pixel_changes_by_more_than_epsilon_or_leaves_the_range(
    attacker, tiny_digits, method, epsilon, toward
):
    frames, labels = tiny_digits
    before = frames.copy()
    attacked = attacker.attack(frames, labels, epsilon, method=method, toward=toward, steps=12, restarts=2)
    assert attacked.dtype == np.float32
    assert attacked.shape == frames.shape
    assert np.abs(attacked - frames).max() <= epsilon + 1e-6
    assert attacked.min() >= 0
    assert attacked.max() <= 1
    assert np.array_equal(frames, before)


def test_more_starts_and_smaller_steps_are_never_weaker(attacker, tiny_digits):
    frames, labels = tiny_digits
    clean = right(attacker, frames, labels)
    assert clean > 45
    attacked = [attacker.attack(frames, labels, 0.1, method="fgsm")]
    attacked += [attacker.attack(frames, labels, 0.1, restarts=restarts) for restarts in (1, 4)]
    fgsm, once, often = (right(attacker, one, labels) for one in attacked)
    assert clean >= fgsm >= once >= often
    assert often < clean - 15
    assert right(attacker, attacker.attack(frames, labels, 0.5), labels) == 0


def test_what_is_misread_as_it_is_stays_as_it_is(attacker, tiny_digits):
    frames, labels = tiny_digits
    wrong = attacker.logits(frames).argmax(axis=1) != labels
    assert wrong.any()
    attacked = attacker.attack(frames, labels, 0.1)
    assert np.array_equal(attacked[wrong], frames[wrong])
    assert (attacked[~wrong] != frames[~wrong]).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("toward", [3, np.arange(60) % 10])
def test_every_digit_can_be_led_to_another(attacker, tiny_digits, toward):
    frames, labels = tiny_digits
    attacked = attacker.attack(frames, labels, 0.5, toward=toward)
    assert (attacker.logits(attacked).argmax(axis=1) == toward).all()


def test_a_digit_that_withstands_comes_back_with_its_largest_loss(attacker, tiny_digits):
    frames, labels = tiny_digits
    attacked = attacker.attack(frames, labels, 0.02, restarts=2)
    losses = [
        np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(60), labels]
        for logits in (attacker.logits(frames), attacker.logits(attacked))
    ]
    assert (losses[1] >= losses[0]).all()


def test_the_seed_decides_and_batches_and_threads_do_not_matter(attacker, tiny_digits, monkeypatch):
    frames, labels = tiny_digits
    first, again, other = (attacker.attack(frames, labels, 0.02, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(lambda _: attacker.attack(frames, labels, 0.02), range(4))
        assert all(np.array_equal(first, attacked) for attacked in found)
    whole = attacker.attack(frames, labels, 0.1, method="fgsm")
    monkeypatch.setattr(attacks, "BATCH", 7)
    assert np.array_equal(attacker.attack(frames, labels, 0.1, method="fgsm"), whole)


def test_no_digits_and_no_epsilon_change_nothing(attacker, tiny_digits):
    frames, labels = tiny_digits
    assert attacker.attack(frames[:0], labels[:0], 0.3).shape == (0, 28, 28, 1)
    assert np.array_equal(attacker.attack(frames, labels, 0), frames)


def test_a_model_that_is_not_built_like_ours_is_attacked_too(linear_model, tiny_digits):
    frames, labels = tiny_digits
    layers = [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    foreign = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    foreign.set_weights(linear_model.get_weights())
    own, other = Attacker(linear_model, "own"), Attacker(foreign, "foreign")
    assert other.logits(frames) == pytest.approx(own.logits(frames), abs=1e-3)
    changed = [attacker.attack(frames, labels, 0.1, method="fgsm") for attacker in (own, other)]
    assert np.mean(changed[0] != changed[1]) < 0.01  # rounding turns the sign of a gradient of nearly 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"epsilon": 1.5}, "epsilon is 1.5; expected 0 to 1"),
        ({"epsilon": float("nan")}, "epsilon is nan"),
        ({"method": "cw"}, "method is 'cw'; expected one of fgsm, pgd"),
        ({"toward": 10}, r"toward is \[10\]; expected digits, 0 to 9"),
        ({"toward": [1, 2]}, r"shape of toward is \(2,\); expected \(60,\)"),
        ({"labels": np.full(60, -1)}, r"labels is \[-1\]"),
        ({"frames": np.zeros((60, 28, 28), np.float32)}, "shape of the frames"),
        ({"frames": np.full((60, 28, 28, 1), 255, np.uint8)}, "range of the frames is 255.0 to 255.0"),
        ({"frames": np.full((60, 28, 28, 1), np.nan, np.float32)}, "range of the frames is nan to nan"),
        ({"steps": 0}, "steps is 0"),
    ],
)
def test_bad_arguments_are_named(attacker, tiny_digits, arguments, words):
    frames, labels = tiny_digits
    with pytest.raises(ValueError, match=words):
        attacker.attack(**{"frames": frames, "labels": labels, "epsilon": 0.1} | arguments)

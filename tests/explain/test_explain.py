"""Maps of real networks: by hand, for every make of model, in many threads, and of the shipped model."""

from concurrent.futures import ThreadPoolExecutor

import keras
import model_makes
import numpy as np
import pytest

from digits.explain import faithfulness
from digits.explain.attribution import CAMS, METHODS, PIXEL_METHODS, Explainer

FRAME = np.random.default_rng(1).random((28, 28), dtype=np.float32)
BLANK = np.zeros((28, 28), np.float32)


@pytest.fixture(scope="module")
def explainer():
    return Explainer(model_makes.made("functional"))


@pytest.fixture(scope="module")
def weighted():
    """A model of two channels, x and 2 x, whose means the logits weigh: 3 and -1 for 4, -1 and 0 for 5."""
    convolution, logits = keras.layers.Conv2D(2, 1, name="two"), keras.layers.Dense(10, name="logits")
    steps = [convolution, keras.layers.GlobalAveragePooling2D(), logits, keras.layers.Softmax()]
    model = keras.Sequential([keras.Input((28, 28, 1)), *steps])
    weights = np.zeros((2, 10))
    weights[:, 4], weights[:, 5] = [3, -1], [-1, 0]
    model.set_weights([np.array([[[[1.0, 2.0]]]]), np.zeros(2), weights, np.zeros(10)])
    return Explainer(model)


def nearly(expected):
    """Return what equals a map but for rounding."""
    return pytest.approx(expected, abs=1e-4 * float(np.abs(expected).max()))


def test_maps_by_hand(weighted):
    # The slope of the mean of 784 places is 1/784: 3 x - 2 x = x is left for 4, and -x, cut off, for 5.
    assert weighted.grad_cam(FRAME, 4) == pytest.approx(FRAME / 784, rel=1e-4)
    assert not weighted.grad_cam(FRAME, 5).any()
    for target, slope in ((4, 1), (5, -1), (6, 0)):
        assert weighted.gradients(FRAME, target) == pytest.approx(np.full((28, 28), slope / 784), abs=1e-7)
        assert weighted.smooth_grad(FRAME, target) == pytest.approx(np.full((28, 28), slope / 784), abs=1e-7)
        expected = slope * FRAME / 784
        assert weighted.integrated_gradients(FRAME, target) == pytest.approx(expected, abs=1e-7)
        assert weighted.occlusion(FRAME, target, size=1, stride=1) == pytest.approx(expected, abs=1e-6)
        assert weighted.rise(FRAME, target) == pytest.approx(slope * FRAME.mean(), abs=1e-6)


def test_grad_cam_follows_a_gradient_found_otherwise(explainer):
    import tensorflow as tf

    model = model_makes.made("functional")
    for name in ("early", "late"):
        inside = keras.Model(
            model.inputs[0], [model.get_layer(name).output, model.get_layer("logits").output]
        )
        with tf.GradientTape() as tape:
            tape.watch(batch := tf.constant(FRAME[None, ..., None]))
            output, logits = inside(batch)
            logit = logits[0, 9]
        weights = tape.gradient(logit, output).numpy()[0].mean(axis=(0, 1))
        expected = np.maximum((output.numpy()[0] * weights).sum(axis=-1), 0)
        expected = tf.image.resize(expected[..., None], (28, 28)).numpy()[..., 0]
        assert expected.max() > 0
        assert explainer.grad_cam(FRAME, 9, name) == nearly(expected)


@pytest.mark.parametrize("make", model_makes.MAKES)
def test_every_make_of_model_has_the_same_maps(make, explainer, tmp_path):
    model = model_makes.reloaded(make, tmp_path)
    weights, answers = model.get_weights(), np.asarray(model(FRAME[None, ..., None]))
    other = Explainer(model)
    ours, theirs = explainer.anatomy.convolutions, other.anatomy.convolutions
    for one, same in zip(ours, theirs, strict=True):
        for method in CAMS:
            expected = explainer.explain(method, FRAME, 9, one.name)
            assert expected.any()
            assert other.explain(method, FRAME, 9, same.name) == nearly(expected)
    assert np.array_equal(other.grad_cam(FRAME, 9), other.grad_cam(FRAME, 9, theirs[-1].name))
    for method in PIXEL_METHODS:
        expected = explainer.explain(method, FRAME, 9)
        assert other.explain(method, FRAME, 9) == nearly(expected)
    assert np.array_equal(model(FRAME[None, ..., None]), answers)
    assert all(map(np.array_equal, model.get_weights(), weights))


def test_an_answer_that_is_entirely_sure_still_has_reasons():
    model = model_makes.made("Sequential, softmax as activation")
    model.layers[-1].set_weights([100 * weights for weights in model.layers[-1].get_weights()])
    answer = np.asarray(model(FRAME[None, ..., None]))[0]
    assert answer.max() == 1  # so the slope of its logarithm is 0
    assert np.abs(Explainer(model).gradients(FRAME, int(answer.argmax()))).max() > 1


def test_maps_are_raw_numbers_and_zero_stays_zero(explainer, weighted):
    for method in METHODS:
        for one in (explainer, weighted):
            for frame in (FRAME, BLANK):
                found = one.explain(method, frame, 5)
                assert found.shape == (28, 28)
                assert found.dtype == np.float32
                assert np.isfinite(found).all()
        if method not in ("smooth_grad", "gradients"):
            assert not weighted.explain(method, BLANK, 4).any(), method


def test_the_seed_decides_the_noise(explainer):
    first, again, other = (explainer.smooth_grad(FRAME, 3, samples=3, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    still = explainer.smooth_grad(FRAME, 3, samples=2, noise=0)
    assert still == pytest.approx(explainer.gradients(FRAME, 3), abs=1e-5)


def test_eight_threads_find_what_one_finds(explainer):
    fresh = Explainer(model_makes.made("two models inside"))  # nothing in it is compiled yet
    jobs = [(method, target) for target in (3, 7) for method in METHODS] * 4
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda job: fresh.explain(job[0], FRAME, job[1]), jobs))
    for (method, target), one in zip(jobs, found, strict=True):
        alone = fresh.explain(method, FRAME, target)
        assert one == nearly(alone)


def test_a_model_without_convolutions_says_so_and_is_explained_otherwise(linear_model):
    explainer = Explainer(linear_model, "linear")
    for method in CAMS:
        with pytest.raises(ValueError, match="The model linear has no convolutions") as caught:
            explainer.explain(method, FRAME, 3)
        assert str(caught.value).count(".") == 1
    weights = linear_model.get_layer("logits").get_weights()[0][:, 3].reshape(28, 28)
    assert explainer.gradients(FRAME, 3) == pytest.approx(weights, abs=1e-6)
    assert explainer.integrated_gradients(FRAME, 3) == pytest.approx(weights * FRAME, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("grad_cam", FRAME, 10), "target is 10; expected a digit, 0 to 9"),
        (("grad_cam", FRAME, 3, "conv9"), "no layer 'conv9'; expected one of: early, pool, late"),
        (("grad_cam", FRAME, 3, "flat"), "'flat' makes no pictures; expected one of: early, pool, late"),
        (("gradients", FRAME[None], 3), r"shape of the frame is \(1, 28, 28\); expected \(28, 28\)"),
        (("gradients", 255 * FRAME, 3), "range of the frame is .* expected 0 to 1"),
        (("gradients", np.full((28, 28), np.nan), 3), "range of the frame is nan"),
        (("lime", FRAME, 3), "method is 'lime'; expected one of grad_cam, .*occlusion"),
    ],
)
def test_what_makes_no_sense_is_refused(explainer, arguments, words):
    with pytest.raises(ValueError, match=words):
        explainer.explain(*arguments)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda e: e.integrated_gradients(FRAME, 3, steps=1), "steps is 1; expected 2 or more"),
        (lambda e: e.integrated_gradients(FRAME, 3, most=0), "most is 0; expected 1 or more"),
        (lambda e: e.smooth_grad(FRAME, 3, samples=0), "samples is 0"),
        (lambda e: e.smooth_grad(FRAME, 3, noise=-1), "noise is -1"),
        (lambda e: e.occlusion(FRAME, 3, size=29), "size is 29; expected 1 to 28"),
        (lambda e: e.occlusion(FRAME, 3, stride=0), "stride is 0"),
    ],
)
def test_settings_out_of_range_are_refused(explainer, call, words):
    with pytest.raises(ValueError, match=words):
        call(explainer)


def test_integrated_gradients_of_the_shipped_model_are_complete(shipped, golden_frames):
    for digit, frame in enumerate(golden_frames):
        for target in (digit, (digit + 3) % 10):
            found = shipped.integrated_gradients(frame, target)
            assert faithfulness.completeness(found, shipped.rise(frame, target)).error <= 0.01, (
                digit,
                target,
            )
            assert not found[frame == 0].any()


@pytest.mark.parametrize("layer", ["stem2", "deep1b_pointwise", "last_conv"])
def test_cams_look_at_a_convolution_after_its_activation(shipped, golden_frames, layer):
    """Before it most numbers are negative, and the map of a digit that is read well would be empty."""
    assert shipped.anatomy.layer(shipped.map_layer(layer)).kind == "ReLU"
    assert shipped.map_layer("deep1a_depthwise") == "deep1a_depthwise"  # another convolution follows
    for digit in (2, 7):
        assert shipped.grad_cam_plus_plus(golden_frames[digit], digit, layer).max() > 0

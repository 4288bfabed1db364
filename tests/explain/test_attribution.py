"""Maps by hand, of formulas and of small networks; then of the shipped model."""

from concurrent.futures import ThreadPoolExecutor

import keras
import model_makes
import numpy as np
import pytest

from digits.explain import attribution, faithfulness
from digits.explain.attribution import CAMS, Explainer, integrated_gradients, occlusion

RNG = np.random.default_rng(1)
FRAME = RNG.random((28, 28), dtype=np.float32)
BLANK = np.zeros((28, 28), np.float32)
WEIGHTS = RNG.normal(size=(28, 28))
OUTPUTS = np.array([[[1, 0], [2, 4]], [[0, 1], [3, 3]]], np.float32)  # (2, 2, 2): channels sum to 6 and 8


def linear(frames):
    return np.repeat(WEIGHTS[None], len(frames), axis=0), (frames * WEIGHTS).sum(axis=(1, 2))


def squared(frames):
    return 2.0 * frames, (frames.astype(float) ** 2).sum(axis=(1, 2))


def kinked(frames):
    """Ten thresholds, as in a network of ReLUs: the gradient jumps at each."""
    ink = frames.sum(axis=(1, 2), dtype=float)[:, None]
    over = ink > np.linspace(0, 300, 10) ** 1.05
    logits = np.where(over, ink - np.linspace(0, 300, 10) ** 1.05, 0).sum(axis=1)
    return np.ones_like(frames) * over.sum(axis=1)[:, None, None], logits


class Counted:
    """A formula that remembers how many frames it was asked about."""

    def __init__(self, ask):
        self.ask, self.asked = ask, []

    def __call__(self, frames):
        self.asked.append(len(frames))
        return self.ask(frames)


def test_grad_cam_by_hand():
    gradients = np.zeros((2, 2, 2), np.float32)
    gradients[..., 0], gradients[..., 1] = [[4, 0], [0, 4]], -1  # mean 2 and -1
    # 2 * 1 - 0, 2 * 2 - 4; 0 - 1 is cut off, 2 * 3 - 3
    assert attribution.grad_cam(OUTPUTS, gradients).tolist() == [[2, 0], [0, 3]]


def test_grad_cam_plus_plus_by_hand():
    gradients = np.zeros((2, 2, 2), np.float32)
    gradients[..., 0], gradients[..., 1] = [[1, -3], [0, 0.5]], -1
    # The first channel: 1 / (2 + 1 * 6) + 0.5 / (2 + 0.5 * 6) = 0.125 + 0.1; the second has none above 0.
    assert attribution.grad_cam_plus_plus(OUTPUTS, gradients) == pytest.approx(0.225 * OUTPUTS[..., 0])
    outputs, ones = np.full((2, 2, 1), -0.5, np.float32), np.ones((2, 2, 1), np.float32)
    outputs[0, 0] = 1  # the sum is -0.5; at -2 the paper's divisor would be 0
    assert attribution.grad_cam_plus_plus(outputs, ones) == pytest.approx(np.array([[2.0, 0], [0, 0]]))
    assert np.isfinite(attribution.grad_cam_plus_plus(outputs - 0.375, ones)).all()


def test_integrated_gradients_are_exact_where_gradients_are_straight():
    assert integrated_gradients(linear, FRAME, 2) == pytest.approx(WEIGHTS * FRAME, abs=1e-6)
    assert integrated_gradients(squared, FRAME, 50) == pytest.approx(FRAME**2, rel=0.01)
    assert not integrated_gradients(squared, BLANK, 50).any()


@pytest.mark.parametrize("steps", [5, 50])
def test_integrated_gradients_take_more_steps_where_gradients_jump(steps):
    ask = Counted(kinked)
    found = integrated_gradients(ask, FRAME, steps)
    before, after = kinked(np.stack([0 * FRAME, FRAME]))[1]
    assert ask.asked[0] == steps
    assert sum(ask.asked) < (attribution.MOST + 1) * steps
    assert float(found.sum()) == pytest.approx(after - before, rel=0.01)
    assert np.ptp((found / FRAME)[FRAME > 0.01]) < 1e-3  # all pixels count the same here


def test_a_logit_that_ends_where_it_began_is_followed_longer():
    """It rises to 100 and falls again: 1 % of the rise that is left is 1 in 50,000 of the way."""
    turn, end = 0.5003 * FRAME.sum(), 200.0 / FRAME.sum()

    def there_and_back(frames):
        ink = frames.sum(axis=(1, 2), dtype=float)
        slopes = np.where(ink < turn, end, -end)
        return np.ones_like(frames) * slopes[:, None, None], end * np.minimum(ink, 2 * turn - ink)

    before, after = there_and_back(np.stack([0 * FRAME, FRAME]))[1]
    ask = Counted(there_and_back)
    found = integrated_gradients(ask, FRAME, 10)
    assert 0 < after - before < 0.2
    assert sum(ask.asked) > 30
    assert float(found.sum(dtype=float)) == pytest.approx(after - before, rel=0.01)
    hasty = Counted(there_and_back)
    integrated_gradients(hasty, FRAME, 10, most=1)
    assert hasty.asked == [10]


def test_occlusion_by_hand():
    frame = np.zeros((28, 28), np.float32)
    frame[0, 0] = 1
    score = Counted(lambda frames: 12 * frames[:, 0, 0])
    alone = occlusion(score, frame, size=1, stride=1)
    assert (alone[0, 0], alone.sum()) == (12, 12)
    shared = occlusion(score, frame, size=2, stride=1)
    # One square of two by two covers the corner. Its neighbours lie under two or four squares, of which one.
    assert shared[:3, :3].tolist() == [[12, 6, 0], [6, 3, 0], [0, 0, 0]]
    assert score.asked == [2, 2]  # the frame and one square: where there is no ink, nothing changes
    whole = occlusion(lambda frames: frames.sum(axis=(1, 2)), np.ones((28, 28)), 5, 7)
    assert whole[27, 27] == 25  # it reaches the far edge
    assert whole[6, 6] == 0  # between two squares
    assert not occlusion(lambda frames: np.ones(len(frames)), BLANK, 6, 2).any()


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


def test_maps_of_a_network_by_hand(weighted):
    # The gradient of the mean of 784 places is 1/784: 3 x - 2 x = x is left for 4, and -x, cut off, for 5.
    assert weighted.explain("grad_cam", FRAME, 4) == pytest.approx(FRAME / 784, rel=1e-4)
    assert not weighted.explain("grad_cam", FRAME, 5).any()
    for target, slope in ((4, 1), (5, -1), (6, 0)):
        even, expected = np.full((28, 28), slope / 784), slope * FRAME / 784
        assert weighted.explain("gradients", FRAME, target) == pytest.approx(even, abs=1e-7)
        assert weighted.explain("smooth_grad", FRAME, target) == pytest.approx(even, abs=1e-7)
        assert weighted.explain("integrated_gradients", FRAME, target) == pytest.approx(expected, abs=1e-7)
        dots = weighted.explain("occlusion", FRAME, target, size=1, stride=1)
        assert dots == pytest.approx(expected, abs=1e-6)
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
        assert explainer.explain("grad_cam", FRAME, 9, name) == nearly(expected)


@pytest.mark.parametrize("make", ["Sequential, softmax as activation", "inside twice"])
def test_every_make_of_model_has_the_same_maps_in_every_thread(make, explainer, tmp_path):
    model = model_makes.reloaded(make, tmp_path)
    weights, answers = model.get_weights(), np.asarray(model(FRAME[None, ..., None]))
    other = Explainer(model)  # nothing in it is compiled yet
    theirs = [layer.name for layer in other.graph.convolutions]
    jobs = [(method, layer) for method in CAMS for layer in ("early", "late")] + [("gradients", None)]
    names = dict(zip(("early", "late"), theirs, strict=True))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda job: other.explain(job[0], FRAME, 9, names.get(job[1])), jobs * 3))
    for (method, layer), one in zip(jobs * 3, found, strict=True):
        expected = explainer.explain(method, FRAME, 9, layer)
        assert expected.any()
        assert one == nearly(expected)
    assert np.array_equal(
        other.explain("grad_cam", FRAME, 9), other.explain("grad_cam", FRAME, 9, theirs[-1])
    )
    assert np.array_equal(model(FRAME[None, ..., None]), answers)
    assert all(map(np.array_equal, model.get_weights(), weights))


def test_an_answer_that_is_entirely_sure_still_has_reasons():
    model = model_makes.made("Sequential, softmax as activation")
    model.layers[-1].set_weights([100 * weights for weights in model.layers[-1].get_weights()])
    answer = np.asarray(model(FRAME[None, ..., None]))[0]
    assert answer.max() == 1  # so the gradient of its logarithm is 0
    assert np.abs(Explainer(model).explain("gradients", FRAME, int(answer.argmax()))).max() > 1


def test_a_model_without_convolutions_says_so_and_is_explained_otherwise(linear_model):
    explainer = Explainer(linear_model, "linear")
    with pytest.raises(ValueError, match="The model linear has no convolutions"):
        explainer.explain("grad_cam", FRAME, 3)
    weights = linear_model.get_layer("logits").get_weights()[0][:, 3].reshape(28, 28)
    assert explainer.explain("gradients", FRAME, 3) == pytest.approx(weights, abs=1e-6)
    assert explainer.explain("integrated_gradients", FRAME, 3) == pytest.approx(weights * FRAME, abs=1e-5)


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


def test_integrated_gradients_of_the_shipped_model_are_complete(shipped, golden_frames):
    for digit, frame in enumerate(golden_frames):
        target = (digit + 3 * (digit % 2)) % 10
        found = shipped.explain("integrated_gradients", frame, target)
        about = faithfulness.completeness(found, shipped.rise(frame, target))
        assert about["completeness_error"] <= 0.01, (digit, target)
        assert not found[frame == 0].any()


def test_cams_look_at_a_convolution_after_its_activation(shipped, golden_frames):
    """Before it most numbers are negative, and the map of a digit that is read well would be empty."""
    assert shipped.map_layer("deep1a_depthwise") == "deep1a_depthwise"  # another convolution follows
    for layer in ("stem2", "deep1b_pointwise", "last_conv"):
        assert shipped.graph.layer(shipped.map_layer(layer)).kind == "ReLU"
        assert shipped.explain("grad_cam_plus_plus", golden_frames[2], 2, layer).max() > 0

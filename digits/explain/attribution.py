"""Attribution: where in a frame lies what speaks for a digit, as maps (28, 28) float32 of raw numbers.

Methods differ, and none of them is the truth: `digits.explain.faithfulness` tests them. All are about the
logit of a digit, the `target`: a probability hardly moves where a network is sure.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np

from digits.config import CLASSES, SIDE, check
from digits.explain.gradients import Gradients
from digits.models import calibration
from digits.models.layer_graph import checked

CAMS = ("grad_cam", "grad_cam_plus_plus")
"""Methods that look at a layer: where it found what speaks for the digit. 0 or more."""

PIXEL_METHODS = ("integrated_gradients", "smooth_grad", "gradients", "occlusion")
"""Methods that look at the pixels: what speaks for the digit is above 0, what speaks against it below."""

METHODS = (*CAMS, *PIXEL_METHODS)

SAMPLES, NOISE = 50, 0.15
"""Noisy frames of SmoothGrad, and the standard deviation of their noise; 1 is from black to white."""

TOLERANCE, PROMISE = 0.005, 0.01
"""Integrated gradients stop when their sum is the first share away from the logit difference; where that
takes more than `MANY` times the gradients asked for, the second will do."""

MANY, MOST = 8, 40
"""At the second of these many times the gradients asked for they stop in any case, unless told otherwise: a
logit that ends where it began has a difference of nearly nothing, of which 1 % is less than can be found."""

Ask = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""frames (N, 28, 28) -> gradients (N, 28, 28) of the target's logit, and that logit (N,)."""


class Explainer:
    """A model that gives reasons. Safe to share between threads; the model is never edited.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, K) probabilities, of any make: see `LayerGraph`.
        name: what to call it.

    Raises:
        ValueError: the Keras backend is not TensorFlow.
    """

    def __init__(self, model: Any, name: str = "model"):
        self.name, self._gradients = name, Gradients(model)
        self.graph = self._gradients.graph

    def explain(
        self, method: str, frame: np.ndarray, target: int, layer: str | None = None, **settings: Any
    ) -> np.ndarray:
        """Return the map of one of `METHODS`.

        Args:
            method: see the function of that name.
            frame: (28, 28) float32 in [0, 1].
            target: the digit to explain, or the place of the label, 0 to K - 1.
            layer: for `CAMS` alone, a name in `graph`, of a layer whose output is a stack of pictures; None
                is the last convolution. Earlier layers show finer maps of simpler things: on its way through
                the network a frame shrinks to a few pixels.
            settings: of the method, where they are not the usual ones.

        Returns:
            (28, 28) float32, signed; of `CAMS` 0 or more, enlarged from the size of the layer.

        Raises:
            ValueError: no such method or layer, no convolution, or an argument is out of range.
        """
        check("method", repr(method), method in METHODS, f"one of {', '.join(METHODS)}")
        frame = self._checked(frame, target)
        if method in CAMS:
            cam = grad_cam if method == "grad_cam" else grad_cam_plus_plus
            small = cam(*self._gradients.of_layer(self.map_layer(layer), frame, target))
            return cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        if method == "occlusion":
            return occlusion(lambda frames: self.logits(frames)[:, target], frame, **settings)
        ask = partial(self._gradients.of_frames, target=target)
        ways = {f.__name__: f for f in (gradients, smooth_grad, integrated_gradients)}
        return ways[method](ask, frame, **settings)

    def rise(self, frame: np.ndarray, target: int) -> float:
        """Return the logit of a frame less that of a black one: what integrated gradients share out."""
        frame = self._checked(frame, target)
        logits = self.logits(np.stack([frame, np.zeros_like(frame)]))[:, target]
        return float(logits[0] - logits[1])

    def _checked(self, frame: np.ndarray, target: int) -> np.ndarray:
        classes = self.graph.classes
        words = "a digit, 0 to 9" if classes == CLASSES else f"0 to {classes - 1}, the place of a label"
        check("target", target, target in range(classes), words)
        return checked(frame)

    def logits(self, frames: np.ndarray) -> np.ndarray:
        """Return the logits (N, K) float32 of frames (N, 28, 28) float32; see `LayerGraph.recorder`."""
        return self._gradients.logits(frames)

    def probabilities(self, frames: np.ndarray) -> np.ndarray:
        """Return the bare model's probabilities (N, K) for frames (N, 28, 28) float32."""
        return calibration.softmax(self.logits(frames))

    @property
    def without_convolutions(self) -> str:
        """What to say where Grad-CAM is asked of a model that has none."""
        return (
            f"The model {self.name} has no convolutions, so nothing in it says where something was found, as "
            "Grad-CAM must know; integrated gradients and occlusion can explain it."
        )

    def map_layer(self, name: str | None = None) -> str:
        """Return the layer that `CAMS` look at when they are given `name`: its numbers after activation.

        Before it most are negative, with a level that normalisation takes away again: maps would be empty.

        Raises:
            ValueError: there is none; one sentence that a page can show.
        """
        convolutions = self.graph.convolutions
        if not convolutions:
            raise ValueError(self.without_convolutions)
        layer = convolutions[-1] if name is None else self.graph.layer(name)
        if not layer.is_map:
            maps = ", ".join(layer.name for layer in self.graph.layers if layer.is_map)
            raise ValueError(f"The layer {name!r} makes no pictures; expected one of: {maps}.")
        return self.graph.activated(layer.name).name


def grad_cam(outputs: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Return where the channels that speak for a digit are active (Selvaraju et al., 2017, arXiv:1610.02391).

    Args:
        outputs: (h, w, channels) float32, of a layer for one frame.
        gradients: the same shape, of the digit's logit by them.

    Returns:
        (h, w) float32, 0 or more: the sum of the channels, each weighted by its mean gradient; 0 where it is
        negative.
    """
    return np.maximum(outputs @ gradients.mean(axis=(0, 1)), 0)


def grad_cam_plus_plus(outputs: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Return the same with another weight for each place (Chattopadhay et al., 2018, arXiv:1710.11063).

    A channel's weight is the sum of its positive gradients g, each times g^2 / (2 g^2 + g^3 S), where S is
    the sum of the channel: the paper's closed form for the exponential of the logit, less a factor that is
    the same everywhere. The paper's maps are rectified; here a negative S counts as 0, or the divisor could
    vanish.
    """
    rising, sums = np.maximum(gradients, 0), np.maximum(outputs.sum(axis=(0, 1)), 0)
    return np.maximum(outputs @ (rising / (2 + rising * sums)).sum(axis=(0, 1)), 0)


def gradients(ask: Ask, frame: np.ndarray) -> np.ndarray:
    """Return how a logit changes with each pixel (Simonyan et al., 2014, arXiv:1312.6034)."""
    return ask(frame[None])[0][0]


def smooth_grad(ask: Ask, frame: np.ndarray) -> np.ndarray:
    """Return the mean of `gradients` over `SAMPLES` noisy frames (Smilkov et al., 2017, arXiv:1706.03825)."""
    noise = np.random.default_rng(0).standard_normal((SAMPLES, SIDE, SIDE), np.float32)
    return ask(frame + NOISE * noise)[0].mean(axis=0)


def integrated_gradients(ask: Ask, frame: np.ndarray, steps: int = 50, most: int = MOST) -> np.ndarray:
    """Integrate gradients from black to a frame (Sundararajan et al., 2017, arXiv:1703.01365).

    On the straight way, by the trapezoid rule. Gradients of a network of ReLUs jump, most of all near black:
    50 at equal distances leave an error of a tenth. So they begin closer together near black, and more are
    taken where the logits, which come with the gradients, show that the rule is wrong. These logits only
    choose the places and the end: what is summed is gradients alone, and where these are not the slope of
    the logit, no number of places makes the sum complete.
    Weighing the gradients by the logits too, as if there were one jump between two places, would make the
    sum right and the map worse: there are many jumps, and it comes out half as far again from the limit.

    Args:
        ask: see `Ask`.
        frame: (28, 28) float32 in [0, 1].
        steps: gradients taken at first, 2 or more.
        most: at about so many times as many it ends, 1 or more.

    Returns:
        (28, 28) float32, signed; sums to the frame's logit less that of black, but for `PROMISE` of that
        where so many gradients suffice.
    """

    def along(places: np.ndarray) -> list[np.ndarray]:
        return [np.asarray(x, np.float64) for x in ask(frame * places[:, None, None].astype(np.float32))]

    places = np.linspace(0, 1, steps) ** 2
    found, logits = along(places)
    while True:
        slopes, widths = (found * frame).sum(axis=(1, 2)), np.diff(places)
        errors = np.diff(logits) - widths * (slopes[1:] + slopes[:-1]) / 2
        allowed = TOLERANCE if len(places) < MANY * steps else PROMISE
        if abs(errors.sum()) <= allowed * abs(logits[-1] - logits[0]) or len(places) >= most * steps:
            means = (found[1:] + found[:-1]) / 2
            return (frame * np.tensordot(widths, means, axes=1)).astype(np.float32)
        worst = np.argsort(-np.abs(errors))[: max(1, steps // 2, len(places) // 4)]
        between = (places[worst] + places[worst + 1]) / 2
        order = np.argsort(np.concatenate([places, between]))
        more = zip((places, found, logits), (between, *along(between)), strict=True)
        places, found, logits = (np.concatenate(both)[order] for both in more)


def occlusion(
    score: Callable[[np.ndarray], np.ndarray], frame: np.ndarray, size: int = 6, stride: int = 2
) -> np.ndarray:
    """Cover a frame with a black square, place by place (Zeiler & Fergus, 2014, arXiv:1311.2901).

    Args:
        score: frames (N, 28, 28) -> logits (N,).
        frame: (28, 28) float32 in [0, 1].
        size: side of the square, 1 to 28 pixels.
        stride: from place to place, 1 pixel or more; the last place in a row touches the edge.

    Returns:
        (28, 28) float32, signed: by how much the logit falls, the mean over the squares that cover a pixel.
    """
    starts = np.unique([*range(0, SIDE - size + 1, stride), SIDE - size])
    squares = [np.s_[top : top + size, left : left + size] for top in starts for left in starts]
    inked = [square for square in squares if frame[square].any()]  # the others change nothing
    covered = np.repeat(frame[None], len(inked) + 1, axis=0)
    for one, square in zip(covered[1:], inked, strict=True):
        one[square] = 0
    logits = np.asarray(score(covered), np.float64)
    falls, counts = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for square, logit in zip(inked, logits[1:], strict=True):
        falls[square] += logits[0] - logit
    for square in squares:
        counts[square] += 1
    return (falls / np.maximum(1, counts)).astype(np.float32)

"""Why a network answers as it does: maps of a frame, (28, 28) float32, as raw numbers.

Class activation maps from what a layer shows and how the logit changes with it, in plain numpy.
"""

from collections.abc import Callable

import cv2
import numpy as np

from digits.config import CLASSES, SIDE, check
from digits.explain import gradients as pixels
from digits.explain.gradients import Gradients
from digits.explain.layer_graph import checked


def grad_cam(outputs: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return where the channels that speak for a digit are active (Selvaraju et al., 2017, arXiv:1610.02391).

    Args:
        outputs: (h, w, channels) float32, of a layer for one frame.
        slopes: the same shape, the gradient of the digit's logit by them.

    Returns:
        (h, w) float32, 0 or more: the sum of the channels, each weighted by its mean slope; 0 where it is
        negative.
    """
    return np.maximum(outputs @ slopes.mean(axis=(0, 1)), 0)


def grad_cam_plus_plus(outputs: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return the same with another weight for each place (Chattopadhay et al., 2018, arXiv:1710.11063).

    A channel's weight is the sum of its positive slopes g, each times g^2 / (2 g^2 + g^3 S), where S is the
    sum of the channel: the paper's closed form for the exponential of the logit, less a factor that is the
    same everywhere. The paper's maps are rectified; here a negative S counts as 0, or the divisor could
    vanish.

    Args:
        outputs, slopes: see `grad_cam`.
    """
    rising, sums = np.maximum(slopes, 0), np.maximum(outputs.sum(axis=(0, 1)), 0)
    return np.maximum(outputs @ (rising / (2 + rising * sums)).sum(axis=(0, 1)), 0)


def enlarge(small: np.ndarray) -> np.ndarray:
    """Return a map (h, w) at the size of a frame, (28, 28) float32, bilinear."""
    return cv2.resize(np.asarray(small, np.float32), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


CAMS = ("grad_cam", "grad_cam_plus_plus")
"""Methods that look at a layer: where it found what speaks for the digit. 0 or more."""

PIXEL_METHODS = ("integrated_gradients", "smooth_grad", "gradients", "occlusion")
"""Methods that look at the pixels: what speaks for the digit is above 0, what speaks against it below."""

METHODS = (*CAMS, *PIXEL_METHODS)


class Explainer:
    """A model that gives reasons. Safe to share between threads; the model is never edited.

    All maps are about the logit of a digit, the `target`: a probability hardly moves where a network is sure.
    Methods differ, and none of them is the truth: `digits.explain.faithfulness` tests them.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, 10) probabilities, of any make: see `anatomy`.
        name: what to call it.

    Raises:
        ValueError: the Keras backend is not TensorFlow.
    """

    def __init__(self, model, name: str = "model"):
        self.name, self._slopes = name, Gradients(model)
        self.anatomy = self._slopes.anatomy

    def explain(self, method: str, frame: np.ndarray, target: int, layer: str | None = None) -> np.ndarray:
        """Return the map of one of `METHODS` with its usual settings; `layer` is for `CAMS` alone.

        Raises:
            ValueError: no such method; else see the method.
        """
        check("method", repr(method), method in METHODS, f"one of {', '.join(METHODS)}")
        return getattr(self, method)(frame, target, *([layer] if method in CAMS else []))

    def grad_cam(self, frame: np.ndarray, target: int, layer: str | None = None) -> np.ndarray:
        """Return where a layer finds what speaks for a digit; see `cams.grad_cam`.

        Args:
            frame: (28, 28) float32 in [0, 1].
            target: the digit to explain, 0 to 9.
            layer: a name in `anatomy`, of a layer whose output is a stack of pictures; None is the last
                convolution. Earlier layers show finer maps of simpler things: on its way through the network
                a frame shrinks to a few pixels.

        Returns:
            (28, 28) float32, 0 or more, enlarged from the size of the layer.

        Raises:
            ValueError: the model has no convolution, no such layer, or an argument is out of range.
        """
        return self._cam(grad_cam, frame, target, layer)

    def grad_cam_plus_plus(self, frame: np.ndarray, target: int, layer: str | None = None) -> np.ndarray:
        """Return the same, weighted place by place: see `cams.grad_cam_plus_plus`; else as `grad_cam`."""
        return self._cam(grad_cam_plus_plus, frame, target, layer)

    def gradients(self, frame: np.ndarray, target: int) -> np.ndarray:
        """Return how a logit changes with each pixel (Simonyan et al., 2014, arXiv:1312.6034).

        Args:
            frame: (28, 28) float32 in [0, 1].
            target: the digit to explain, 0 to 9.

        Returns:
            (28, 28) float32, signed.

        Raises:
            ValueError: an argument is out of range; the message says which.
        """
        frame = _checked(frame, target)
        return self._slopes.of_frames(frame[None], target)[0][0]

    def integrated_gradients(
        self, frame: np.ndarray, target: int, steps: int = 50, most: int = pixels.MOST
    ) -> np.ndarray:
        """Return what each pixel adds to the logit of a black frame; see `pixels.integrated_gradients`.

        Args:
            frame, target: see `gradients`.
            steps: gradients to take at first, 2 or more; more follow where these are too few.
            most: so many times as many are enough in any case, 1 or more.

        Returns:
            (28, 28) float32, signed; the sum is `rise(frame, target)`, but for the error of the rule.
        """
        frame = _checked(frame, target)
        check("steps", steps, steps >= 2, "2 or more")
        check("most", most, most >= 1, "1 or more")

        def ask(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            slopes, logits = self._slopes.of_frames(frames, target)
            return slopes, logits[:, target]

        return pixels.integrated_gradients(ask, frame, steps, most)

    def smooth_grad(
        self, frame: np.ndarray, target: int, samples: int = 50, noise: float = 0.15, seed: int = 0
    ) -> np.ndarray:
        """Return the mean of `gradients` over noisy frames (Smilkov et al., 2017, arXiv:1706.03825).

        Args:
            frame, target: see `gradients`.
            samples: how many noisy frames, 1 or more.
            noise: standard deviation of the Gaussian noise, 0 or more; 1 is from black to white.
            seed: decides the noise.
        """
        frame = _checked(frame, target)
        check("samples", samples, samples >= 1, "1 or more")
        check("noise", noise, 0 <= noise < float("inf"), "0 or more")
        check("seed", seed, seed >= 0, "0 or more")
        rng = np.random.default_rng(seed)
        noisy = frame + noise * rng.standard_normal((samples, SIDE, SIDE), np.float32)
        return self._slopes.of_frames(noisy, target)[0].mean(axis=0)

    def occlusion(self, frame: np.ndarray, target: int, size: int = 6, stride: int = 2) -> np.ndarray:
        """Return how much a logit falls when the surroundings of a pixel are covered; see `pixels.occlusion`.

        Args:
            frame, target: see `gradients`.
            size: side of the black square, 1 to 28 pixels.
            stride: from place to place, 1 pixel or more.
        """
        frame = _checked(frame, target)
        check("size", size, 1 <= size <= SIDE, f"1 to {SIDE}")
        check("stride", stride, stride >= 1, "1 or more")
        return pixels.occlusion(lambda frames: self.logits(frames)[:, target], frame, size, stride)

    def rise(self, frame: np.ndarray, target: int) -> float:
        """Return the logit of a frame less that of a black one: what integrated gradients share out."""
        frame = _checked(frame, target)
        logits = self.logits(np.stack([frame, np.zeros_like(frame)]))[:, target]
        return float(logits[0] - logits[1])

    def logits(self, frames: np.ndarray) -> np.ndarray:
        """Return the logits (N, 10) float32 of frames (N, 28, 28) float32; see `LayerGraph.recorder`."""
        return self._slopes.logits(frames)

    def _cam(self, method: Callable, frame: np.ndarray, target: int, layer: str | None) -> np.ndarray:
        frame = _checked(frame, target)
        return enlarge(method(*self._slopes.of_layer(self.map_layer(layer), frame, target)))

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
        convolutions = self.anatomy.convolutions
        if not convolutions:
            raise ValueError(self.without_convolutions)
        layer = convolutions[-1] if name is None else self.anatomy.layer(name)
        if not layer.is_map:
            maps = ", ".join(layer.name for layer in self.anatomy.layers if layer.is_map)
            raise ValueError(f"The layer {name!r} makes no pictures; expected one of: {maps}.")
        return self.anatomy.activated(layer.name).name


def _checked(frame: np.ndarray, target: int) -> np.ndarray:
    frame = checked(frame)
    check("target", target, target in range(CLASSES), "a digit, 0 to 9")
    return frame

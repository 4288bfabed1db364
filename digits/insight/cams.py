"""Class activation maps from what a layer shows and how the logit changes with it, in plain numpy."""

import cv2
import numpy as np

from digits.contract import SIDE


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

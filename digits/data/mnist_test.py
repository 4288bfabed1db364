"""MNIST's 10,000 test digits, for evaluation/ only: training and model choice must never see them."""

import numpy as np

from digits.data.mnist import load_arrays


def load_test(limit: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 28, 28) uint8 and labels (N,) int64, the first `limit` if given.

    Raises:
        FileNotFoundError: no data here and no internet; the message says what to put where.
    """
    images, labels = load_arrays("test")
    return images[:limit], labels[:limit]

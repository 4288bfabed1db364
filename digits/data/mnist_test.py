"""MNIST's 10,000 test digits, for evaluation and for show: training and the choice of models never see them.

Two walls hold that. Training code does not import this module, by a contract in pyproject.toml; and a process
either trains or gets test digits, whichever it does first, never both.
"""

import numpy as np

from digits.data import mnist


def load_test(limit: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 28, 28) uint8 and labels (N,) int64, the first `limit` if given.

    Raises:
        ValueError: this process has trained.
        FileNotFoundError: no data here and no internet; the message says what to put where.
    """
    images, labels = mnist.load_arrays("test")
    return images[:limit], labels[:limit]

"""MNIST for training: 54,000 training and 6,000 validation digits.

Validation chooses, the test set reports: `digits.data.mnist_test` has the test digits, which no process gets
that trains.
"""

from typing import NamedTuple

import numpy as np

from digits import experiment
from digits.config import CLASSES, SIDE, find_data
from digits.files import read_npz

SPLIT_SEED = 20_120_608  # any fixed number; changing it would mix training and validation digits
MISSING = (
    "MNIST was found neither in DIGITS_DATA_DIR nor in data/, and could not be downloaded ({reason}): "
    "put mnist.npz (arrays x_train, y_train, x_test, y_test) into the folder data/ of this project."
)


class TrainVal(NamedTuple):
    """MNIST's 60,000 training digits in two parts: images (N, 28, 28) uint8, labels (N,) int64."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


def load_train_val(limit: int | None = None) -> TrainVal:
    """Return the fixed stratified split of MNIST's 60,000 training digits.

    Args:
        limit: keep only the first `limit` training digits, and a ninth as many for validation.

    Raises:
        FileNotFoundError: no data here and no internet; the message says what to put where.
    """
    images, labels = load_arrays("train")
    train, val = split_indices(labels)
    if limit is not None:
        train, val = train[:limit], val[: max(CLASSES, limit // 9)]
    return TrainVal(images[train], labels[train], images[val], labels[val])


def split_indices(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split positions of `labels` (N,) into nine tenths for training and one for validation: 54,000, 6,000.

    Every class gives the same share; the same labels always split, and are shuffled, the same way.
    """
    from sklearn.model_selection import train_test_split  # late: pages with test digits need not wait for it

    positions = np.arange(len(labels))
    train, val = train_test_split(
        positions, test_size=len(labels) // 10, stratify=labels, random_state=SPLIT_SEED
    )
    return train, val


def load_arrays(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 28, 28) uint8 and labels (N,) int64 of `part`, "train" or "test".

    Raises:
        ValueError: damaged arrays; or test digits where this process has trained.
        FileNotFoundError: no data here and no internet.
    """
    if part == "test":
        experiment.claim_process(experiment.TESTS)
    path = find_data("mnist.npz")
    if path is None:
        images, labels = _download(part)
        return images, labels.astype(np.int64)
    images, labels = read_npz(path, (f"x_{part}", f"y_{part}")).values()
    shape, kind = (len(labels), SIDE, SIDE), np.uint8
    if images.shape != shape or images.dtype != kind or not np.isin(labels, range(CLASSES)).all():
        raise ValueError(
            f"{path} holds x_{part} {images.shape} {images.dtype} and {len(labels)} labels; "
            "expected (N, 28, 28) uint8 and as many labels from 0 to 9."
        )
    return images, labels.astype(np.int64)


def _download(part: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        from keras.datasets import mnist  # the one place in digits.data that needs Keras

        train, test = mnist.load_data()
        return train if part == "train" else test
    except Exception as error:  # keras raises bare Exception when a URL cannot be fetched
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileNotFoundError(MISSING.format(reason=reason)) from error

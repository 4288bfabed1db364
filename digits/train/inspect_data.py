"""What data is there, in words and in pictures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from digits.config import CLASSES, find_data
from digits.data.augment import add_styles
from digits.data.characters import site_of
from digits.data.handwriting import balance, load_folder
from digits.data.mnist import TrainVal, load_train_val
from digits.data.strokes import load_strokes
from digits.plots import curves, sheets

STROKES = ("unipen_strokes.npz", "letters_strokes.npz", "not_digits_strokes.npz")
SHOWN = 10  # samples per digit


def describe(folder: Path | None = None) -> Iterator[str]:
    """Yield lines on MNIST, the strokes files and, if given, a folder of own digits.

    Raises:
        FileNotFoundError, ValueError: no MNIST, or no such folder; says what to put where.
    """
    data = load_train_val()
    yield f"MNIST ({find_data('mnist.npz') or 'Keras download'}):"
    yield f"  {len(data.y_train):,} for training, {len(data.y_val):,} for validation; test digits stay closed"
    for name in STROKES:
        path = find_data("handwriting", name)
        if path:
            strokes = load_strokes(path)
            counts = zip(*np.unique(site_of(strokes.source), return_counts=True), strict=True)
            sites = ", ".join(f"{site} {count:,}" for site, count in counts)
            yield f"{path.stem}: {len(strokes):,} samples in pen strokes ({sites})"
        else:
            yield f"{name}: not here (optional; expected in data/handwriting/)"
    if folder:
        own = load_folder(folder)
        yield f"{folder}: {len(own.paths):,} pictures; {balance(own.labels)}"
        yield from (f"  skipped: {reason}" for _, reason in own.skipped)


def draw(out: Path) -> list[Path]:
    """Write samples.png, classes.png and augmentation.png into `out`; return their paths."""
    data = load_train_val()
    rows = [np.flatnonzero(data.y_train == digit)[:SHOWN] for digit in range(CLASSES)]
    drawings = {
        "samples.png": sheets.digit_grid(data.x_train[np.concatenate(rows)]),
        "classes.png": curves.class_distribution({"training": data.y_train, "validation": data.y_val}),
        "augmentation.png": sheets.digit_grid(_augmented(data, strong=False)),
        "augmentation_strong.png": sheets.digit_grid(_augmented(data, strong=True)),
    }
    for name, figure in drawings.items():
        curves.save(figure, out / name)
    return [out / name for name in drawings]


def _augmented(data: TrainVal, strong: bool) -> np.ndarray:
    """Return rows of ten: a training digit, then nine ways it may look to a network in training."""
    from digits.train import augmentation, photometric

    first = [np.flatnonzero(data.y_train == digit)[0] for digit in range(CLASSES)]
    frames = np.repeat(data.x_train[first].astype("float32") / 255, SHOWN, axis=0)
    redrawn, layers = frames, augmentation.light(seed=1)
    if strong:
        redrawn = add_styles(frames, np.repeat(range(CLASSES), SHOWN), np.random.default_rng(1))
        layers = photometric.photometric_augmentation(seed=1)
    varied = np.array(layers(redrawn[..., None], training=True))[..., 0]
    varied[::SHOWN] = frames[::SHOWN]
    return varied

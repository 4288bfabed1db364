"""Exports with their data: sample digits to fit integers to, and digits to check every file on at once."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from digits import config
from digits.config import find_data
from digits.data import handwriting
from digits.data.mnist import load_train_val
from digits.files import sha256, write_json
from digits.models import checkpoints
from digits.models.export import formats, verify
from digits.models.export.verify import Check
from digits.models.sandbox import gate
from digits.preprocessing.frame import as_batch
from digits.recognizer import Recognizer

CHECKED = 1000
"""Digits that every export is asked."""

SAMPLES = 300
"""Digits of MNIST, and as many of pens, that integer arithmetic is fitted to."""

SEED = 1  # of the choice among them


def export(model: str | Path, wanted: list[str], folder: Path) -> Iterator[Check]:
    """Export a model and check each file on validation digits; save the figures as <name>.exports.json there.

    Args:
        model: a name in models/, or the path of a .keras file.
        wanted: names in `formats.FORMATS`.
        folder: where to.

    Yields:
        The check of each file, once it is written. A file that fails is kept, for a look at it.

    Raises:
        ValueError: see `formats.write`.
        FileNotFoundError: there are no digits here to check on; the message says what to put where.
    """
    path = checkpoints.find(model)
    formats.check_wanted(wanted)
    data = load_train_val()
    frames, labels = as_batch(data.x_val[:CHECKED]), data.y_val[:CHECKED]
    checks = []
    for made in checked(path, wanted, folder, frames, labels):
        checks.append(made)
        yield made
    said = {"model": path.stem, "sha256": sha256(path), "data": "MNIST validation", "n": len(labels)}
    said |= {"limits": limits(wanted), "exports": [asdict(made) for made in checks]}
    write_json(folder / f"{path.stem}.exports.json", said | {"versions": config.versions()})


def checked(
    path: Path, wanted: list[str], folder: Path, frames: np.ndarray, labels: np.ndarray
) -> Iterator[Check]:
    """Export a model, and check each file on frames (N, 28, 28, 1) in [0, 1] with labels (N,)."""
    samples = sample_frames(path) if formats.fits_samples(wanted) else None
    expected = Recognizer.load(path).probabilities(frames)
    for name, file in formats.write(path, wanted, folder, samples):
        made = verify.check(name, file, frames, labels, expected)
        if made.passed and formats.FORMATS[name].exact and file.suffix in checkpoints.EXPORTED:
            gate.remember(sha256(file))  # beside its model it may answer in its place; see lite.py
        yield made


def sentence(made: Check) -> str:
    """Return a check in a line for people."""
    figures = (
        f"agrees on {made.agreement:.1%} of {made.n:,} digits, off by up to {made.largest_difference:.1e}, "
        f"{made.ms:.2f} ms a picture"
    )
    line = f"{made.file:<28} {made.bytes / 1000:8,.0f} kB   {figures}"
    if made.passed:
        return line
    least, most = verify.limits(made.format)
    return f"{line}; expected {least:.1%} and at most {most:g}"


def limits(wanted: list[str]) -> dict[str, dict[str, float]]:
    """Return what forms must keep, for a file."""
    pairs = {name: verify.limits(name) for name in wanted}
    return {name: {"agreement": least, "largest_difference": most} for name, (least, most) in pairs.items()}


def sample_frames(path: Path) -> np.ndarray:
    """Return digits like those the model will meet, (N, 28, 28, 1) float32: of MNIST and of pens.

    The pens are those of writers it was trained on; all others may be needed to judge it.

    Raises:
        ValueError: there is no data here; the message says why tflite-int8 needs it.
    """
    try:
        images = load_train_val(SAMPLES).x_train
    except OSError as error:
        raise ValueError(f"tflite-int8 is fitted to sample digits, and there are none. {error}") from error
    return as_batch(np.concatenate([images, _pen_frames(path)]))


def _pen_frames(path: Path) -> np.ndarray:
    file = find_data("handwriting", "unipen_strokes.npz")
    card = checkpoints.inspect(path).card
    learnt = card.config.get("learnt_from", {}) if card else {}
    writers = {writer for source, found in learnt.items() if source.startswith("UNIPEN") for writer in found}
    if file is None or not writers:
        return np.zeros((0, 28, 28), np.uint8)
    pens = handwriting.load(file, SEED)
    chosen = np.flatnonzero(np.isin(pens.sources, sorted(writers)))
    return pens.frames[np.random.default_rng(SEED).permutation(chosen)[:SAMPLES]]

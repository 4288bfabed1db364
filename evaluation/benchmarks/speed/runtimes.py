"""How many frames a second each shipped model reads in each program that can run it."""

import contextlib
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digits import Recognizer
from digits.config import ROOT
from digits.deploy import lite
from digits.models import checkpoints
from digits.models.export import formats

BATCHES = (1, 64, 512)
"""Frames asked at once: a visitor's, a page of numbers, a pile of pictures."""

PROGRAMS = {"keras": "Keras, compiled", "tflite": "LiteRT", "onnx": "ONNX Runtime"}

SPAN = 1.0  # second for one figure, at least


def frames_per_second(frames: np.ndarray) -> list[dict]:
    """Return a row for each model in models/ of this checkout and each program: frames a second by batch.

    Args:
        frames: (N, 28, 28, 1) float32 in [0, 1], as many as the largest batch.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path in checkpoints.files(ROOT / "models"):
            with lite.silenced(), contextlib.redirect_stdout(io.StringIO()):
                made = dict(formats.write(path, ["tflite", "onnx"], Path(folder)))
            for program, file in {"keras": path, **made}.items():
                with lite.silenced():
                    ask = Recognizer.load(file).logits
                speeds = {str(n): round(_speed(ask, frames[:n]), 1) for n in BATCHES}
                about = {"model": path.stem, "program": program, "words": PROGRAMS[program]}
                rows.append(about | {"per_second": speeds})
    return rows


def _speed(ask: Callable[[np.ndarray], np.ndarray], batch: np.ndarray) -> float:
    """Return the frames a second of a batch, by the median of its turns; the first ones do not count."""
    ask(batch), ask(batch)
    spans: list[float] = []
    while sum(spans) < SPAN or len(spans) < 5:
        begin = time.perf_counter()
        ask(batch)
        spans.append(time.perf_counter() - begin)
    return len(batch) / float(np.median(spans))

"""How long the whole road from a picture to its answer takes, in the program that the app would ask."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digits import Recognizer
from digits.data.mnist import load_train_val
from digits.deploy import lite
from digits.robustness import sweep
from evaluation.benchmarks.speed.stopwatch import STAGES, watched
from evaluation.handwriting import sets
from evaluation.judges.corruptions import quick_reader
from evaluation.simulate import paper, pens

ASKED = {"canvas_ms": 10.0, "canvases_per_second": 400.0, "photo_seconds": 1.5, "sweep_seconds": 300.0}
"""On two cores: at most, but for the canvases per second."""

WHOLE = 10_000  # digits of a sweep

PHOTO, TALL = (3000, 4000), 180  # pixels: height and width of the photo, height of a digit on it


def pictures(n: int, photos: int, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return n canvases, (280, 280) uint8, and photos of 12 megapixels with ten digits each."""
    material = sets.Material(development=True, seed=seed)
    canvases = sets.single(pens.canvas)(material, "speed", n)
    numbers = sets.several(lambda digits, rng: paper.number_photo(digits, rng, TALL, PHOTO)[0], 10, 10)
    made = (canvases, numbers(material, "speed photo", photos))
    return tuple([example.make() for example in examples] for examples in made)


def road(model: Path, canvases: list[np.ndarray], photos: list[np.ndarray], seed: int) -> dict:
    """Return the figures in `ASKED` but for the sweep, and where the time goes, stage by stage."""
    reader, rng = lite.load(model), np.random.default_rng(seed)
    batch = [canvases[i] for i in rng.permutation(len(canvases))]
    for warm in range(2):  # the second time, nothing is compiled any more
        reader.read_digit(canvases[warm % len(canvases)])
        reader.read_digits(batch)
    reader.read_number(photos[0])
    alone = _clock(reader.read_digit, canvases) * 1000
    together = _clock(reader.read_digits, [batch])
    large = _clock(reader.read_number, photos)
    return {
        "canvas_ms": round(float(np.median(alone)), 2),
        "canvas_ms_95": round(float(np.quantile(alone, 0.95)), 2),
        "canvases_per_second": round(len(batch) / float(together[0]), 1),
        "photo_seconds": round(float(np.median(large)), 3),
        "canvas_stages_ms": _breakdown(reader, reader.read_digit, canvases),
        "photo_stages_ms": _breakdown(reader, reader.read_number, photos),
    }


def sweep_seconds(model: str, n: int) -> float:
    """Return the seconds that all kinds of damage at all severities take, reckoned for 10,000 test digits."""
    reader, data = quick_reader(model), load_train_val()
    images, labels = data.x_val[:n], data.y_val[:n]
    begin = time.perf_counter()
    for _ in sweep.sweep([reader], images, labels):
        pass
    return round((time.perf_counter() - begin) * WHOLE / len(labels), 1)


def _clock(function: Callable, given: list) -> np.ndarray:
    """Return the seconds (N,) that `function` takes for each picture."""
    seconds = []
    for picture in given:
        begin = time.perf_counter()
        function(picture)
        seconds.append(time.perf_counter() - begin)
    return np.array(seconds)


def _breakdown(reader: Recognizer, function: Callable, given: list) -> dict[str, float]:
    """Return the milliseconds per picture that each stage takes, in the order of the road."""
    with watched(reader) as watch:
        for picture in given:
            function(picture)
    names = [*STAGES.values(), "judge"]
    return {name: round(1000 * watch.seconds[name] / len(given), 3) for name in names}

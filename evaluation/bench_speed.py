"""How long does reading take, and where does the time go?

    python evaluation/bench_speed.py      # two minutes; nothing else should run on the machine

Times the whole road after a warm-up: one canvas at a time, canvases in batches, and photos of 12 megapixels
with ten digits; all of it again by stage (stopwatch.py), "judge" being the choice among candidates and the
verdict; then a sweep over all damage, a move of the app's severity slider, and reasons for an answer.
Writes evaluation/results/<name>.speed.json.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import explain_speed
import handwriting_sets as sets
import numpy as np
import page_speed
import paper
import pens
import tyro
from evaluate_robustness import quick_reader
from stopwatch import STAGES, watched

from digits import Recognizer, results, runs, stress
from digits.contract import DEFAULT_MODEL
from digits.data.mnist_test import load_test
from digits.network import checkpoints

ASKED = {
    "canvas_ms": 10.0,
    "canvases_per_second": 400.0,
    "photo_seconds": 1.5,
    "sweep_seconds": 300.0,
    "severity_ms": 300.0,
} | explain_speed.ASKED
"""On two cores: at most, but for the canvases per second."""

WHOLE = 10_000  # digits of a sweep

PHOTO, TALL = (3000, 4000), 180  # pixels: height and width of the photo, height of a digit on it


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure how long reading takes."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 300
    """Canvases to read one by one, and again in one batch."""
    photos: int = 5
    """Photos to read."""
    swept: int = 1000
    """Test digits of the sweep, whose time is given for 10,000."""
    turns: int = 20
    """Moves of the severity slider."""
    explained: int = 20
    """Canvases whose answers are explained, at most those read."""
    seed: int = 1
    """Start of the random choice of digits, pens and paper."""

    def __post_init__(self):
        runs.check("--n", self.n, self.n >= 1, "1 or more")
        runs.check("--photos", self.photos, self.photos >= 1, "1 or more")
        runs.check("--swept", self.swept, 1 <= self.swept <= WHOLE, f"1 to {WHOLE}")
        runs.check("--turns", self.turns, self.turns >= 1, "1 or more")
        runs.check("--explained", self.explained, self.explained >= 1, "1 or more")
        runs.check("--seed", self.seed, self.seed >= 0, "0 or more")


def clock(function: Callable, pictures: list) -> np.ndarray:
    """Return the seconds (N,) that `function` takes for each picture."""
    seconds = []
    for picture in pictures:
        begin = time.perf_counter()
        function(picture)
        seconds.append(time.perf_counter() - begin)
    return np.array(seconds)


def breakdown(reader: Recognizer, function: Callable, pictures: list) -> dict[str, float]:
    """Return the milliseconds per picture that each stage takes, in the order of the road."""
    with watched(reader) as watch:
        for picture in pictures:
            function(picture)
    names = [*STAGES.values(), "judge"]
    return {name: round(1000 * watch.seconds[name] / len(pictures), 3) for name in names}


def sweep_seconds(model: str, n: int) -> float:
    """Return the seconds that all kinds of damage at all severities take, reckoned for 10,000 test digits."""
    reader, (images, labels) = quick_reader(model), load_test(n)
    begin = time.perf_counter()
    for _ in stress.sweep([reader], images, labels):
        pass
    return (time.perf_counter() - begin) * WHOLE / len(labels)


def main(settings: Settings) -> None:
    """Draw, warm up, time, write, print."""
    path = checkpoints.find(settings.model)
    reader = Recognizer.load(path)
    material, rng = sets.Material(development=True, seed=settings.seed), np.random.default_rng(settings.seed)
    examples = sets.single(pens.canvas)(material, "speed", settings.n)
    canvases = [example.make() for example in examples]
    numbers = sets.several(lambda digits, rng: paper.number_photo(digits, rng, TALL, PHOTO)[0], 10, 10)
    photos = [example.make() for example in numbers(material, "speed photo", settings.photos)]
    batch = [canvases[i] for i in rng.permutation(len(canvases))]
    for warm in range(2):  # the second time, nothing is compiled any more
        reader.read_digit(canvases[warm % len(canvases)])
        reader.read_digits(batch)
    reader.read_number(photos[0])
    alone = clock(reader.read_digit, canvases) * 1000
    together = clock(reader.read_digits, [batch])
    large = clock(reader.read_number, photos)
    frames = np.stack([reading.framed for reading in reader.read_digits(canvases[: settings.explained])])
    passed, worked = explain_speed.explain_ms(settings.model, frames)
    figures = {
        "canvas_ms": round(float(np.median(alone)), 2),
        "canvases_per_second": round(len(batch) / float(together[0]), 1),
        "photo_seconds": round(float(np.median(large)), 3),
        "sweep_seconds": round(sweep_seconds(settings.model, settings.swept), 1),
        "severity_ms": round(1000 * float(np.median(page_speed.severity_change(settings.turns))), 1),
    } | passed
    result = {
        "data": "pen digits on canvases and on photos, whole road",
        "seed": settings.seed,
        "n": settings.n,
        "photos": settings.photos,
        "swept": settings.swept,
        "turns": settings.turns,
        "explained": len(frames),
        "machine": runs.hardware(),
        "asked": ASKED,
        **figures,
        "canvas_ms_95": round(float(np.quantile(alone, 0.95)), 2),
        "explain_processor_ms": worked,
        "canvas_stages_ms": breakdown(reader, reader.read_digit, canvases),
        "photo_stages_ms": breakdown(reader, reader.read_number, photos),
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    results.write(path, "speed", result, part)
    for name, value in figures.items():
        print(f"{name:<24} {value:8.2f}   (asked: {ASKED[name]:g})")
    for name in ("canvas_stages_ms", "photo_stages_ms"):
        print(f"{name:<24} " + ", ".join(f"{stage} {ms:.1f}" for stage, ms in result[name].items()))


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))

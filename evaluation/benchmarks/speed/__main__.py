"""How long does everything take?

    python -m evaluation.benchmarks.speed                    # eight minutes, and nothing else on the machine
    python -m evaluation.benchmarks.speed --parts app start    # some of it; kept apart

start     `import digits`, and `python -m digits read` of one picture, each in a fresh process
app       `streamlit run app/Home.py` in a real Chromium: from the start of the process to the canvas and to
          the first answer; from the end of a stroke to its answer; and again without an export beside models
road      one canvas at a time, canvases in batches, photos of 12 megapixels with ten digits; by stage,
          "judge" being the choice among candidates and the verdict
pages     a sweep over all damage, a move of the app's severity slider, reasons for an answer
runtimes  frames a second of every shipped model in Keras, LiteRT and ONNX Runtime
training  digits a second, beside the plain Keras example

Writes evaluation/results/<name>.speed.json.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tyro

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL
from digits.models import checkpoints, leaderboard
from evaluation.benchmarks.speed import app, pages, reading, reasons, start

ASKED = start.ASKED | app.ASKED | reading.ASKED | pages.ASKED | reasons.ASKED
"""On two cores: at most, but for the canvases per second."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure how long everything takes."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    parts: tuple[str, ...] = ("start", "app", "road", "pages", "runtimes", "training")
    """What to measure."""
    n: int = 300
    """Canvases to read one by one, and again in one batch; and frames of the largest batch, if more."""
    photos: int = 5
    """Photos to read."""
    starts: int = 5
    """Fresh processes of each kind."""
    strokes: int = 100
    """Strokes drawn in the browser."""
    swept: int = 1000
    """Test digits of the sweep, whose time is given for 10,000."""
    turns: int = 20
    """Moves of the severity slider."""
    explained: int = 20
    """Canvases whose answers are explained, at most those read."""
    learnt: int = 20_000
    """Digits of MNIST for an epoch of training."""
    seed: int = 1
    """Start of the random choice of digits, pens and paper."""

    def __post_init__(self):
        for part in self.parts:
            config.check("--parts", part, part in PARTS, f"some of {', '.join(PARTS)}")
        for name in ("n", "photos", "starts", "strokes", "turns", "explained"):
            config.check(f"--{name}", getattr(self, name), getattr(self, name) >= 1, "1 or more")
        config.check("--swept", self.swept, 1 <= self.swept <= reading.WHOLE, f"1 to {reading.WHOLE}")
        config.check("--learnt", self.learnt, 1000 <= self.learnt <= 54_000, "1000 to 54000")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")


def measure_start(settings: Settings) -> dict:
    """Time fresh processes."""
    ((canvas, *_), _) = reading.pictures(1, 0, settings.seed)
    return start.start_seconds(checkpoints.find(settings.model), canvas, settings.starts)


def measure_app(settings: Settings) -> dict:
    """Time the app in a real browser."""
    return app.app_seconds(checkpoints.find(settings.model), settings.starts, settings.strokes, settings.seed)


def measure_road(settings: Settings) -> dict:
    """Time the road of a picture."""
    canvases, photos = reading.pictures(settings.n, settings.photos, settings.seed)
    return reading.road(checkpoints.find(settings.model), canvases, photos, settings.seed)


def measure_pages(settings: Settings) -> dict:
    """Time what takes long on pages."""
    canvases, _ = reading.pictures(min(settings.n, settings.explained), 0, settings.seed)
    frames = np.stack([found.framed for found in Recognizer.load(settings.model).read_digits(canvases)])
    passed, worked = reasons.explain_ms(settings.model, frames)
    return passed | {
        "explained": len(frames),
        "explain_processor_ms": worked,
        "sweep_seconds": reading.sweep_seconds(settings.model, settings.swept),
        "severity_ms": round(1000 * float(np.median(pages.severity_change(settings.turns))), 1),
    }


def measure_runtimes(settings: Settings) -> dict:
    """Time every shipped model in every program."""
    from evaluation.benchmarks.speed import runtimes  # late: only this part needs the converters

    canvases, _ = reading.pictures(max(runtimes.BATCHES), 0, settings.seed)
    found = Recognizer.load(settings.model).read_digits(canvases)
    return {"runtimes": runtimes.frames_per_second(np.stack([one.framed for one in found])[..., None])}


def measure_training(settings: Settings) -> dict:
    """Time training."""
    from evaluation.benchmarks.speed import learning

    return {"training_per_second": learning.digits_per_second(settings.learnt)}


PARTS: dict[str, Callable[[Settings], dict]] = {
    "start": measure_start,
    "app": measure_app,
    "road": measure_road,
    "pages": measure_pages,
    "runtimes": measure_runtimes,
    "training": measure_training,
}


def main(settings: Settings) -> None:
    """Measure part by part, write, print."""
    counts = ("seed", "n", "photos", "starts", "strokes", "swept", "turns", "explained", "learnt")
    result = {"data": "pen digits on canvases and on photos; validation digits for the sweep"}
    result |= {name: getattr(settings, name) for name in counts} | {
        "machine": config.hardware(),
        "asked": ASKED,
    }
    for part in settings.parts:
        figures = PARTS[part](settings)
        result |= figures
        for name, value in figures.items():
            print(
                f"{name:<28} {value}" + (f"   (asked: {ASKED[name]:g})" if name in ASKED else ""), flush=True
            )
    part = "" if settings == Settings(model=settings.model) else ".some"
    leaderboard.write(checkpoints.find(settings.model), "speed", result, part)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

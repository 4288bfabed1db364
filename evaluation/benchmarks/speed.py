"""How long does everything take?

    python -m evaluation.benchmarks.speed                      # eight minutes; nothing else should run
    python -m evaluation.benchmarks.speed --parts app start    # some of it; kept apart

start     `import digits`, and `python -m digits read` of one picture, each in a fresh process
app       `streamlit run app/Home.py` in a real Chromium: from the start of the process to the canvas and to
          the first answer, each start right after one of an app of one line; from the end of a stroke to its
          answer; and again without an export beside models
road      one canvas at a time, canvases in batches, photos of 12 megapixels with ten digits; by stage,
          "judge" being the choice among candidates and the verdict
pages     a sweep over all damage, a move of the app's severity slider, reasons for an answer
runtimes  frames a second of every shipped model in Keras, LiteRT and ONNX Runtime
training  digits a second, beside the plain Keras example

Writes evaluation/results/<name>.speed.json.
"""

import asyncio
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tyro
from PIL import Image

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL, ROOT
from digits.models import checkpoints, leaderboard
from evaluation import browser as served
from evaluation.benchmarks import inside
from evaluation.benchmarks.visitors import ANSWER, Drawing, Window, chromium, drawings, windows
from evaluation.handwriting import sets

if TYPE_CHECKING:
    from playwright.async_api import Browser

ASKED = {
    "import_seconds": 0.3,
    "read_seconds": 2.5,
    "page_seconds": 2.0,
    "page_ratio": 1.2,
    "answer_seconds": 12.0,
    "answer_later_seconds": 1.0,
    "stroke_p95_ms": 400.0,
    "tensorflow_page_seconds": 2.0,
    "tensorflow_answer_seconds": 12.0,
    "tensorflow_stroke_p95_ms": 400.0,
    "canvas_ms": 10.0,
    "canvases_per_second": 400.0,
    "photo_seconds": 1.5,
    "sweep_seconds": 300.0,
    "severity_ms": 300.0,
    "grad_cam_ms": 30.0,
    "integrated_gradients_ms": 200.0,
    "occlusion_ms": 300.0,
}
"""On two cores: at most, but for the canvases per second. Page and answer are those of the slowest start; the
ratio and what the answer comes later are the medians over all starts."""

IMPORT = "import time; begin = time.perf_counter(); import digits; print(time.perf_counter() - begin)"

BARE = "import streamlit\n\nstreamlit.title('Hello')\n"
"""What Streamlit and the browser need by themselves."""


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
    """Digits of the sweep, whose time is given for 10,000."""
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
        config.check("--swept", self.swept, 1 <= self.swept <= inside.WHOLE, f"1 to {inside.WHOLE}")
        config.check("--learnt", self.learnt, 1000 <= self.learnt <= 54_000, "1000 to 54000")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")


def measure_start(settings: Settings) -> dict:
    """Time fresh processes: the import, and a reading with and without an export beside the model.

    What Python itself needs to begin counts for `read`, and not for the import. The first turn of each, which
    may have to fetch files from the disk, does not count.
    """
    model = checkpoints.find(settings.model)
    ((canvas, *_), _) = inside.pictures(1, 0, settings.seed)

    def median(measure: Callable[[], float]) -> float:
        return round(float(np.median([measure() for _ in range(settings.starts + 1)][1:])), 3)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "digit.png"
        Image.fromarray(canvas).save(file)
        bare = Path(folder) / model.name  # alone in a folder: nothing can answer in its place
        for part in (model, model.with_suffix(".json")):
            shutil.copy(part, bare.with_suffix(part.suffix))
        read = ["-m", "digits", "read", str(file), "--model"]
        return {
            "import_seconds": median(lambda: float(_run("-c", IMPORT)[0])),
            "read_seconds": median(lambda: _run(*read, str(model))[1]),
            "read_tensorflow_seconds": median(lambda: _run(*read, str(bare))[1]),
        }


def _run(*arguments: str) -> tuple[str, float]:
    """Run Python; return what it printed, and the seconds it took."""
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise ValueError(f"{' '.join(arguments[:3])} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout, seconds


async def app_seconds(settings: Settings) -> dict[str, float]:
    """Time the app in a real browser: as it is, and with TensorFlow alone; the app's own choice answers."""
    models = checkpoints.find(settings.model).parent
    drawn, found = drawings(sets.Material(development=True, seed=settings.seed), settings.strokes), {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exports = shutil.ignore_patterns("*.tflite", "*.onnx", "previous")
        shutil.copytree(models, folder / "models", ignore=exports)
        (folder / "bare.py").write_text(BARE, encoding="utf-8")
        async with chromium() as browser:
            for prefix, place in (("", models), ("tensorflow_", folder / "models")):
                figures = await _rounds(browser, place, folder / "bare.py", drawn, settings)
                found |= {prefix + key: value for key, value in figures.items()}
    return found


async def _rounds(
    browser: "Browser", models: Path, line: Path, drawn: list[Drawing], settings: Settings
) -> dict[str, float]:
    """Start the app some times, draw a digit as soon as there is a canvas, and go on in the last one.

    Before each start comes one of an app of one `line`, so that both find the machine equally busy.
    """
    first, waits, bare = [], [], []
    for turn in range(settings.starts):
        with served.app(str(line)) as app:
            async with windows(browser, app.address, 1, "h1"):
                bare.append(time.perf_counter() - app.begun)
        with served.app(DIGITS_MODELS_DIR=models) as app:
            async with windows(browser, app.address, 1) as (window,):
                there = time.perf_counter() - app.begun
                await window.move(drawn[0][-1].strokes)
                await window.page.locator(ANSWER).first.wait_for()
                first.append((there, time.perf_counter() - app.begun))
                if turn == settings.starts - 1:
                    waits = await _waits(window, drawn, settings.strokes)
    pages, answers = np.transpose(first)
    return {
        "page_seconds": round(float(pages.max()), 2),
        "page_seconds_median": round(float(np.median(pages)), 2),
        "bare_page_seconds_median": round(float(np.median(bare)), 2),
        "page_ratio": round(float(np.median(pages / np.array(bare))), 2),
        "answer_later_seconds": round(float(np.median(answers - pages)), 2),
        "answer_seconds": round(float(answers.max()), 2),
        "answer_seconds_median": round(float(np.median(answers)), 2),
        "stroke_p50_ms": round(1000 * float(np.median(waits)), 1),
        "stroke_p95_ms": round(1000 * float(np.quantile(waits, 0.95)), 1),
        "stroke_longest_ms": round(1000 * max(waits), 1),
    }


async def _waits(window: Window, drawn: list[Drawing], strokes: int) -> list[float]:
    """Draw digits stroke by stroke, each on an empty canvas; return how many seconds each stroke waited."""
    waits = []
    for drawing in drawn:
        await window.clear()
        for step in drawing:
            waits.append((await window.draw(step.strokes[-1:]))[1])
            if len(waits) == strokes:
                return waits
    raise ValueError(f"{len(drawn)} drawings have fewer than {strokes} strokes.")


def measure_road(settings: Settings) -> dict:
    """Time the road of a picture."""
    canvases, photos = inside.pictures(settings.n, settings.photos, settings.seed)
    return inside.road(checkpoints.find(settings.model), canvases, photos, settings.seed)


def measure_pages(settings: Settings) -> dict:
    """Time what takes long on pages."""
    frames = _frames(settings, min(settings.n, settings.explained))
    passed, worked = inside.explain_ms(settings.model, frames)
    return passed | {
        "explained": len(frames),
        "explain_processor_ms": worked,
        "sweep_seconds": inside.sweep_seconds(settings.model, settings.swept),
        "severity_ms": round(1000 * float(np.median(inside.severity_change(settings.turns))), 1),
    }


def _frames(settings: Settings, n: int) -> np.ndarray:
    """Return n canvases as the model sees them, (n, 28, 28) float32 in [0, 1]."""
    canvases, _ = inside.pictures(n, 0, settings.seed)
    return np.stack([found.framed for found in Recognizer.load(settings.model).read_digits(canvases)])


def measure_training(settings: Settings) -> dict:
    """Time training, in a process of its own: none may train that has seen test digits, as the pages do."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return {"training_per_second": pool.submit(inside.training_per_second, settings.learnt).result()}


PARTS: dict[str, Callable[[Settings], dict]] = {
    "start": measure_start,
    "app": lambda settings: asyncio.run(app_seconds(settings)),
    "road": measure_road,
    "pages": measure_pages,
    "runtimes": lambda settings: {"runtimes": inside.runtimes(_frames(settings, max(inside.BATCHES)))},
    "training": measure_training,
}


def main(settings: Settings) -> None:
    """Measure part by part, write, print."""
    counts = ("seed", "n", "photos", "starts", "strokes", "swept", "turns", "explained", "learnt")
    result = {"data": "pen digits on canvases and on photos; validation digits for the sweep"}
    result |= {name: getattr(settings, name) for name in counts}
    result |= {"machine": config.hardware(), "asked": ASKED}
    for part in settings.parts:
        figures = PARTS[part](settings)
        result |= figures
        for name, value in figures.items():
            asked = f"   (asked: {ASKED[name]:g})" if name in ASKED else ""
            print(f"{name:<28} {value}{asked}", flush=True)
    part = "" if settings == Settings(model=settings.model) else ".some"
    path = checkpoints.find(settings.model)
    leaderboard.Result(path=path, kind="speed", figures=result, part=part).write()


if __name__ == "__main__":
    config.mute_libraries()
    experiment.command(lambda: main(tyro.cli(Settings)))

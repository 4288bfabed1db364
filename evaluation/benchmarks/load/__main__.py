"""Does the app bear a class of pupils who all draw at once, for how long do they wait, and does it grow?

    python -m evaluation.benchmarks.load      # ten minutes; nothing else should run on the machine

Starts the app as a user does. Visitors without a browser (they speak Streamlit's protocol; load/visitor.py)
and some in real Chromium windows draw people's digits, stroke by stroke, and wait for each answer, while the
app's process is weighed. Then a few draw as fast as they can, to see whether predictions leave memory behind,
beside the reader alone; and a few draw while somebody else sweeps all kinds of damage, and while nobody does.
Each answer is held against that of the reader alone. Browsers and visitors run on the same machine and take
their share of it. Linux only. Writes evaluation/results/load.json; ends with 1 when an answer failed or came
too late, or memory grew.
"""

import asyncio
import dataclasses
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import tyro

from digits import config, experiment
from digits.config import DEFAULT_MODEL, results_dir
from digits.files import sha256, write_json
from digits.models import checkpoints
from evaluation import browser
from evaluation.benchmarks.load import trials
from evaluation.benchmarks.load.drawings import Drawing, answered, drawings
from evaluation.benchmarks.load.figures import growth
from evaluation.handwriting import sets

PACKAGES = ("streamlit", "streamlit-drawable-canvas")
ASKED = {"p95_s": 1.0, "growth_mib": 64.0}
"""At most: seconds from stroke to answer for 95 of 100, and MiB by which a warm process may grow.

One that kept every tenth of 2,000 canvases (0.3 MiB each) would grow by as much.
"""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Let many visitors draw at once."""

    sessions: int = 30
    """Visitors without a browser."""
    browsers: int = 4
    """Visitors in Chromium windows."""
    minutes: float = 3.0
    """How long they draw."""
    pause: float = 3.0
    """Seconds between two strokes of a visitor, on average."""
    warm: int = 500
    """Predictions before memory is looked at."""
    predictions: int = 2000
    """Predictions after that: as many must leave no memory behind."""
    drawers: int = 6
    """Visitors who draw while another one sweeps."""
    n: int = 100
    """Different digits, drawn in any order."""
    seed: int = 1
    """Start of the random choice of digits, places and pauses."""
    port: int = 0
    """Where the app listens; 0 for any free port."""

    def __post_init__(self):
        for flag in ("sessions", "warm", "predictions", "drawers", "n"):
            config.check(f"--{flag}", getattr(self, flag), getattr(self, flag) >= 1, "1 or more")
        config.check("--browsers", self.browsers, self.browsers >= 0, "0 or more")
        config.check("--minutes", self.minutes, self.minutes > 0, "more than 0")
        config.check("--pause", self.pause, self.pause >= 0, "0 or more")
        config.check("--predictions", self.predictions, self.predictions >= 400, "400 or more")


def alone(drawn: list[Drawing], settings: Settings) -> tuple[list[Drawing], dict]:
    """Let the reader alone read the drawings; return them with its answers, and how its process grew."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pictures.npy"
        np.save(path, np.stack([step.picture for drawing in drawn for step in drawing]))
        line = [sys.executable, "-m", "load.reads", str(path), str(settings.warm), str(settings.predictions)]
        here = Path(__file__).parent  # where the package lies
        done = subprocess.run(line, cwd=here, stdout=subprocess.PIPE, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return answered(drawn, said["headlines"]), growth(said["reads"], said["mib"], settings.warm)


async def tried(address: str, process: int, drawn: list[Drawing], settings: Settings) -> dict:
    """Try the running app in all ways, one after the other; return what was seen."""
    scene = trials.Scene(address, process, drawn, settings.pause, settings.seed)
    seconds = 60 * settings.minutes
    print("The first visitor wakes the network ...", flush=True)
    result = {"first_answer_s": await scene.wake()}
    print(f"{settings.sessions + settings.browsers} draw for {seconds:.0f} seconds ...", flush=True)
    result |= await scene.together(settings.sessions, settings.browsers, seconds)
    print(f"A few draw {settings.warm + settings.predictions} strokes ...", flush=True)
    result["app_alone"] = await scene.many(settings.warm, settings.predictions)
    print("A few draw beside a sweep ...", flush=True)
    result["beside_sweep"] = await scene.beside_sweep(settings.drawers, seconds / 4)
    return result


def faults(result: dict) -> list[str]:
    """Return a sentence for each thing that is not as it was asked."""
    groups = {name: result[name] for name in ("sessions", "browsers", "app_alone")} | result["beside_sweep"]
    found = [f"{name}: {error}" for name, group in groups.items() for error in group["errors"]]
    for name, group in groups.items():
        if group["other_answers"] and name != "browsers":  # whose canvas smoothes the lines
            found.append(f"{name}: {group['other_answers']} answers were not those of the reader alone.")
    for name in ("sessions", "browsers"):
        if (slow := result[name]["p95_s"] or 0) > ASKED["p95_s"]:
            found.append(f"{name}: 95 of 100 answers came within {slow} s; asked are {ASKED['p95_s']} s.")
    for name in ("memory", "app_alone", "reader_alone"):
        if (more := result[name]["growth_mib"]) > ASKED["growth_mib"]:
            found.append(f"{name}: it grew by {more} MiB; at most {ASKED['growth_mib']} are asked.")
    return found


def main(settings: Settings) -> None:
    """Draw, read alone, start, try, write, print."""
    path = checkpoints.find(DEFAULT_MODEL)
    print(f"The reader alone reads {settings.warm + settings.predictions} drawings ...", flush=True)
    drawn, reader_alone = alone(drawings(sets.Material(seed=settings.seed), settings.n), settings)
    with browser.app(port=settings.port) as app:
        result = asyncio.run(tried(app.address, app.pid, drawn, settings))
    result = {
        "model": path.stem,
        "sha256": sha256(path),
        "data": "people's digits, drawn stroke by stroke on the Draw page",
        "n": result["sessions"]["n"] + result["browsers"]["n"],
        "seed": settings.seed,
        "settings": dataclasses.asdict(settings),
        "machine": config.hardware(),
        "asked": ASKED,
        **result,
        "reader_alone": reader_alone,
        "created": config.now(),
        "versions": config.versions(),
        "packages": {package: version(package) for package in PACKAGES},
    }
    part = "" if replace(settings, port=0) == Settings() else ".short"
    write_json(results_dir() / f"load{part}.json", result)
    print("\n".join(told(result)))
    if bad := faults(result):
        raise SystemExit("Not as it should be:\n" + "\n".join(bad[:20]))


def told(result: dict) -> list[str]:
    """Return what was measured, a line each."""
    groups = {name: result[name] for name in ("sessions", "browsers")}
    groups |= {f"sweep: {name}": group for name, group in result["beside_sweep"].items()}
    lines = [
        f"{name:16} {group['n']:5} answers, half within {group['p50_s']} s, 95 % within {group['p95_s']} s, "
        f"all within {group['max_s']} s; {len(group['errors'])} errors"
        for name, group in groups.items()
    ]
    return lines + [
        f"{name:16} {result[name]['warm_mib']:.0f} MiB when warm, {result[name]['end_mib']:.0f} at the end"
        for name in ("memory", "app_alone", "reader_alone")
    ]


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

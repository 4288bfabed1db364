"""How many pictures does the server answer, and how soon?

    python -m evaluation.benchmarks.server      # four minutes; nothing else should run on the machine

Starts `python -m digits serve`, once with one process that reads and once with as many as are usual, and lets
wrk (https://github.com/wg/wrk; `apt install wrk` or `brew install wrk`) ask it for digits on this machine,
from 1, 8 and 32 clients: each sends its next picture, a pen digit on a canvas as PNG, when the last one is
answered. Whatever is not answered with 200 is an error; one ends the script with 1. wrk corrects its times
for what a slow answer holds up. Writes evaluation/results/<name>.server.json.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import tyro
from PIL import Image

from digits import config, experiment
from digits.config import DEFAULT_MODEL
from digits.deploy.server import readers
from digits.models import checkpoints, leaderboard
from evaluation.handwriting import sets
from evaluation.handwriting.simulate import pens

SCRIPT = Path(__file__).with_suffix(".lua")
WARM = 3  # seconds, at the largest number of clients, before anything is measured
PATIENCE = 60  # seconds for the server to finish what it reads


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure how the server bears load."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    clients: tuple[int, ...] = (1, 8, 32)
    """Numbers of clients that ask at once, one after the other."""
    seconds: int = 30
    """How long each number of clients asks."""
    n: int = 200
    """Different pictures, sent in turn."""
    together: int = 32
    """Most pictures that the server reads in one batch: 1 shows what batching is worth."""
    readers: tuple[int, ...] = ()
    """Processes of the server that read, one number after the other (none: 1, and as many as are usual)."""
    seed: int = 1
    """Start of the random choice of digits and pens."""

    def __post_init__(self):
        good = bool(self.clients) and all(1 <= number <= 64 for number in self.clients)
        config.check("--clients", self.clients, good, "numbers from 1 to 64")
        good = all(1 <= number <= readers.MOST for number in self.readers)
        config.check("--readers", self.readers, good, f"numbers from 1 to {readers.MOST}")
        config.check_least(self, seconds=1, n=1, seed=0)
        config.check("--together", self.together, 1 <= self.together <= 256, "1 to 256")


def wrk() -> tuple[str, str]:
    """Return where wrk is, and its version; raise a ValueError where it is not installed."""
    found = shutil.which("wrk")
    if found is None:
        raise ValueError("wrk is not installed; `apt install wrk` or `brew install wrk` does.")
    said = subprocess.run([found, "-v"], capture_output=True, text=True, check=False).stdout
    return found, " ".join(said.split()[:2])


@contextmanager
def server(model: Path, together: int, number: int) -> Iterator[str]:
    """Start a server on a free port, wait until it is ready, yield its address, end it."""
    flags = [f"--model={model}", "--port=0", f"--together={together}", f"--readers={number}"]
    command = [sys.executable, "-m", "digits", "serve", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline().split()
            address = next((word for word in said if word.startswith("http://")), "")
            while not _is_ready(address):
                if process.poll() is not None:
                    raise ValueError("The server did not start; its own words stand above.")
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz") as answer:
            return answer.status == 200
    except (urllib.error.URLError, ValueError):
        return False


def batches(address: str) -> tuple[float, float]:
    """Return how many batches the server has read, and of how many pictures, once it has nothing to read."""
    from prometheus_client.parser import text_string_to_metric_families

    found: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE
    while found.get("digits_requests_inside") != 0:
        if time.monotonic() > deadline:
            raise ValueError(f"The server still reads {PATIENCE} seconds after it was last asked.")
        with urllib.request.urlopen(f"{address}/metrics") as answer:
            families = text_string_to_metric_families(answer.read().decode())
        found = {sample.name: sample.value for family in families for sample in family.samples}
        time.sleep(0.05)
    return found["digits_batch_pictures_count"], found["digits_batch_pictures_sum"]


def load(address: str, folder: Path, n: int, clients: int, seconds: int) -> dict[str, float]:
    """Let clients ask for some seconds; return what came of it."""
    before = batches(address)
    command = [wrk()[0], "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout=30s", f"-s{SCRIPT}"]
    command += [f"{address}/v1/digit", "--", str(folder), str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    read, pictures = (now - then for now, then in zip(batches(address), before, strict=True))
    per_second = round(found["requests"] / found.pop("seconds"), 1)
    return {"clients": clients, "per_second": per_second, **found, "together": round(pictures / read, 2)}


def main(settings: Settings) -> None:
    """Draw, start, warm up, ask, write, print."""
    config.need("prometheus_client", "serve", "The server")
    path, tool = checkpoints.find(settings.model), wrk()[1]
    material = sets.Material(development=True, seed=settings.seed)
    examples = sets.single(pens.canvas)(material, "server", settings.n)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, example in enumerate(examples):
            Image.fromarray(example.make()).save(folder / f"{i}.png")
        for number in dict.fromkeys(settings.readers or (1, readers.usual_number(path))):
            with server(path, settings.together, number) as address:
                asked = (address, folder, len(examples))
                load(*asked, max(settings.clients), min(WARM, settings.seconds))
                for clients in settings.clients:
                    rows.append({"readers": number, **load(*asked, clients, settings.seconds)})
    result = {
        "data": "pen digits on canvases, posted as PNG on the same machine",
        "seed": settings.seed,
        "n": len(examples),
        "seconds": settings.seconds,
        "most_together": settings.together,
        "machine": config.hardware(),
        "tool": tool,
        "packages": {package: version(package) for package in ("fastapi", "uvicorn")},
        "rows": rows,
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    leaderboard.Result(path=path, kind="server", figures=result, part=part).write()
    for row in rows:
        spans = (key for key in row if key.endswith("_ms"))
        times = "  ".join(f"{key.removesuffix('_ms')} {row[key]:7.1f} ms" for key in spans)
        rate = f"{row['per_second']:7.1f} a second, {row['together']:4.1f} together"
        print(f"{row['readers']} readers {row['clients']:>3} clients {rate}  {times}  {row['errors']} errors")
    if any(row["errors"] for row in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

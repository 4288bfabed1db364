"""How fast and how large is `python -m digits batch`, and do both engines say the same?

    python -m evaluation.benchmarks.batch      # a quarter of an hour; nothing else should run on the machine

Half of the pictures are MNIST's test digits as they are, half of them enlarged on canvases of 140 x 140, dark
on light. Some of them are read from each kind of source by one process and by two, by two actors of Ray, and
by the front door with TensorFlow; then many from a folder, while the memory of the command and all its
processes is watched (Linux only; pages that they share count once).
Writes evaluation/results/<name>.batch.json; a figure beyond what is asked ends the script with 1.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tyro
from PIL import Image

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL
from digits.data.mnist_test import load_test
from digits.deploy.batch.job import Job, begun
from digits.models import checkpoints, leaderboard
from digits.preprocessing.decode import open_picture

ASKED = {"peak_mb": 1024, "largest_difference": 1e-4}
"""At most."""

KINDS = ("folder", "zip", "tar", "tar.gz", "parquet")

CANVAS, BOX = 140, 100  # pixels: of the larger pictures, and of the digit's frame on it

PART = 100  # pictures of a part, where some are read

EVERY = 0.25  # seconds between two looks at the memory


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure how fast, how large and how faithful reading in bulk is."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 100_000
    """Pictures whose reading is watched for its memory."""
    some: int = 4000
    """Pictures read from each kind of source."""
    checked: int = 500
    """Of these, so many are asked of the front door as well."""

    def __post_init__(self):
        config.check("--n", self.n, self.n >= 1, "1 or more")
        config.check("--some", self.some, self.some >= 4 * PART, f"{4 * PART} or more")
        config.check("--checked", self.checked, 1 <= self.checked <= self.some, "1 to --some")


def pictures(n: int) -> Iterator[tuple[str, bytes]]:
    """Yield n pictures as PNG with their names; MNIST's test digits come again where there are too few."""
    images, labels = load_test(min(n, 10_000))
    for place in range(n):
        digit, label = images[place % len(images)], labels[place % len(labels)]
        if place % 2:
            large = cv2.resize(digit, (BOX, BOX), interpolation=cv2.INTER_LINEAR)
            digit = np.pad(255 - large, (CANVAS - BOX) // 2, constant_values=255)
        file = io.BytesIO()
        Image.fromarray(digit).save(file, "PNG")
        yield f"{place // 1000:04d}/{place:07d}_is_{label}.png", file.getvalue()


def make(folder: Path, kind: str, members: Iterable[tuple[str, bytes]]) -> Path:
    """Write pictures as a source of that kind; return its path."""
    folder.mkdir(exist_ok=True)
    path = folder / ("pictures" if kind == "folder" else f"pictures.{kind}")
    if kind == "folder":
        for name, data in members:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members:
                archive.writestr(name, data)
    elif kind == "parquet":
        values = [{"bytes": data, "path": name} for name, data in members]
        pq.write_table(pa.table({"image": values}), path, row_group_size=1000)
    else:
        with tarfile.open(path, "w:gz" if kind == "tar.gz" else "w") as archive:
            for name, data in members:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return path


def speeds(model: Path, folder: Path, settings: Settings) -> list[dict]:
    """Read some pictures from each kind of source, by each engine; return a row for each.

    Agreement and difference are those with the first row: one process that reads a folder.
    """
    rows, first = [], None
    for kind in KINDS:
        source = make(folder, kind, pictures(settings.some))
        for engine, jobs in [("local", 1), ("local", 2)] + [("ray", 2)] * (kind == KINDS[0]):
            out = folder / f"{kind}-{engine}-{jobs}.parquet"
            about = {"model": model, "engine": engine, "jobs": jobs, "part": PART}
            speed = timed(Job(inputs=(str(source),), out=out, **about))
            found = answers(out)
            first = first or found
            row = {"source": kind, "engine": engine, "jobs": jobs, "pictures_per_second": round(speed, 1)}
            rows.append(row | compared(found, first))
            print(row)
    return rows


def timed(job: Job) -> float:
    """Do a job; return the pictures per second, without the time that processes take to begin."""
    with begun(job, print) as work:
        marks = [(time.perf_counter(), read) for read in work]
        work.finish()
    return rate(marks, job.jobs)


def rate(marks: list[tuple[float, int]], jobs: int) -> float:
    """Return the pictures per second from when each of the jobs has finished a part to the very end.

    Args:
        marks: when each part was finished, in seconds, and how many pictures it has.
        jobs: how many parts are worked on at the same time: they end together, so that counting from the
            first would give away what the others had almost done.
    """
    return sum(read for _, read in marks[jobs:]) / (marks[-1][0] - marks[jobs - 1][0])


def answers(path: Path) -> tuple[list, np.ndarray]:
    """Return the statuses and digits of a table, and its probabilities (N, 10)."""
    table = pq.read_table(path, columns=["status", "digit", "probabilities"]).to_pydict()
    said = list(zip(table["status"], table["digit"], strict=True))
    return said, np.array(table["probabilities"], np.float32)


def front_door(model: Path, data: list[bytes]) -> tuple[list, np.ndarray]:
    """Return the same of `Recognizer.read_digit`, one by one."""
    reader = Recognizer.load(model)
    readings = [reader.read_digit(open_picture(io.BytesIO(one))) for one in data]
    said = [(reading.status, reading.digit) for reading in readings]
    return said, np.array([reading.probabilities for reading in readings])


def compared(found: tuple[list, np.ndarray], expected: tuple[list, np.ndarray]) -> dict:
    """Return the share of equal answers, and the largest difference of a probability."""
    same = [one == other for one, other in zip(found[0], expected[0], strict=True)]
    largest = float(np.abs(found[1] - expected[1]).max())
    return {"agreement": float(np.mean(same)), "largest_difference": largest}


def watched(words: list[str]) -> dict[str, float]:
    """Run the command; return its seconds, and its largest size in MB: in all, and in its first tenth.

    Raises:
        ValueError: there is no /proc here, or the command failed; one sentence.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        raise ValueError("Memory is measured in /proc; expected Linux.")
    begin, seen = time.perf_counter(), []
    command = [sys.executable, "-m", "digits", "batch", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            seen.append(_megabytes(running.pid))
            time.sleep(EVERY)
    if running.returncode != 0:
        raise ValueError(f"{' '.join(command)} ended with {running.returncode}; expected 0.")
    return {
        "seconds": round(time.perf_counter() - begin, 1),
        "peak_mb": round(max(seen), 1),
        "peak_mb_first_tenth": round(max(seen[: max(1, len(seen) // 10)]), 1),
    }


def _megabytes(pid: int) -> float:
    """Return the size of a process and all that it started; a page that k share counts as 1/k in each."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has ended meanwhile
        return 0.0
    own = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return own / 1024 + sum(_megabytes(int(child)) for some in children for child in some)


def missed(result: dict) -> list[str]:
    """Return a sentence for each figure that is larger than `ASKED`, or not a number."""
    differences = [row["largest_difference"] for row in (*result["rows"], result["front_door"])]
    found = {"peak_mb": result["peak_mb"], "largest_difference": float(np.max(differences))}
    return [
        f"{key} is {found[key]}; asked is {most}." for key, most in ASKED.items() if not found[key] <= most
    ]


def main(settings: Settings) -> None:
    """Make, read, compare, watch, write, print."""
    model = checkpoints.find(settings.model)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = speeds(model, folder, settings)
        said, chances = answers(folder / f"{KINDS[0]}-local-1.parquet")
        few = [data for _, data in pictures(settings.checked)]
        door = compared((said[: len(few)], chances[: len(few)]), front_door(model, few))
        source = make(folder / "many", KINDS[0], pictures(settings.n))
        memory = watched([str(source), str(folder / "many.parquet"), "--model", str(model), "--jobs", "2"])
    result = {
        "data": "MNIST test digits, half of them enlarged on canvases of 140 x 140",
        "seed": None,
        "n": settings.n,
        "some": settings.some,
        "machine": config.hardware(),
        "asked": ASKED,
        "rows": rows,
        "front_door": door | {"n": settings.checked},
        **memory | {"pictures_per_second": round(settings.n / memory["seconds"], 1)},
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    leaderboard.Result(path=model, kind="batch", figures=result, part=part, data=("mnist.npz",)).write()
    print({key: value for key, value in result.items() if key not in ("rows", "asked")})
    if beyond := missed(result):
        raise SystemExit("\n".join(beyond))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

"""How fast and how large is `python -m digits batch`, and do both engines say the same?

    python evaluation/bench_batch.py      # a quarter of an hour; nothing else should run on the machine

Half of the pictures are MNIST's test digits as they are, half of them enlarged on canvases of 140 x 140, dark
on light. Some of them are read from each kind of source by one process and by two, by two actors of Ray, and
by the front door with TensorFlow; then many from a folder, while the memory of the command and all its
processes is watched (Linux only; pages that they share count once).
Writes evaluation/results/<name>.batch.json; a figure beyond what is asked ends the script with 1.
"""

import io
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import tyro
from batch_piles import KINDS, make, pictures
from batch_watch import watched

from digits import Recognizer, results, runs
from digits.bulk_reading import Job, begun
from digits.contract import DEFAULT_MODEL
from digits.network import checkpoints
from digits.picture.decode import open_picture

ASKED = {"peak_mb": 1024, "largest_difference": 1e-4}
"""At most."""

PART = 100  # pictures of a part, where some are read


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
        runs.check("--n", self.n, self.n >= 1, "1 or more")
        runs.check("--some", self.some, self.some >= 4 * PART, f"{4 * PART} or more")
        runs.check("--checked", self.checked, 1 <= self.checked <= self.some, "1 to --some")


def timed(job: Job) -> float:
    """Do a job; return the pictures per second, without the time that processes take to begin."""
    marks = []
    with begun(job, print) as work:
        for read in work:
            marks.append((time.perf_counter(), read))
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


def compared(found: tuple[list, np.ndarray], expected: tuple[list, np.ndarray]) -> dict:
    """Return the share of equal answers, and the largest difference of a probability."""
    same = [one == other for one, other in zip(found[0], expected[0], strict=True)]
    return {
        "agreement": float(np.mean(same)),
        "largest_difference": float(np.abs(found[1] - expected[1]).max()),
    }


def missed(result: dict) -> list[str]:
    """Return a sentence for each figure that is larger than `ASKED`."""
    answers = [*result["rows"], result["front_door"]]
    found = {
        "peak_mb": result["peak_mb"],
        "largest_difference": float(np.max([row["largest_difference"] for row in answers])),
    }
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
        "machine": runs.hardware(),
        "asked": ASKED,
        "rows": rows,
        "front_door": door | {"n": settings.checked},
        **memory | {"pictures_per_second": round(settings.n / memory["seconds"], 1)},
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    results.write(model, "batch", result, part)
    print({key: value for key, value in result.items() if key not in ("rows", "asked")})
    for sentence in missed(result):
        print(sentence)
    if missed(result):
        raise SystemExit(1)


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))

"""The process that fuzz.py watches: python -m evaluation.benchmarks.fuzz.worker FOLDER SEED SECONDS

It writes each input to FOLDER/now.bin before it reads it, and what it has seen so far to FOLDER/said.json.
"""

import io
import json
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from digits import Recognizer
from digits.preprocessing.decode import open_picture, to_grey, to_rgb
from evaluation.benchmarks.fuzz import inputs

ROUND = 200
"""Inputs that Hypothesis draws at a time."""


def read(reader: Recognizer, data: bytes | np.ndarray, step: Callable[[str], None]) -> bool:
    """Lead an input down every road, telling each step before it; return whether it was refused.

    Raises:
        AssertionError: a refusal that is not one sentence. Any other error is a crash.
    """
    step("open")
    try:
        picture = data if isinstance(data, np.ndarray) else open_picture(io.BytesIO(data))
        grey = to_grey(picture)
    except ValueError as error:
        words = str(error)
        assert words.endswith("."), words
        assert "\n" not in words, words
        return True
    assert grey.dtype == np.float32
    assert 0 <= grey.min() <= grey.max() <= 1
    step("show")
    assert to_rgb(picture).shape == (*grey.shape, 3)
    step("read a digit")
    reading = reader.read_digit(picture)
    assert abs(reading.probabilities.sum() - 1) < 1e-3
    step("read a number")
    assert reader.read_number(picture, marks=True).text is not None
    return False


class Diary:
    """What was done, for the process that watches."""

    def __init__(self, folder: Path):
        self.folder, self.base = folder, memory("VmRSS")
        self.kind, self.begun = "", None
        self.notes = {
            "n": 0,
            "rows": {},
            "slowest_ms": 0.0,
            "slowest_kind": None,
            "peak_mib": 0.0,
            "peak_kind": None,
        }

    def take(self, reader: Recognizer, kind: str, data: bytes | np.ndarray) -> None:
        """Read one input and note what became of it."""
        with (self.folder / "now.bin").open("wb") as file:
            file.write(data) if isinstance(data, bytes) else np.save(file, data, allow_pickle=False)
        forget_peak()
        self.kind, self.begun = kind, None
        refused = read(reader, data, self.step)
        self.step("done")
        row = self.notes["rows"].setdefault(kind, {"n": 0, "refused": 0})
        row["n"], row["refused"] = row["n"] + 1, row["refused"] + refused
        self.notes["n"] += 1
        mib = round(memory("VmHWM") - self.base, 1)
        if mib > self.notes["peak_mib"]:
            self.notes |= {"peak_mib": mib, "peak_kind": kind}
            self.write(kind=kind)  # now, while now.bin is the file that took it

    def step(self, name: str) -> None:
        """Note how long the step before took, and that the next one begins."""
        now = time.monotonic()
        if self.begun:
            last, since = self.begun
            if (ms := 1000 * (now - since)) > self.notes["slowest_ms"]:
                self.notes |= {"slowest_ms": round(ms, 1), "slowest_kind": f"{self.kind}: {last}"}
        self.begun = name, now
        self.write(since=now, kind=f"{self.kind}: {name}")

    def write(self, **more) -> None:
        """Replace said.json in one step."""
        half = self.folder / "half.json"
        half.write_text(json.dumps(self.notes | more), encoding="utf-8")
        half.replace(self.folder / "said.json")


def memory(what: str) -> float:
    """Return a figure of this process in MiB as Linux counts it, "VmRSS" now or "VmHWM" at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def forget_peak() -> None:
    """Let "VmHWM" begin again at what this process has now."""
    Path("/proc/self/clear_refs").write_text("5")


def main(folder: Path, number: int, seconds: float) -> None:
    """Read inputs until the time is over."""
    end = time.monotonic() + seconds
    reader = Recognizer.load()
    for _ in range(3):
        read(reader, inputs.seeds()["png"], lambda name: None)
    diary = Diary(folder)
    try:
        for kind, make in inputs.EXTREMES.items() if number == 1 else ():
            diary.take(reader, kind, make())
        while time.monotonic() < end:
            _round(diary, reader, number, end)
            number += 1_000
    except Exception as error:
        traceback.print_exc()
        diary.write(
            failed=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}", kind="see now.bin"
        )
        sys.exit(1)
    diary.write()


def _round(diary: Diary, reader: Recognizer, number: int, end: float) -> None:
    @seed(number)
    @settings(
        max_examples=ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs.files() | inputs.files() | inputs.arrays())
    def each(drawn):
        if time.monotonic() < end:
            diary.take(reader, *drawn)

    each()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))

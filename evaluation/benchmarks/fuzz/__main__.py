"""Does any picture crash the reader, hang it, or eat the memory?

    python -m evaluation.benchmarks.fuzz --minutes 10      # nothing else should run on the machine

Bends real files of every format (fuzz_inputs.py) and gives them to the decoder and to the whole road, in a
process of its own under the eyes of this one. Writes evaluation/results/fuzz.json and each input that did
harm to runs/fuzz/; ends with 1 where there was one.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import config, experiment
from digits.config import DEFAULT_MODEL, results_dir, runs_dir
from digits.files import sha256, write_json
from digits.models import checkpoints

WORKER = Path(__file__).with_name("fuzz_worker.py")
START = 300.0
"""Seconds that a worker may take to wake TensorFlow and read its first picture."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Throw broken pictures at the reader."""

    minutes: float = 10.0
    """How long; less is kept apart."""
    patience: float = 5.0
    """Seconds for one step: opening, showing, reading as a digit, reading as a number."""
    memory: int = 1024
    """MiB that one picture may take beyond what the reader has when it is awake."""
    seed: int = 1

    def __post_init__(self):
        config.check("--minutes", self.minutes, self.minutes > 0, "more than 0")
        config.check("--patience", self.patience, self.patience > 0, "more than 0")


class Watch:
    """One worker, and what it has said so far."""

    def __init__(self, folder: Path, seed: int, left: float):
        self.folder, self.said = folder, folder / "said.json"
        self.said.unlink(missing_ok=True)
        line = [sys.executable, str(WORKER), str(folder), str(seed), f"{left:.1f}"]
        self.process = subprocess.Popen(line, stderr=(folder / "log.txt").open("ab"))

    def heard(self) -> dict:
        """Return its newest report: `since` (when it began a picture), `peak_mib`, `rows`, `failed` ..."""
        try:
            return json.loads(self.said.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def harm(self, settings: Settings) -> str | None:
        """Return what went wrong, once it did."""
        code, heard = self.process.poll(), self.heard()
        if heard.get("failed"):
            return heard["failed"]
        if code:
            return f"it ended with {code}"
        if heard.get("peak_mib", 0) > settings.memory:
            return f"it took {heard['peak_mib']:.0f} MiB"
        began = heard.get("since", 0)
        if began and time.monotonic() - began > settings.patience and code is None:
            return f"it took more than {settings.patience:g} s"
        return None


def watched(settings: Settings, folder: Path) -> tuple[list[dict], list[dict]]:
    """Let workers run, one after the other, until the time is over; return their reports and all harm."""
    end, reports, harms = time.monotonic() + 60 * settings.minutes, [], []
    while (left := end - time.monotonic()) > 1:
        watch = Watch(folder, settings.seed + len(reports), left)
        begin = time.monotonic()
        while watch.process.poll() is None and not (harm := watch.harm(settings)):
            if not watch.heard() and time.monotonic() - begin > START:
                raise SystemExit(f"The worker does not wake; see {folder / 'log.txt'}.")
            time.sleep(0.1)
        harm = watch.harm(settings)
        watch.process.kill()
        watch.process.wait()
        reports.append(watch.heard())
        if harm:
            harms.append({"kind": reports[-1].get("kind"), "what": harm, "file": f"harm{len(harms)}.bin"})
            (folder / "now.bin").replace(folder / harms[-1]["file"])
            print(f"{harms[-1]['kind']}: {harm}: {folder / harms[-1]['file']}", flush=True)
    return reports, harms


def summed(reports: list[dict]) -> dict[str, dict[str, int]]:
    """Return how many inputs of each kind were read and refused, over all workers."""
    total: dict[str, dict[str, int]] = {}
    for report in reports:
        for kind, row in report.get("rows", {}).items():
            into = total.setdefault(kind, {"n": 0, "refused": 0})
            for key in into:
                into[key] += row[key]
    return dict(sorted(total.items()))


def main(settings: Settings) -> None:
    """Throw, watch, write, print."""
    folder = runs_dir() / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    path = checkpoints.find(DEFAULT_MODEL)
    reports, harms = watched(settings, folder)
    kinds = summed(reports)
    slowest = max(reports, key=lambda report: report.get("slowest_ms", 0))
    largest = max(reports, key=lambda report: report.get("peak_mib", 0))
    result = {
        "model": path.stem,
        "sha256": sha256(path),
        "data": "bent picture files and arrays, through the decoder and the whole road",
        "n": sum(row["n"] for row in kinds.values()),
        "seed": settings.seed,
        "minutes": settings.minutes,
        "machine": config.hardware(),
        "asked": {"seconds": settings.patience, "mib": settings.memory},
        "slowest_ms": slowest.get("slowest_ms"),
        "slowest_kind": slowest.get("slowest_kind"),
        "peak_mib": largest.get("peak_mib"),
        "peak_kind": largest.get("peak_kind"),
        "harms": harms,
        "kinds": kinds,
        "created": config.now(),
        "versions": config.versions(),
    }
    part = "" if settings.minutes >= 10 and settings.patience <= 5 else ".short"
    write_json(results_dir() / f"fuzz{part}.json", result)
    print(
        f"{result['n']:,} inputs, {len(harms)} did harm; the slowest took {result['slowest_ms']:.0f} ms "
        f"({result['slowest_kind']}), the largest {result['peak_mib']:.0f} MiB ({result['peak_kind']})."
    )
    if harms:
        raise SystemExit(1)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

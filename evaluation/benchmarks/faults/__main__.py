"""Does everything stay whole when the surroundings fail?

    python -m evaluation.benchmarks.faults                    # a quarter of an hour
    python -m evaluation.benchmarks.faults --only disk,two    # some of it, kept apart

Provokes real faults on real files and processes, all in temporary folders: models that are replaced and half
copied while an app and a server use them, a disk that is full, processes that are killed, a checkout that
cannot be written, no internet, two apps on one folder. What needs rights that are not there (mounting, as
root or in a user namespace) is skipped, and says so. Writes evaluation/results/faults.json; ends with 1
where something does not hold.
"""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import config, experiment
from digits.config import DEFAULT_MODEL, results_dir
from digits.files import sha256, write_json
from digits.models import checkpoints
from evaluation.benchmarks.faults import disk, kills, models, places
from evaluation.benchmarks.faults.tools import Checks

SECTIONS = ("models", "disk", "kills", "readonly", "offline", "two")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Provoke faults and look at what is left."""

    only: str = ",".join(SECTIONS)
    """Which kinds, with commas between; fewer are kept apart."""
    kills: int = 50
    """Trainings that are killed, and as many processes that keep digits; fewer are kept apart."""
    seed: int = 1
    """Start of the random moments of the kills."""

    def __post_init__(self):
        good = bool(self.sections) and set(self.sections) <= set(SECTIONS)
        config.check("--only", self.only, good, f"some of {','.join(SECTIONS)}")
        config.check("--kills", self.kills, self.kills >= 1, "1 or more")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")

    @property
    def sections(self) -> list[str]:
        """The kinds of faults."""
        return self.only.split(",")

    @property
    def part(self) -> str:
        """What the result's name gets where this is not all."""
        return "" if set(self.sections) == set(SECTIONS) and self.kills >= Settings.kills else ".some"


def provoke(settings: Settings, checks: Checks) -> dict[str, float]:
    """Provoke all kinds of faults; return the seconds that each took."""
    sections = {
        "models": models.models,
        "disk": disk.disk,
        "kills": lambda *given: kills.kills(*given, settings.kills, settings.seed),
        "readonly": places.read_only,
        "offline": places.offline,
        "two": places.two,
    }
    seconds, before = {}, dict(os.environ)
    for name in settings.sections:
        begin, checks.section = time.monotonic(), name
        with tempfile.TemporaryDirectory(prefix=f"faults-{name}-") as folder:
            try:
                sections[name](checks, Path(folder))
            except Exception as error:  # the other kinds shall be tried as well
                checks.hold("it came to its end", False, f"{type(error).__name__}: {error}")
        os.environ.clear()
        os.environ.update(before)
        seconds[name] = round(time.monotonic() - begin, 1)
    return seconds


def main(settings: Settings) -> None:
    """Provoke, look, write, print."""
    checks, results = Checks(), results_dir()
    seconds = provoke(settings, checks)
    states = [row["state"] for row in checks.rows]
    default = checkpoints.find(DEFAULT_MODEL)
    result = {
        "model": default.stem,  # what reads where no other one is made for the purpose
        "sha256": sha256(default),
        "data": "real faults on real files and processes in temporary folders",
        "n": len(states),
        "seed": settings.seed,
        "machine": config.hardware(),
        "asked": {"sections": settings.sections, "kills": settings.kills},
        "held": states.count("ok"),
        "skipped": states.count("skipped"),
        "broken": states.count("NOT ok"),
        "seconds": seconds,
        "rows": checks.rows,
        "created": config.now(),
        "versions": config.versions(),
    }
    write_json(results / f"faults{settings.part}.json", result)
    print(f"{result['held']} of {len(states)} held, {result['skipped']} skipped, {result['broken']} did not.")
    if result["broken"]:
        raise SystemExit(1)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

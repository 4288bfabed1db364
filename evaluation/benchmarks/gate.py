"""How fast and how cheaply are hostile models refused?

    python -m evaluation.benchmarks.gate      # two minutes; nothing else should run on the machine

Makes the corpus of the tests (tests/models/sandbox/corpus.py), gives each file to `Recognizer.load` in a
process of its own, and then the sound model that they were made from, which needs a trial. Writes
evaluation/results/gate.json; ends with 1 when a file comes through, runs, or costs too much.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL, ROOT, results_dir
from digits.files import sha256, write_json
from digits.models import checkpoints

sys.path.insert(0, str(ROOT / "tests" / "models" / "sandbox"))
import corpus

LOAD = """
import json, resource, sys, time
from digits import Recognizer

def peaks():
    both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return [round(resource.getrusage(who).ru_maxrss / 1024, 1) for who in both]

before, begin, words = peaks()[0], time.perf_counter(), None
try:
    Recognizer.load(sys.argv[1])
except ValueError as error:
    words = str(error)
ms, (own, child) = 1000 * (time.perf_counter() - begin), peaks()
print(json.dumps({"ms": round(ms, 1), "mib": round(own - before, 1), "child_mib": child, "words": words}))
"""
"""Loads one file and says what that took; memory as Linux counts it."""

ASKED = {"ms": 5000.0, "mib": 1024.0, "child_mib": 1024.0}
"""At most, for each refused file; of a child process the whole memory, TensorFlow and all."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Refuse hostile models and take the time."""

    limit: int | None = None
    """Only the first so many files, for a quick try; kept apart."""

    def __post_init__(self):
        config.check("--limit", self.limit, self.limit is None or self.limit >= 1, "1 or more")


def loaded(path: Path) -> dict:
    """Load one file in a process of its own; return milliseconds, MiB and the words of the refusal."""
    line = [sys.executable, "-c", LOAD, str(path)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(f"{path.stem} crashed the process with {done.returncode}:\n{done.stderr[-2000:]}")
    return {"file": path.stem} | json.loads(done.stdout.splitlines()[-1])


def main(settings: Settings) -> None:
    """Make, refuse, write, print."""
    default = checkpoints.find(DEFAULT_MODEL)
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.txt"
        paths = corpus.write(Path(folder), canary)[: settings.limit]
        rows = []
        for path in paths:
            rows.append(loaded(path))
            print(f"{rows[-1]['ms']:8.0f} ms  {rows[-1]['mib']:6.0f} MiB  {rows[-1]['words']}", flush=True)
        sound = loaded(Path(folder) / "sound.keras")
        ran = canary.exists()
    answers = Recognizer.load(default).probabilities
    result = {
        "model": default.stem,  # what answers afterwards
        "sha256": sha256(default),
        "data": "hostile and broken .keras files of tests/models/sandbox/corpus.py",
        "n": len(rows),
        "seed": None,
        "machine": config.hardware(),
        "asked": ASKED,
        "refused": sum(row["words"] is not None for row in rows),
        "ran": ran,
        "slowest_ms": max(row["ms"] for row in rows),
        "most_mib": max(row["mib"] for row in rows),
        "most_child_mib": max(row["child_mib"] for row in rows),
        "sound": sound,
        "answers_after": answers is not None,
        "rows": rows,
        "created": config.now(),
        "versions": config.versions(),
    }
    write_json(results_dir() / f"gate{f'.first{settings.limit}' if settings.limit else ''}.json", result)
    print(f"{result['refused']} of {len(rows)} refused, the slowest in {result['slowest_ms']:.0f} ms.")
    bad = [row["file"] for row in rows if not row["words"] or any(row[key] > ASKED[key] for key in ASKED)]
    if bad or ran or sound["words"]:
        raise SystemExit(
            f"Not as it should be: {', '.join(bad) or 'a payload ran, or the sound one is refused'}."
        )


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

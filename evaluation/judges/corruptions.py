"""Judge a bare network on corrupted MNIST test digits: nine daily kinds and the fifteen of MNIST-C.

    python -m evaluation.judges.corruptions --model mnist_advanced      # five minutes

Every kind at severities 1 to 5; those of MNIST-C also give the mean at the severities of its paper. Writes
evaluation/results/<name>.robustness.json, curves, and a strip of examples of each kind.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment, metrics
from digits.config import DEFAULT_MODEL, SIDE, results_dir
from digits.data.mnist_test import load_test
from digits.files import sha256
from digits.models import checkpoints
from digits.models.export import formats, verify
from digits.models.leaderboard import Result
from digits.plots import curves, sheets
from digits.robustness import sweep
from digits.robustness.corruptions import KINDS, MNIST_C, SEVERITIES, corrupt

CODE = ("robustness/corruptions.py", "robustness/mnist_c.py")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a bare network on corrupted digits."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    kinds: tuple[str, ...] = tuple(KINDS)
    """Kinds of corruption."""
    severities: tuple[int, ...] = SEVERITIES
    """Severities from 1 to 5."""
    seed: int = 1
    """Start of the corruptions' random choices."""
    limit: int | None = None
    """Judge on the first so many test digits only; the result is kept apart."""

    def __post_init__(self):
        config.check("--limit", self.limit, self.limit is None or self.limit >= 1, "1 or more")
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        good = bool(self.kinds) and not unknown
        config.check("--kinds", unknown or "empty", good, f"some of {', '.join(KINDS)}")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")
        good = bool(self.severities) and all(severity in SEVERITIES for severity in self.severities)
        config.check("--severities", self.severities, good, "numbers from 1 to 5")

    @property
    def part(self) -> str:
        """What keeps a partial result apart."""
        usual = Settings()
        whole = set(self.kinds) == set(usual.kinds) and set(self.severities) == set(usual.severities)
        whole = whole and self.seed == usual.seed
        return ("" if whole else ".some") + ("" if self.limit is None else f".first{self.limit}")


def quick_reader(model: str) -> Recognizer:
    """Load a model behind ONNX Runtime: a sweep asks it more than a million times."""
    path = checkpoints.find(model)
    noise = np.random.default_rng(0).random((32, SIDE, SIDE, 1), np.float32)
    expected = Recognizer.load(path).probabilities(noise)
    with tempfile.TemporaryDirectory() as folder:
        ((name, file),) = formats.write(path, ["onnx"], Path(folder))
        if not verify.check(name, file, noise, expected.argmax(axis=1), expected).passed:
            raise ValueError(f"ONNX Runtime does not answer as {path.stem} does.")
        return Recognizer.load(file)


def at_paper(steps: dict[tuple[str, int], np.ndarray]) -> dict:
    """Return the summary of the fifteen kinds of MNIST-C at its own severities, or nothing without all."""
    wanted = {(kind, KINDS[kind].paper) for kind in MNIST_C}
    there = {step: hits for step, hits in steps.items() if step in wanted}
    return {"mnist_c": sweep.summary(there)} if there.keys() == wanted else {}


def main(settings: Settings) -> None:
    """Corrupt, judge, write, draw, print."""
    path = checkpoints.find(settings.model)
    judged, reader = sha256(path), quick_reader(settings.model)
    images, labels = load_test(settings.limit)
    begin = time.perf_counter()
    clean = metrics.share_right(int(sweep.right(reader, images, labels).sum()), len(labels))
    steps = {}
    kinds, severities = dict.fromkeys(settings.kinds), sorted(set(settings.severities))
    swept = sweep.sweep([reader], images, labels, kinds, severities, settings.seed)
    for step in tqdm(swept, total=len(kinds) * len(severities), unit="step"):
        (steps[step.kind, step.severity],) = step.right
    rows = [
        {"kind": kind, "severity": severity, **metrics.share_right(int(hits.sum()), len(labels))}
        for (kind, severity), hits in steps.items()
    ]
    result = {
        "data": "MNIST test digits, damaged by our own code as in MNIST-C and in daily use; bare network",
        "n": len(labels),
        "seed": settings.seed,
        "seconds": round(time.perf_counter() - begin, 1),
        "machine": config.hardware(),
        "clean": clean,
        **sweep.summary(steps),
        **at_paper(steps),
        "rows": rows,
    }
    about = {"part": settings.part, "judged": judged, "data": ("mnist.npz",), "code": CODE}
    Result(path=path, kind="robustness", figures=result, **about).write()
    folder = results_dir() / "figures"
    curves.save(
        curves.severity_curves({reader.name: result}), folder / f"{reader.name}{settings.part}_robustness.png"
    )
    if not settings.part:
        examples = {
            kind: np.stack([corrupt(images[:3], kind, one, settings.seed) for one in (0, *SEVERITIES)])
            for kind in kinds
        }
        curves.save(
            sheets.strips(examples, ("as it was", *(f"severity {one}" for one in SEVERITIES))),
            folder / "corruptions.png",
        )
    for row in result["kinds"]:
        print(f"{row['kind']:>14}  {row['accuracy']:.2%}")
    print(f"{reader.name}: mean {result['mean_accuracy']:.2%}, clean {clean['accuracy']:.2%}")
    if "mnist_c" in result:
        print(f"MNIST-C at the severities of its paper: {result['mnist_c']['mean_accuracy']:.2%}")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

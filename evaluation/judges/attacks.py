"""Judge a bare network under attack: MNIST test digits changed by FGSM and by PGD.

    python -m evaluation.judges.attacks --model mnist_tiny   # a minute; mnist_robust half an hour

The attacks know the network (white box) and may change every pixel by epsilon. What they reach is checked as
Carlini et al., "On Evaluating Adversarial Robustness", 2019, arXiv:1902.06705, ask: a weak attack makes
any network look strong. What withstands the largest epsilon is attacked again by AutoAttack (Croce and
Hein, 2020, arXiv:2003.01690) as the Adversarial Robustness Toolbox has it: APGD on the cross-entropy and on
the ratio of logits, and Square, which needs no gradient; its FAB and its targeted attacks are not in that
package.
Writes evaluation/results/<name>.adversarial.json, a plot and a sheet of attacked digits.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from tqdm import tqdm

from digits import config, experiment, metrics
from digits.config import DEFAULT_MODEL, results_dir
from digits.data.mnist_test import load_test
from digits.files import sha256
from digits.models import checkpoints
from digits.models.architectures import logits_model
from digits.models.leaderboard import Result
from digits.plots import curves, sheets
from digits.preprocessing.frame import as_batch
from digits.robustness.attacks import Attacker

WHOLE_RANGE, FEW = 1.0, 200
"""An epsilon at which no network can be right, and on how many digits that is checked."""

CHANCE = 0.1
"""The share right above which an attack over the whole range has failed: it misled, if at all, by luck."""

ROUNDING, LUCK = 1e-6, 0.005
"""How far a change may exceed epsilon, in pixel values, and an accuracy one that bounds it, as a share."""

STEPS, QUERIES, RESTARTS = 100, 5000, 5
"""Of AutoAttack: steps of APGD, questions of Square, and starts of APGD; published with as many."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a bare network under attack."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    epsilons: tuple[float, ...] = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
    """Largest change of a pixel, rising."""
    steps: int = 40
    """Steps of PGD."""
    step: float = 0.01
    """Change of a pixel per step of PGD."""
    restarts: int = 3
    """Random starts of PGD for a digit that withstands."""
    n: int = 1000
    """So many test digits."""
    first: int = 1000
    """The first of them; the thousand before were looked at while the robust network was made."""
    seed: int = 1
    """Of the random starts."""

    def __post_init__(self):
        rising = list(self.epsilons) == sorted(set(self.epsilons))
        good = bool(self.epsilons) and rising and self.epsilons[0] >= 0 and self.epsilons[-1] <= 1
        config.check("--epsilons", self.epsilons, good, "one or more from 0 to 1, rising")
        config.check_least(self, steps=1, restarts=1, seed=0)
        config.check("--step", self.step, 0 < self.step <= 1, "above 0, up to 1")
        config.check("--n", self.n, 1 <= self.n <= 10_000, "1 to 10000")
        config.check("--first", self.first, 0 <= self.first < 10_000, "0 to 9999")

    def load(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the digits as frames (n, 28, 28, 1) float32 in [0, 1], and their labels (n,)."""
        images, labels = (part[self.first :] for part in load_test(self.first + self.n))
        config.check("--first", self.first, len(labels) == self.n, f"{self.n} test digits from there on")
        return as_batch(images), labels


def right(attacker: Attacker, frames: np.ndarray, labels: np.ndarray) -> int:
    """Return how many frames (N, 28, 28, 1) the network reads as their labels (N,)."""
    return int((attacker.logits(frames).argmax(axis=1) == labels).sum())


def excess_over(epsilon: float, frames: np.ndarray, attacked: np.ndarray) -> float:
    """Return by how much attacked frames leave the `epsilon` around frames or the range; up to 0 is good."""
    return float(max(np.abs(attacked - frames).max() - epsilon, -attacked.min(), attacked.max() - 1))


def autoattack(path: Path, frames: np.ndarray, labels: np.ndarray, epsilon: float, seed: int) -> np.ndarray:
    """Attack frames by one part of AutoAttack after the other, each those that withstood the parts before.

    Args:
        path: of the .keras model.
        frames: (N, 28, 28, 1) float32 in [0, 1], as they were.
        labels: (N,) of which all are read right.
        epsilon: largest change of a pixel.
        seed: of all chance.

    Returns:
        The attacked frames, (N, 28, 28, 1).

    Raises:
        ValueError: the toolbox is not installed, or the network is not built like ours.
    """
    config.need("art", "judge", "AutoAttack")
    import keras
    from art.attacks.evasion import AutoProjectedGradientDescent, SquareAttack
    from art.estimators.classification import TensorFlowV2Classifier

    network = logits_model(checkpoints.load(path)[0])
    classifier = TensorFlowV2Classifier(
        model=network,
        nb_classes=network.output_shape[-1],
        input_shape=frames.shape[1:],
        loss_object=keras.losses.CategoricalCrossentropy(from_logits=True),
        clip_values=(0, 1),
    )
    apgd = {"eps": epsilon, "eps_step": 2 * epsilon, "max_iter": STEPS, "nb_random_init": RESTARTS}
    parts = (
        *(
            AutoProjectedGradientDescent(classifier, **apgd, loss_type=loss, batch_size=250, verbose=False)
            for loss in ("cross_entropy", "difference_logits_ratio")
        ),
        SquareAttack(classifier, eps=epsilon, max_iter=QUERIES, batch_size=1000, verbose=False),
    )
    attacked, hot = frames.copy(), np.eye(network.output_shape[-1], dtype=np.float32)[labels]
    np.random.seed(seed)  # noqa: NPY002 - the toolbox draws from there
    for part in parts:
        left = np.flatnonzero(classifier.predict(attacked).argmax(axis=1) == labels)
        if len(left):
            found = part.generate(frames[left], y=hot[left])
            # It rounds, by millionths, to either side.
            attacked[left] = np.clip(found, frames[left] - epsilon, frames[left] + epsilon).clip(0, 1)
    return attacked


def checks(rows: list[dict], excess: float, large: dict, strongest: dict) -> dict:
    """Return what tells a working attack from a broken one: what was found, what is allowed, if it holds.

    Args:
        rows: shares right by `epsilon`, rising: `fgsm` and `pgd`.
        excess: see `excess_over`.
        large: `epsilon`, `n` and `found` of an attack over the whole range.
        strongest: what is right after AutoAttack too.

    Raises:
        ValueError: the pictures were changed by more than epsilon.
    """
    config.check("The excess over epsilon", excess, excess <= ROUNDING, f"{ROUNDING} or less")
    pgd = [row["pgd"] for row in rows]
    weaker = max(row["pgd"] - row["fgsm"] for row in rows)
    gained = pgd[-1] - strongest["accuracy"]
    rise = max([after - before for before, after in zip(pgd, pgd[1:], strict=False)], default=0.0)
    return {
        "within_epsilon_and_range": {"found": excess, "allowed": ROUNDING, "holds": True},
        "pgd_at_least_as_strong": {"found": round(weaker, 5), "allowed": LUCK, "holds": weaker <= LUCK},
        "falls_with_epsilon": {"found": round(rise, 5), "allowed": LUCK, "holds": rise <= LUCK},
        "converged": {"found": round(gained, 5), "allowed": LUCK, "holds": gained <= LUCK},
        "large_epsilon": {**large, "allowed": CHANCE, "holds": large["found"] <= CHANCE},
    }


def main(settings: Settings) -> None:
    """Attack, judge, write, print."""
    path = checkpoints.find(settings.model)
    judged, attacker = sha256(path), Attacker.load(path)
    frames, labels = settings.load()
    ways = {"restarts": settings.restarts, "seed": settings.seed}
    rows, sheet, excess = [], {}, -1.0
    for epsilon in tqdm(settings.epsilons, unit="epsilon"):
        row = {"epsilon": epsilon}
        for method in ("fgsm", "pgd"):
            steps = {"steps": settings.steps, "step": settings.step}
            attacked = attacker.attack(frames, labels, epsilon, method=method, **steps, **ways)
            excess = max(excess, excess_over(epsilon, frames, attacked))
            found = metrics.share_right(right(attacker, attacked, labels), len(labels))
            row |= {method: found["accuracy"], f"{method}_interval_95": found["interval_95"]}
        rows.append(row)
        sheet[f"epsilon {epsilon:g}"] = np.round(255 * attacked[None, :12, ..., 0])
    left = np.flatnonzero(attacker.logits(attacked).argmax(axis=1) == labels)
    if len(left):
        again = autoattack(path, frames[left], labels[left], settings.epsilons[-1], settings.seed)
        excess = max(excess, excess_over(settings.epsilons[-1], frames[left], again))
        attacked[left] = again
    strongest = {
        "epsilon": settings.epsilons[-1],
        "attack": "AutoAttack: APGD-CE, APGD-DLR, Square",
        "steps": STEPS,
        "restarts": RESTARTS,
        "queries": QUERIES,
        **metrics.share_right(right(attacker, attacked, labels), len(labels)),
    }
    anything = attacker.attack(frames[:FEW], labels[:FEW], WHOLE_RANGE, **ways)
    found = metrics.share_right(right(attacker, anything, labels[:FEW]), len(anything))
    large = {"epsilon": WHOLE_RANGE, "n": found["n"], "found": found["accuracy"]}
    result = {
        "data": "MNIST test digits, white box, bare network",
        "n": len(frames),
        "first": settings.first,
        "seed": settings.seed,
        "steps": settings.steps,
        "step": settings.step,
        "restarts": settings.restarts,
        "clean": round(right(attacker, frames, labels) / len(labels), 5),
        "strongest": strongest,
        "checks": checks(rows, excess, large, strongest),
        "rows": rows,
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    about = {"part": part, "judged": judged, "data": ("mnist.npz",), "code": ("robustness/attacks.py",)}
    Result(path=path, kind="adversarial", figures=result, **about).write()
    folder = results_dir() / "figures"
    curves.save(curves.attacks(rows), folder / f"{path.stem}{part}_attacks.png")
    curves.save(sheets.strips(sheet), folder / f"{path.stem}{part}_attacked.png")
    print(f"{path.stem}: clean {result['clean']:.2%} of {len(frames):,}")
    for row in rows:
        print(f"  epsilon {row['epsilon']:g}: FGSM {row['fgsm']:.2%}, PGD-{settings.steps} {row['pgd']:.2%}")
    print(f"  AutoAttack on the rest, epsilon {strongest['epsilon']:g}: {strongest['accuracy']:.2%}")
    for name, check in result["checks"].items():
        print(f"  {name}: {'holds' if check['holds'] else 'BROKEN'} ({check['found']:g})")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

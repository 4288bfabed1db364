"""Are our attacks as strong as published ones? The same digits, epsilons and steps, attacked by both.

    python evaluation/compare_attacks.py      # a few minutes; needs pip install -e ".[judge]"

Compares with the Adversarial Robustness Toolbox (Nicolae et al., 2018, arXiv:1807.01069). Writes
evaluation/results/<name>.attack_comparison.json and ends with exit status 1 where an accuracy differs by more
than a point. FGSM leaves nothing to chance; PGD starts at random, once.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import tyro
from evaluate_adversarial import AttackSettings
from tqdm import tqdm

from digits import results, runs
from digits.attacker import METHODS, Attacker
from digits.contract import CLASSES, SIDE
from digits.network import checkpoints

PUBLISHED = "adversarial-robustness-toolbox"

MOST_POINTS = 1.0
"""The largest difference that is put down to the random starts."""

BATCH = 250


@dataclass(frozen=True, kw_only=True)
class Settings(AttackSettings):
    """Compare our attacks with published ones."""

    model: str = "mnist_cnn"
    """One of our own models: a name in models/, or the path of a .keras file."""
    epsilons: tuple[float, ...] = (0.1, 0.2, 0.3)
    """Largest change of a pixel."""

    def __post_init__(self):
        super().__post_init__()
        good = bool(self.epsilons) and all(0 < epsilon <= 1 for epsilon in self.epsilons)
        runs.check("--epsilons", self.epsilons, good, "one or more above 0, up to 1")


def published(model) -> Callable:
    """Return the published attacks on a model, to be called like `Attacker.attack`.

    Their random starts are those of numpy's global generator, see `runs.seed_everything`.

    Args:
        model: a Keras model (N, 28, 28, 1) -> logits (N, 10).

    Raises:
        ValueError: the package is not installed.
    """
    import keras

    try:
        with warnings.catch_warnings(action="ignore"):  # it misses PyTorch
            from art.attacks.evasion import FastGradientMethod, ProjectedGradientDescent
            from art.estimators.classification import TensorFlowV2Classifier
    except ModuleNotFoundError as error:
        raise ValueError(f'{error.name} is not installed; it is part of: pip install -e ".[judge]"') from None
    classifier = TensorFlowV2Classifier(
        model=model,
        nb_classes=CLASSES,
        input_shape=(SIDE, SIDE, 1),
        loss_object=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        clip_values=(0, 1),
    )

    def attack(frames, labels, epsilon: float, *, method: str, steps: int, step: float) -> np.ndarray:
        if method == "fgsm":
            attacker = FastGradientMethod(classifier, eps=epsilon, batch_size=BATCH)
        else:
            options = {"max_iter": steps, "num_random_init": 1, "batch_size": BATCH, "verbose": False}
            attacker = ProjectedGradientDescent(classifier, eps=epsilon, eps_step=step, **options)
        return attacker.generate(frames, y=np.eye(CLASSES)[labels])

    return attack


def main(settings: Settings) -> None:
    """Attack twice, compare, write, print."""
    from digits.network.architectures import logits_model  # late: --help answers without TensorFlow

    runs.seed_everything(settings.seed)
    path = checkpoints.find(settings.model)
    own = Attacker.load(path)
    theirs = published(logits_model(checkpoints.load(path)[0]))
    frames, labels = settings.load()

    def accuracy(attacked: np.ndarray) -> float:
        return float((own.logits(attacked).argmax(axis=1) == labels).mean())

    rows = []
    for epsilon in tqdm(settings.epsilons, unit="epsilon"):
        for method in METHODS:
            way = {"method": method, "steps": settings.steps, "step": settings.step}
            ours = accuracy(own.attack(frames, labels, epsilon, seed=settings.seed, **way))
            other = accuracy(theirs(frames, labels, epsilon, **way))
            shares = {"own": round(ours, 5), "published": round(other, 5)}
            points = round(100 * (ours - other), 3)
            rows.append({"epsilon": epsilon, "method": method, **shares, "difference_points": points})
    largest = max(abs(row["difference_points"]) for row in rows)
    result = {
        "data": "MNIST test digits, white box, bare network",
        "n": len(frames),
        "first": settings.first,
        "seed": settings.seed,
        "steps": settings.steps,
        "step": settings.step,
        "published": f"{PUBLISHED} {version(PUBLISHED)}",
        "largest_difference_points": largest,
        "allowed_points": MOST_POINTS,
        "rows": rows,
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    results.write(path, "attack_comparison", result, part)
    print(f"{path.stem}, {len(frames):,} digits, against {result['published']}")
    for row in rows:
        both = f"ours {row['own']:.2%}, theirs {row['published']:.2%}"
        print(
            f"  {row['method'].upper():>4} {row['epsilon']:g}: {both}, {row['difference_points']:+.2f} points"
        )
    if largest > MOST_POINTS:
        raise SystemExit(f"An accuracy differs by {largest:g} points, more than {MOST_POINTS:g}.")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))

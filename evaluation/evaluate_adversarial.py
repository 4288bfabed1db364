"""Judge a bare network under attack: MNIST test digits changed by FGSM and by PGD.

    python evaluation/evaluate_adversarial.py --model mnist_robust      # a minute

The attacks know the network (white box) and may change every pixel by epsilon. Writes
evaluation/results/<name>.adversarial.json.
"""

from dataclasses import dataclass

import numpy as np
import tyro

from digits import results, runs
from digits.contract import DEFAULT_MODEL
from digits.data.mnist_test import load_test
from digits.network import checkpoints, gradients
from digits.network.architectures import logits_model
from digits.trust import attacks, metrics

BATCH = 250


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a bare network under attack."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    epsilons: tuple[float, ...] = (0.1, 0.2, 0.3)
    """Largest change of a pixel."""
    steps: int = 40
    """Steps of PGD."""
    step: float = 0.01
    """Change of a pixel per step of PGD."""
    n: int = 1000
    """So many test digits."""
    first: int = 1000
    """The first of them; the thousand before were looked at while the robust network was made."""
    seed: int = 1
    """Of the random starts."""

    def __post_init__(self):
        good = bool(self.epsilons) and all(0 < epsilon <= 1 for epsilon in self.epsilons)
        runs.check("--epsilons", self.epsilons, good, "one or more above 0, up to 1")
        runs.check("--steps", self.steps, self.steps >= 1, "1 or more")
        runs.check("--step", self.step, 0 < self.step <= 1, "above 0, up to 1")
        runs.check("--n", self.n, 1 <= self.n <= 10_000, "1 to 10000")
        runs.check("--first", self.first, 0 <= self.first < 10_000, "0 to 9999")
        runs.check("--seed", self.seed, self.seed >= 0, "0 or more")


def main(settings: Settings) -> None:
    """Attack, judge, write, print."""
    import keras
    import tensorflow as tf

    path = checkpoints.find(settings.model)
    model = logits_model(checkpoints.load(path)[0])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    gradient = tf.function(gradients.input_gradient(model, loss))
    images, labels = (part[settings.first :] for part in load_test(settings.first + settings.n))
    frames = images[..., None].astype("float32") / 255
    rng = np.random.default_rng(settings.seed)

    def accuracy(attack) -> float:
        """Return the share of digits that are still read right, attacked in batches."""
        right = 0
        for first in range(0, len(frames), BATCH):
            x, y = tf.constant(frames[first : first + BATCH]), tf.constant(labels[first : first + BATCH])
            right += int((np.asarray(model(attack(x, y))).argmax(axis=1) == y.numpy()).sum())
        return right / len(frames)

    def pgd(x, y, epsilon: float):
        start = x + rng.uniform(-epsilon, epsilon, x.shape).astype("float32")
        return attacks.pgd(gradient, x, y, epsilon, step=settings.step, steps=settings.steps, start=start)

    rows = []
    for epsilon in settings.epsilons:
        shares = {
            "fgsm": accuracy(lambda x, y, e=epsilon: attacks.fgsm(gradient, x, y, e)),
            "pgd": accuracy(lambda x, y, e=epsilon: pgd(x, y, e)),
        }
        low, high = metrics.wilson_interval(round(shares["pgd"] * len(frames)), len(frames))
        rows.append({"epsilon": epsilon, **shares, "pgd_interval_95": [round(low, 5), round(high, 5)]})
    result = {
        "data": "MNIST test digits, white box, bare network",
        "n": len(frames),
        "first": settings.first,
        "seed": settings.seed,
        "steps": settings.steps,
        "step": settings.step,
        "clean": accuracy(lambda x, y: x),
        "rows": rows,
    }
    results.write(path, "adversarial", result, "" if settings == Settings(model=settings.model) else ".some")
    print(f"{path.stem}: clean {result['clean']:.2%} of {len(frames):,}")
    for row in rows:
        print(f"  epsilon {row['epsilon']}: FGSM {row['fgsm']:.2%}, PGD-{settings.steps} {row['pgd']:.2%}")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))

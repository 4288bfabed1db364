"""Measure which score tells digits best from what is none: letters, scribbles, pairs, broken digits, noise.

    python -m evaluation.judges.ood_scores      # five minutes

Four scores for each model: the largest probability; the evidence of the logits; the Mahalanobis distance of
the features (Lee et al., 2018, arXiv:1807.03888); a linear reject class on the features. Judged on digits and
strangers held out from training: nothing here touches the sites that evaluate_pen.py counts. Writes
evaluation/results/doubt.json.
"""

from dataclasses import dataclass

import numpy as np
import tyro

from digits import config, experiment
from digits.config import DEFAULT_MODEL, find_data, results_dir
from digits.data import handwriting, outliers
from digits.data.mnist import load_train_val
from digits.data.outliers import KINDS, make_outliers
from digits.files import sha256, write_json
from digits.models import calibration, checkpoints
from digits.preprocessing.frame import as_batch
from evaluation.report.tables import doubt_table

PEN_SITE, LETTER_SITES = "apa", ("kai", "mot")
"""What training held out and validation saw: digits of one site, letters of two others."""
ANSWERED = (0.95, 0.99)
"""Shares of the digits that are still answered when strangers are counted."""
LEARNT = 9_000
"""Digits that the features' statistics and the reject class are fitted on."""
SEED = 2


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure which score tells digits best from what is none."""

    models: tuple[str, ...] = ("mnist_advanced", DEFAULT_MODEL)
    """Names in models/ or paths."""
    each: int = 500
    """Strangers of each kind that are made."""

    def __post_init__(self):
        config.check("--models", self.models, len(self.models) >= 1, "one model or more")
        config.check("--each", self.each, self.each >= 10, "10 or more")


@dataclass(frozen=True)
class Frames:
    """Frames (N, 28, 28) uint8 to fit on and to judge on."""

    digits: np.ndarray
    labels: np.ndarray
    strangers: np.ndarray
    held_digits: np.ndarray
    held_strangers: dict[str, np.ndarray]


def load(settings: Settings) -> Frames:
    """Draw and make everything once for all models."""
    files = [find_data("handwriting", f"{name}_strokes.npz") for name in ("unipen", "not_digits")]
    if None in files:
        raise ValueError("There is no handwriting/ with unipen_strokes.npz and not_digits_strokes.npz.")
    mnist = load_train_val()
    mnist = mnist._replace(x_train=mnist.x_train[:LEARNT], y_train=mnist.y_train[:LEARNT])
    pen = handwriting.load(files[0], SEED)
    pen = pen.part(pen.sources == PEN_SITE)
    strangers = outliers.outliers(
        mnist, files[1], hold_out=LETTER_SITES, leave_out=("aga", "app"), renders=3, seed=SEED
    )
    rng = np.random.default_rng(SEED)
    held = {"letters": strangers.held}
    for kind in KINDS:
        made = make_outliers(mnist.x_val, mnist.y_val, settings.each, rng, (kind,))
        held["drawn letter" if kind == "letter" else kind] = handwriting.framed(made)
    digits = np.concatenate([mnist.x_val, pen.frames])
    return Frames(mnist.x_train, mnist.y_train, strangers.learnt, digits, held)


def scores_of(model, temperature: float, frames: Frames) -> dict[str, tuple[np.ndarray, dict]]:
    """Return by score its values for the digits held out, and for each kind of stranger; high is a digit."""
    import keras
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    both = keras.Model(model.inputs, [model.get_layer(name).output for name in ("logits", "features")])

    def ask(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return both.predict(as_batch(images), batch_size=500, verbose=0)

    digits, strangers = ask(frames.digits)[1], ask(frames.strangers)[1]
    means = np.stack([digits[frames.labels == digit].mean(axis=0) for digit in range(10)])
    spread = np.cov((digits - means[frames.labels]).T) + 1e-6 * np.eye(digits.shape[1])
    whiten = np.linalg.cholesky(np.linalg.inv(spread))
    learnt, kinds = np.concatenate([digits, strangers]), np.repeat([1, 0], [len(digits), len(strangers)])
    reject = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500, C=0.1)).fit(learnt, kinds)

    def nearest(features: np.ndarray) -> np.ndarray:
        return -(((features[:, None] - means) @ whiten) ** 2).sum(axis=2).min(axis=1)

    ways = {
        "largest probability": lambda logits, _: calibration.softmax(logits, temperature).max(axis=1),
        "evidence": lambda logits, _: calibration.energy(logits),
        "Mahalanobis": lambda _, features: nearest(features),
        "linear reject class": lambda _, features: reject.decision_function(features),
    }
    held, apart = ask(frames.held_digits), {k: ask(x) for k, x in frames.held_strangers.items()}
    return {
        name: (way(*held), {k: way(*answer) for k, answer in apart.items()}) for name, way in ways.items()
    }


def compare(digits: np.ndarray, strangers: np.ndarray) -> dict[str, float]:
    """Return how well a score tells digits (N,) from strangers (M,)."""
    from sklearn.metrics import roc_auc_score

    truth = np.repeat([1, 0], [len(digits), len(strangers)])
    caught = {
        f"caught_{share:.0%}": round(float(np.mean(strangers < np.quantile(digits, 1 - share))), 4)
        for share in ANSWERED
    }
    return {"auroc": round(float(roc_auc_score(truth, np.concatenate([digits, strangers]))), 4)} | caught


def main(settings: Settings) -> None:
    """Score, compare, write, print."""
    frames = load(settings)
    rows = []
    for path in map(checkpoints.find, settings.models):
        model, card = checkpoints.load(path)
        for score, (digits, strangers) in scores_of(model, card.temperature if card else 1.0, frames).items():
            kinds = {kind: compare(digits, values) for kind, values in strangers.items()}
            rows.append({"model": path.stem, "sha256": sha256(path), "score": score, "kinds": kinds})
    counts = {kind: len(found) for kind, found in frames.held_strangers.items()}
    result = {"digits": len(frames.held_digits), "strangers": counts, "rows": rows}
    write_json(
        results_dir() / "doubt.json", result | {"created": config.now(), "versions": config.versions()}
    )
    print(doubt_table(result))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

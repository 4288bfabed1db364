"""Can a model's explanations be believed? The published tests of its maps, on digits that it never saw.

    python -m evaluation.judges.explanations --model handwriting     # ten minutes on two cores

On MNIST's first test digits, of the likeliest digit each: for every method how long the answer lives while
the ink is deleted in the order of the map, against random order (Petsiuk et al., 2018, arXiv:1806.07421), and
how much the map is like those of the same network with its weights shuffled five times anew (Adebayo et al.,
2018, arXiv:1810.03292), on the first thirty digits. For integrated gradients how often they are complete
within 1 %, for all ten digits (Sundararajan et al., 2017, arXiv:1703.01365). And how often the smallest
change of ink towards another digit is found. Writes evaluation/results/<name>.explanations.json.
"""

from dataclasses import dataclass

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import CLASSES, DEFAULT_MODEL
from digits.data.mnist_test import load_test
from digits.explain import counterfactual, faithfulness, report
from digits.explain.attribution import CAMS, METHODS, PIXEL_METHODS, Explainer
from digits.files import sha256
from digits.models import checkpoints
from digits.models.leaderboard import Result
from digits.preprocessing.frame import as_batch

DIGITS, COMPARED, SHUFFLES = 100, 30, 5
"""Digits judged; of those compared with what untaught networks see, and how many such networks there are."""

ANY, TOWARDS = "any", "towards"
COMPLETE = 0.01
"""Integrated gradients count as complete when their sum is off by at most this share."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge the explanations of a model."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    limit: int = DIGITS
    """Judge on so many test digits; another number is kept apart."""
    seed: int = 0
    """Start of what is left to chance: the shuffled weights, and the digits towards which changes lead."""

    def __post_init__(self):
        config.check_least(self, limit=1, seed=0)


def judge_methods(explainer: Explainer, shuffled: list[Explainer], frames: np.ndarray) -> dict[str, dict]:
    """Return by method the means of `deletion_score`, `random_deletion_score` and `randomised_correlation`.

    Args:
        explainer: of the model.
        shuffled: of the same with shuffled weights, for the first `COMPARED` frames.
        frames: (N, 28, 28) float32 in [0, 1].

    Returns:
        Beside the means `randomised_empty`, the share of comparisons in which a map was empty; they are left
        out of the mean, which is None where none is left.
    """
    methods = METHODS if explainer.graph.convolutions else PIXEL_METHODS
    scores, likeness = ({method: [] for method in methods} for _ in range(2))
    targets = explainer.logits(frames).argmax(axis=1).tolist()
    for i, (frame, target) in enumerate(zip(tqdm(frames, unit="digit"), targets, strict=True)):
        chance = faithfulness.random_deletion_score(explainer, frame, target)
        for method in methods:
            own = explainer.explain(method, frame, target)
            score = faithfulness.deletion_score(explainer, frame, own, target)
            scores[method].append((score, chance))
            for one in shuffled if i < COMPARED else []:
                alike = faithfulness.randomised_correlation(one, method, own, frame, target)
                likeness[method].append(alike)
    said = {method: _means(scores[method], likeness[method]) for method in methods}
    return {
        method: {"layer": explainer.map_layer()} | about if method in CAMS else about
        for method, about in said.items()
    }


def _means(scores: list[tuple[float, float]], likeness: list[float | None]) -> dict:
    deletion, chance = np.mean(scores, axis=0).round(4).tolist()
    compared = [alike for alike in likeness if alike is not None]
    return {
        "deletion_score": deletion,
        "random_deletion_score": chance,
        "randomised_correlation": round(float(np.mean(compared)), 4) if compared else None,
        "randomised_empty": round(1 - len(compared) / len(likeness), 4),
    }


def judge_completeness(explainer: Explainer, frames: np.ndarray) -> dict:
    """Return how often integrated gradients of frames are complete, for all ten digits and the likeliest."""
    likeliest = explainer.logits(frames).argmax(axis=1)
    found = [
        (
            faithfulness.completeness(
                explainer.explain("integrated_gradients", frame, target), explainer.rise(frame, target)
            ),
            target == best,
        )
        for frame, best in zip(tqdm(frames, unit="digit"), likeliest, strict=True)
        for target in range(CLASSES)
    ]
    complete = np.array([one["completeness_error"] <= COMPLETE for one, _ in found])
    first = np.array([is_first for _, is_first in found])
    missed = [one for one, _ in found if one["completeness_error"] > COMPLETE]
    return {
        "n": len(found),
        "within_one_percent": round(float(complete.mean()), 5),
        "within_one_percent_likeliest": round(float(complete[first].mean()), 5),
        "largest_error_nats": max(one["completeness_nats"] for one, _ in found),
        "missed_largest_error_nats": max((one["completeness_nats"] for one in missed), default=0.0),
        "missed_largest_rise": max((abs(one["rise"]) for one in missed), default=0.0),
    }


def judge_changes(reader: Recognizer, frames: np.ndarray, seed: int) -> dict:
    """Return how often a change of ink is found: towards any other digit, and towards one drawn at random."""
    rng = np.random.default_rng(seed)
    least = float(reader.thresholds.get("not_a_digit_below", -np.inf))
    hits = {ANY: [], TOWARDS: []}
    for frame in tqdm(frames, unit="digit"):
        first = int(reader.logits(frame[None, ..., None])[0].argmax())
        toward = int((first + rng.integers(1, CLASSES)) % CLASSES)
        for name, goal in ((ANY, None), (TOWARDS, toward)):
            search = counterfactual.find_change(
                reader.logits, frame, goal, temperature=reader.temperature, least_evidence=least
            )
            hits[name].append(search.change)
    return {
        name: {
            "found": round(float(np.mean([change is not None for change in changes])), 5),
            "median_amount": round(float(np.median([c.amount for c in changes if c])), 4)
            if any(changes)
            else None,
        }
        for name, changes in hits.items()
    }


def main(settings: Settings) -> None:
    """Judge, write, print."""
    path = checkpoints.find(settings.model)
    judged, reader, explainer = sha256(path), Recognizer.load(path), report.load(path)
    images, _ = load_test(settings.limit)
    frames = as_batch(images)[..., 0]
    shuffled = [report.randomised(explainer, path, settings.seed + i) for i in range(SHUFFLES)]
    result = {
        "data": "MNIST test, the first digits, bare network",
        "n": len(frames),
        "seed": settings.seed,
        "methods": judge_methods(explainer, shuffled, frames),
        "shuffled": {"n": min(COMPARED, len(frames)), "times": SHUFFLES},
        "completeness": judge_completeness(explainer, frames),
        "changes": judge_changes(reader, frames, settings.seed),
    }
    usual = (settings.limit, settings.seed) == (DIGITS, 0)
    about = {"part": "" if usual else ".some", "judged": judged, "data": ("mnist.npz",), "code": ("explain",)}
    Result(path=path, kind="explanations", figures=result, **about).write()
    for method, about in result["methods"].items():
        deleted = f"{about['deletion_score']:.3f} against {about['random_deletion_score']:.3f} by chance"
        print(f"{method}: deletion {deleted}; like shuffled weights {about['randomised_correlation']}")
    complete, changes = result["completeness"], result["changes"]
    print(f"integrated gradients within 1 %: {complete['within_one_percent']:.2%} of {complete['n']:,}")
    found = ", ".join(f"{name} {about['found']:.0%}" for name, about in changes.items())
    print(f"changes found: {found}")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

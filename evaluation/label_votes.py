"""What label_noise.py counts: which labels M models doubt, by their probabilities (M, N, 10) of N digits."""

import numpy as np

from digits.trust import metrics

REJECTED = [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]
"""MNIST's test digits whose label fewer than three of five people chose, from mturk/mnist_mturk.json of
github.com/cleanlab/label-errors."""
ALL = 10_000
"""How many test digits MNIST has."""


def families_of(configs: dict[str, dict]) -> np.ndarray:
    """Return a number (M,) for each model, the same for those that learnt from one another.

    Args:
        configs: by name from the models' cards; `base` and `teachers` name whom a model learnt from.
    """
    names = list(configs)
    family = np.arange(len(names))
    for child, config in enumerate(configs.values()):
        for parent in (config.get("base"), *config.get("teachers", ())):
            if parent in names:
                family[family == family[child]] = family[names.index(parent)]
    return family


def opinion(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the digit that speaks most against each label (N,), its mean probability (N,), and which models
    read it (M, N), from the probabilities (M, N, 10) of M models."""
    means = probabilities.mean(axis=0)
    means[np.arange(len(labels)), labels] = -1
    other = means.argmax(axis=1)
    return other, means.max(axis=1), probabilities.argmax(axis=2) == other


def doubted(probabilities: np.ndarray, labels: np.ndarray, family: np.ndarray, least: float) -> np.ndarray:
    """Return the rows (K,) of digits whose label is doubted, the surest first.

    Args:
        probabilities: (M, N, 10) of M models, calibrated.
        labels: (N,).
        family: (M,) numbers; two families have to agree, unless there is but one.
        least: mean probability of the other digit, over all models.
    """
    _, mean, agree = opinion(probabilities, labels)
    known = np.unique(family)
    agreeing = sum(agree[family == number].any(axis=0).astype(int) for number in known)
    enough = (agree.sum(axis=0) > len(agree) / 2) & (agreeing >= min(2, len(known)))
    rows = np.flatnonzero(enough & (mean >= least))
    return rows[np.argsort(-mean[rows], kind="stable")]


def describe(rows: np.ndarray, names: list[str], probabilities: np.ndarray, labels: np.ndarray) -> list[dict]:
    """Return for each of the rows (K,) its number, label and other digit, and what every model says."""
    other, mean, agree = opinion(probabilities, labels)
    people = rejected(labels)
    of_label = probabilities.mean(axis=0)[np.arange(len(labels)), labels]
    return [
        {
            "index": int(i),
            "label": int(labels[i]),
            "read_as": int(other[i]),
            "agree": int(agree[:, i].sum()),
            "confidence": round(float(mean[i]), 4),
            "confidence_of_label": round(float(of_label[i]), 4),
            "says": {
                name: {"digit": int(said.argmax()), "confidence": round(float(said.max()), 4)}
                for name, said in zip(names, probabilities[:, i], strict=True)
            },
            "rejected_by_people": int(i) in people if people else None,
        }
        for i in rows
    ]


def rejected(labels: np.ndarray) -> list[int]:
    """Return the test digits whose label people rejected; none where the labels (N,) are not MNIST's."""
    return REJECTED if len(labels) == ALL else []


def without(right: np.ndarray, rows: np.ndarray) -> dict:
    """Return n, accuracy, its interval and errors of answers (N,) bool, leaving out the rows (K,)."""
    kept = np.delete(right, rows)
    return metrics.share_right(int(kept.sum()), len(kept)) | {"errors": int((~kept).sum())}


def judge(
    number: int, probabilities: np.ndarray, labels: np.ndarray, family: np.ndarray, least: float
) -> dict:
    """Return the accuracy of one model with all digits and without those doubted; see `doubted`."""
    right, others = probabilities[number].argmax(axis=1) == labels, family != family[number]
    rows = doubted(probabilities, labels, family, least)
    found = {"all": without(right, rows[:0]), "without_doubted": without(right, rows)}
    if others.any():
        rows = doubted(probabilities[others], labels, family[others], least)
        found |= {"doubted_by_others": rows.tolist(), "without_doubted_by_others": without(right, rows)}
    if people := rejected(labels):
        found["without_rejected_by_people"] = without(right, np.array(people))
    return found

"""Keep what a model makes of some digits beside it, so that a new digit can be held against them.

    python -m evaluation.build_index                        # all models with a card, a minute or two each
    python -m evaluation.build_index --model my_model       # any one, foreign ones too

Writes models/<name>.index.npz, at most 2 MB: training digits with pictures and features, among which
neighbours are sought, and test digits with their places on two maps, PCA and t-SNE. Training digits are
chosen so that few stand for all: typical ones of every way of writing, and borderline ones; test digits at
random, as many of each class. Nothing is learnt from test digits but where t-SNE draws them. The file says
how well it works, judged on validation digits: how often the nearest neighbour has their label, and how well
the maps place them. Of a model of letters it holds digits alone.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tyro

from digits import config, experiment, metrics
from digits.config import CLASSES
from digits.data.mnist import load_arrays, split_indices
from digits.data.mnist_test import load_test
from digits.explain import feature_index, neighbours
from digits.explain.feature_index import Index
from digits.files import sha256
from digits.models import checkpoints
from digits.models.alphabet import DIGITS
from digits.models.representation import Representation, unit
from digits.preprocessing.frame import as_batch

BORDERLINE = 0.25
"""Share of the chosen that nearly had another answer: they show where two digits meet."""

PERPLEXITY = 30
"""Of t-SNE: about so many neighbours it keeps together."""

PLACES = {"pca": neighbours.place_pca, "tsne": neighbours.place_tsne}

PICTURE = 200  # bytes of a compressed picture, generously
OTHERS = 30  # bytes of all else that is kept of a digit

WIDEST = 4096
"""Features of a model whose index is made in a gigabyte or two."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Make the index of digits that a model's neighbours and maps are taken from."""

    model: str | None = None
    """A name in models/, or the path of a .keras file (None: all in models/ that have a card)."""
    digits: int = 2000
    """Training digits to keep; less where a model has so many features that the file would be too large."""
    map_digits: int = 1500
    """Test digits on the maps; less in the same case."""
    seed: int = 1
    """Start of every random choice."""

    def __post_init__(self):
        config.check("--digits", self.digits, self.digits >= 40, "40 or more")
        config.check("--map-digits", self.map_digits, self.map_digits >= CLASSES, f"{CLASSES} or more")
        config.check("--seed", self.seed, 0 <= self.seed < 2**32, "0 to 4294967295")

    def fitting(self, width: int) -> tuple[int, int]:
        """Return how many training and test digits to keep where each has `width` features."""
        bytes_ = self.digits * (PICTURE + OTHERS + width) + self.map_digits * (OTHERS + width)
        share = min(1.0, 0.95 * feature_index.LARGEST / bytes_)
        return int(share * self.digits), int(share * self.map_digits)


class DigitReader(Representation):
    """Of a model of letters its features, and the logits (N, 10) of its digits: an index has no letters.

    Raises:
        ValueError: it does not read all digits.
    """

    def __init__(self, model: Any, labels: Sequence[str]):
        super().__init__(model)
        if missing := "".join(one for one in DIGITS if one not in labels):
            raise ValueError(f"The model does not read {missing}; expected all digits: an index is of these.")
        self._columns = [labels.index(one) for one in DIGITS]

    def __call__(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        features, logits = super().__call__(frames)
        return features, logits[:, self._columns]


def ask(read: Representation, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the directions of the features (N, D) and the logits (N, 10) of images (N, 28, 28) uint8."""
    features, logits = read(as_batch(images))
    return unit(features), logits


def some(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Return the places of `n` digits at random, as many of each class as there are and as that gives."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    return np.sort(np.concatenate([shuffled[labels[shuffled] == d][: n // CLASSES] for d in range(CLASSES)]))


def make(read: Representation, about: dict, settings: Settings) -> Index:
    """Return the index of a model, from MNIST's training and test digits."""
    images, labels = load_arrays("train")
    numbers = split_indices(labels)[0]
    width = ask(read, images[:1])[0].shape[1]
    config.check(
        "The number of features", width, width <= WIDEST, f"up to {WIDEST}: all digits must fit into memory"
    )
    features, logits = ask(read, images[numbers])
    n, m = settings.fitting(features.shape[1])
    kept, borderline = choose(features, labels[numbers], logits, n, settings.seed)
    middle, axes, shares = fit_axes(features)
    test_images, test_labels = load_test()
    shown = some(test_labels, m, settings.seed)
    seen, answers = ask(read, test_images[shown])
    return Index(
        about=about | {"pca_shares": shares.round(4).tolist()},
        features=features[kept],
        labels=labels[numbers[kept]].astype(np.uint8),
        numbers=numbers[kept].astype(np.int32),
        borderline=borderline,
        pictures=images[numbers[kept]],
        map_features=seen,
        map_labels=test_labels[shown].astype(np.uint8),
        map_answers=answers.argmax(axis=1).astype(np.uint8),
        map_numbers=shown.astype(np.int32),
        pca=((seen - middle) @ axes.T).astype(np.float32),
        tsne=lay_out(seen, settings.seed),
        pca_mean=middle.astype(np.float32),
        pca_axes=axes,
    )


def choose(
    features: np.ndarray, labels: np.ndarray, logits: np.ndarray, n: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Choose digits that stand for all.

    Of each class, a quarter are those whose label the network reads with the least margin over the next; so
    digits that it misreads, whose labels are often wrong, are not among them. The rest are nearest to the
    centres of as many k-means clusters of the others.

    Args:
        features: (N, D) float32 of length 1.
        labels: (N,).
        logits: (N, 10).
        n: how many to choose, as many of each class; a few less where two centres share their nearest digit.
        seed: of the clustering.

    Returns:
        Places (n,) in ascending order, and which of them are borderline, (n,) bool.

    Raises:
        ValueError: `n` does not give every class one of each kind.
    """
    each, close = n // CLASSES, round(BORDERLINE * (n // CLASSES))
    if close < 1 or each < 2:
        raise ValueError(f"{n} digits to choose; expected {4 * CLASSES} or more.")
    margin = margins(logits, labels)
    typical, borderline = [], []
    for digit in range(CLASSES):
        own = np.flatnonzero(labels == digit)
        right = own[margin[own] > 0]
        borderline.append(right[np.argsort(margin[right], kind="stable")[:close]])
        others = np.setdiff1d(own, borderline[-1])
        typical.append(others[_central(features[others], each - close, seed)])
    places = np.concatenate([*typical, *borderline])
    is_borderline = np.arange(len(places)) >= sum(map(len, typical))
    order = np.argsort(places)
    return places[order], is_borderline[order]


def margins(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return by how much the logit of the label is above the largest other one, (N,); below 0 if misread."""
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, labels] = -np.inf
    return logits[rows, labels] - others.max(axis=1)


def _central(features: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Return the places of the digits nearest to the centres of clusters, each once."""
    from sklearn.cluster import MiniBatchKMeans  # late: only the making of an index needs it

    if clusters >= len(features):
        return np.arange(len(features))
    means = MiniBatchKMeans(clusters, random_state=seed, n_init=1, max_iter=20).fit(features)
    return np.unique(means.transform(features).argmin(axis=0))


def fit_axes(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the middle (D,), the two main axes (2, D) and their shares (2,) of the variance.

    Args:
        features: (N, D) of length 1. Axes point so that their largest number is above 0.
    """
    middle = features.mean(axis=0)
    rest = features - middle
    variances, axes = np.linalg.eigh(rest.T @ rest)  # ascending
    main = axes.T[:-3:-1]
    signs = np.sign(main[np.arange(len(main)), np.abs(main).argmax(axis=1)])
    return middle, (main * signs[:, None]).astype(np.float32), variances[:-3:-1] / variances.sum()


def lay_out(features: np.ndarray, seed: int) -> np.ndarray:
    """Return places (M, 2) float32 in [-1, 1] for features (M, D) of length 1, by t-SNE.

    Between vectors of length 1, Euclidean distances are in the order of cosine distances.
    """
    from sklearn.manifold import TSNE  # late: it takes a second, and only the making of an index needs it

    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    found = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(features)
    found -= (found.max(axis=0) + found.min(axis=0)) / 2
    return (found / max(1e-9, np.abs(found).max())).astype(np.float32)


def judge(index: Index, features: np.ndarray, logits: np.ndarray, labels: np.ndarray) -> dict:
    """Return how good neighbours and maps are.

    Args:
        index: before it is written.
        features: (N, D) float32 of length 1, of validation digits.
        logits: (N, 10) of the same.
        labels: (N,) of the same.

    Returns:
        `usual_distances` from the nearest neighbour, at `neighbours.SHARES` of the digits, and `measured`:
        how often the nearest has their label and the network's answer, how many of the ten nearest stay the
        same when features are kept as bytes, and how often the nearest digit on a map has their label.
    """
    scale = feature_index.scale_of(index)
    known = feature_index.decode(feature_index.encode(index.features, *scale), *scale)
    true, stored = (1 - features @ directions.T for directions in (index.features, known))
    near = index.labels[stored.argmin(axis=1)]
    on_maps = {
        name: float((labels_near(index, name, place, features) == labels).mean())
        for name, place in PLACES.items()
    }
    return {
        "usual_distances": np.quantile(stored.min(axis=1), neighbours.SHARES).round(6).tolist(),
        "measured": {
            "data": "MNIST validation",
            "nearest_has_label": metrics.share_right(int((near == labels).sum()), len(labels)),
            "nearest_has_answer": round(float((near == logits.argmax(axis=1)).mean()), 5),
            "ten_nearest_kept": round(overlap(true, stored, 10), 4),
            "nearest_on_map_has_label": {name: round(share, 4) for name, share in on_maps.items()},
        },
    }


def overlap(first: np.ndarray, second: np.ndarray, n: int) -> float:
    """Return the mean share of the `n` least of each row that two tables (N, K) have in common."""
    least = [np.argpartition(table, n - 1, axis=1)[:, :n] for table in (first, second)]
    return float(np.mean([len(np.intersect1d(*rows)) / n for rows in zip(*least, strict=True)]))


def labels_near(index: Index, name: str, place: Callable, features: np.ndarray) -> np.ndarray:
    """Return the labels (N,) of the digits of a map that are nearest to where features (N, D) are placed."""
    spots = [place(index, row) for row in features]
    points = np.array([(spot.x, spot.y) for spot in spots], np.float32)
    away = ((points[:, None] - getattr(index, name)) ** 2).sum(axis=-1)
    return index.map_labels[away.argmin(axis=1)]


def main(settings: Settings) -> None:
    """For each model: ask, choose, lay out, judge, write, print."""
    from digits.train.trainer import MNIST  # late: it brings Keras, and a wrong flag should not wait for that

    paths = [checkpoints.find(settings.model)] if settings.model else []
    paths = paths or [entry.path for entry in checkpoints.entries() if entry.card]
    config.check("--model", settings.model, bool(paths), "a name where no model in models/ has a card")
    for path in paths:
        model, card = checkpoints.load(path)
        read = DigitReader(model, card.labels if card else DIGITS)
        about = {
            "model": path.stem,
            "sha256": sha256(path),
            "layer": read.layer,
            "data": [MNIST],
            "seed": settings.seed,
            "created": config.now(),
            "versions": config.versions(),
        }
        index = make(read, about, settings)
        images, labels = load_arrays("train")
        held = split_indices(labels)[1]
        index.about.update(judge(index, *ask(read, images[held]), labels[held]))
        size = feature_index.write(index, feature_index.beside(path))
        print(
            f"{path.stem}: {len(index.labels):,} training and {len(index.map_labels):,} test digits, "
            f"{index.features.shape[1]} features, {size / 1e6:.2f} MB"
        )
        print(json.dumps(index.about["measured"], indent=2))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

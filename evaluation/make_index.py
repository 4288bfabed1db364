"""Keep what a model makes of some digits beside it, so that a new digit can be held against them.

    python evaluation/make_index.py                        # all models with a card, a minute or two each
    python evaluation/make_index.py --model my_model       # any one, foreign ones too

Writes models/<name>.index.npz, at most 2 MB: training digits with pictures and features, among which
neighbours are sought, and test digits with their places on two maps, PCA and t-SNE. Training digits are
chosen so that few stand for all (digits.insight.prototypes); test digits at random, as many of each class.
Nothing is learnt from test digits but where t-SNE draws them. The file says how well it works, judged on
validation digits: how often the nearest neighbour has their label, and how well the maps place them.
"""

from dataclasses import dataclass

import index_scores
import numpy as np
import tyro

from digits import runs
from digits.contract import CLASSES
from digits.data.frames import as_batch
from digits.data.mnist import load_arrays, split_indices
from digits.data.mnist_test import load_test
from digits.files import sha256
from digits.insight import feature_index, feature_map, prototypes
from digits.insight.feature_index import Index
from digits.insight.features import FeatureReader, unit
from digits.network import checkpoints

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
        runs.check("--digits", self.digits, self.digits >= 40, "40 or more")
        runs.check("--map-digits", self.map_digits, self.map_digits >= CLASSES, f"{CLASSES} or more")
        runs.check("--seed", self.seed, 0 <= self.seed < 2**32, "0 to 4294967295")

    def fitting(self, width: int) -> tuple[int, int]:
        """Return how many training and test digits to keep where each has `width` features."""
        bytes_ = self.digits * (PICTURE + OTHERS + width) + self.map_digits * (OTHERS + width)
        share = min(1.0, 0.95 * feature_index.LARGEST / bytes_)
        return int(share * self.digits), int(share * self.map_digits)


def ask(read: FeatureReader, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the directions of the features (N, D) and the logits (N, 10) of images (N, 28, 28) uint8."""
    features, logits = read(as_batch(images))
    return unit(features), logits


def some(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Return the places of `n` digits at random, as many of each class as there are and as that gives."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    return np.sort(np.concatenate([shuffled[labels[shuffled] == d][: n // CLASSES] for d in range(CLASSES)]))


def make(read: FeatureReader, about: dict, settings: Settings) -> Index:
    """Return the index of a model, from MNIST's training and test digits."""
    images, labels = load_arrays("train")
    numbers = split_indices(labels)[0]
    width = ask(read, images[:1])[0].shape[1]
    runs.check(
        "The number of features", width, width <= WIDEST, f"up to {WIDEST}: all digits must fit into memory"
    )
    features, logits = ask(read, images[numbers])
    n, m = settings.fitting(features.shape[1])
    kept, borderline = prototypes.choose(features, labels[numbers], logits, n, settings.seed)
    middle, axes, shares = feature_map.fit_axes(features)
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
        tsne=feature_map.lay_out(seen, settings.seed),
        pca_mean=middle.astype(np.float32),
        pca_axes=axes,
    )


def held_out(read: FeatureReader) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what `ask` says to the validation digits, and their labels."""
    images, labels = load_arrays("train")
    _, held = split_indices(labels)
    return *ask(read, images[held]), labels[held]


def main(settings: Settings) -> None:
    """For each model: ask, choose, lay out, judge, write, print."""
    from digits.trainer import MNIST  # late: it brings Keras, and a wrong flag should not wait for that

    paths = [checkpoints.find(settings.model)] if settings.model else []
    paths = paths or [entry.path for entry in checkpoints.entries() if entry.card]
    runs.check("--model", settings.model, bool(paths), "a name where no model in models/ has a card")
    for path in paths:
        read = FeatureReader(checkpoints.load(path)[0])
        about = {
            "model": path.stem,
            "sha256": sha256(path),
            "layer": read.layer,
            "data": [MNIST],
            "seed": settings.seed,
            "created": runs.now(),
            "versions": runs.versions(),
        }
        index = make(read, about, settings)
        index.about.update(index_scores.judge(index, *held_out(read)))
        size = feature_index.write(index, feature_index.beside(path))
        print(
            f"{path.stem}: {len(index.labels):,} training and {len(index.map_labels):,} test digits, "
            f"{index.features.shape[1]} features, {size / 1e6:.2f} MB"
        )
        print(f"  {index_scores.words(index.about['measured'])}")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))

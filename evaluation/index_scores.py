"""How good an index of digits is: whether neighbours and maps agree with labels and with the network."""

from collections.abc import Callable

import numpy as np

from digits.insight import feature_index, feature_map, neighbours
from digits.insight.feature_index import Index
from digits.trust import metrics

PLACES = {"pca": feature_map.place_pca, "tsne": feature_map.place_tsne}


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


def words(measured: dict) -> str:
    """Return the figures of `judge` in a line."""
    near, maps = measured["nearest_has_label"], measured["nearest_on_map_has_label"]
    return (
        f"of {near['n']:,} validation digits the nearest has the label of {near['accuracy']:.2%} and the "
        f"answer of {measured['nearest_has_answer']:.2%}; as bytes {measured['ten_nearest_kept']:.1%} of ten "
        f"neighbours stay; on the maps the nearest has the label of {maps['pca']:.1%} (PCA), "
        f"{maps['tsne']:.1%} (t-SNE)"
    )


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

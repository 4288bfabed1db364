"""A hand-made index of digits with two features."""

import numpy as np

from digits.explain.feature_index import Index

ANGLES = np.deg2rad([0, 30, 60, 90, 180])
DIRECTIONS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)
LABELS = np.array([1, 1, 7, 4, 7], np.uint8)


def index(**changes) -> Index:
    """Return five training digits at 0, 30, 60, 90 and 180 degrees, labelled 1, 1, 7, 4 and 7; the same five
    are on the map, in the corners and the middle of a square by t-SNE; PCA only swaps the two features."""
    digits = {
        "about": {
            "model": "tiny",
            "sha256": "a" * 64,
            "layer": "features",
            "data": [],
            "usual_distances": np.linspace(0, 0.2, 21).tolist(),
        },
        "features": DIRECTIONS,
        "labels": LABELS,
        "numbers": np.arange(10, 15, dtype=np.int32),
        "borderline": np.array([False, True, False, False, True]),
        "pictures": np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8),
        "map_features": DIRECTIONS,
        "map_labels": LABELS,
        "map_answers": LABELS,
        "map_numbers": np.arange(5, dtype=np.int32),
        "pca": DIRECTIONS[:, ::-1],
        "tsne": np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [0, 0]], np.float32),
        "pca_mean": np.zeros(2, np.float32),
        "pca_axes": np.array([[0, 1], [1, 0]], np.float32),
    }
    return Index(**digits | changes)

"""A store in a temporary folder, and digits to put into it."""

import numpy as np
import pytest
from drawn_digits import drawn
from PIL import Image

from digits.data.collection.store import Store
from digits.preprocessing.lattice import frame_single


@pytest.fixture
def store(tmp_path):
    """Return an empty store."""
    return Store(tmp_path / "user")


@pytest.fixture
def keep(store):
    """Return what keeps a drawn digit in the store, as the pages do: keep(digit, place=50, label=digit)."""

    def add(digit, place=50, label=None, **about):
        picture = drawn(digit, place)
        about = {"origin": "draw"} | about
        return store.add(picture, frame_single(picture).framed, digit if label is None else label, **about)

    return add


@pytest.fixture
def seen():
    """Return what reads the frame of a sample, (28, 28) float32 in [0, 1], from its file."""
    return lambda sample: np.asarray(Image.open(sample.framed), np.float32) / 255

"""A store in a temporary folder, and digits to put into it."""

import pytest
from drawn_digits import drawn

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

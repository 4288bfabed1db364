"""What a model keeps of one hand: a memory beside the network, which is not changed.

An answer is the network's logits and the memory's votes: a second last layer on the network's features, small
and held back by MNIST's digits, that counts near the digits of that hand. Far from them it says nothing
(features of few digits beside a frozen network: Zhang et al., "Tip-Adapter",
2022, arXiv:2207.09519). `digits.train.memory` makes one; this needs NumPy alone.

`<name>.memory.npz` has the arrays of `Memory` and its card, `about`, as JSON.
"""

import json
import zipfile
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import CLASSES, FRAME_VERSION, check
from digits.files import atomic_path
from digits.models.card import LONGEST_TEXT
from digits.models.representation import unit
from digits.models.sandbox.container import plain

ENDING = ".memory.npz"

VERSION = 1
"""Raised whenever the file changes what it holds."""

MOST_KEYS = 10_000

WIDEST, DIRECTIONS = 4096, 512
"""Features of a network, and directions of them that are kept, at most."""

LARGEST = 2**25
"""Bytes that a file may have, packed or not."""

LOUDEST = 1e4
"""Votes of a key, at most: what a file says may be a lie."""


@dataclass(frozen=True)
class Said:
    """What is said to N frames."""

    logits: np.ndarray
    """(N, 10) float32, of the network: whether there is a digit at all, these tell."""
    votes: np.ndarray | None = None
    """(N, 10) float32, what a memory adds where one digit is told from another; None without one."""

    def __getitem__(self, which: Any) -> "Said":
        return Said(self.logits[which], None if self.votes is None else self.votes[which])

    @property
    def taught(self) -> np.ndarray:
        """Both together (N, 10)."""
        return self.logits if self.votes is None else self.logits + self.votes


@dataclass(frozen=True)
class Memory:
    """Digits of one hand in the feature space of one network."""

    about: dict[str, Any]
    """`name` of the hand, `model`, `sha256` of its .keras file, `frame_version`, `version`, `created`,
    `counts` of own digits by class, the `weight` of each and the `reach`, as chosen."""
    labels: np.ndarray
    """(n,) uint8, of own digits."""
    keys: np.ndarray
    """(n, P) float32, where they are."""
    weights: np.ndarray
    """(P, 10) float32, what votes are made of."""
    mean: np.ndarray
    """(D,) float32, the middle of features of length 1."""
    axes: np.ndarray
    """(D, P) float32, the directions of them that keys have."""

    def __post_init__(self) -> None:
        n, (d, p) = len(self.labels), self.axes.shape
        shapes = {"keys": (n, p), "weights": (p, CLASSES), "mean": (d,)}
        for name, expected in shapes.items():
            shape = getattr(self, name).shape
            check(f"The shape of {name} in the memory", shape, shape == expected, str(expected))
        check("The number of keys", n, n <= MOST_KEYS, f"{MOST_KEYS:,} at most")
        check("The number of features", d, 1 <= p <= DIRECTIONS and d <= WIDEST, f"1 to {WIDEST:,}")

    def __len__(self) -> int:
        """Return how many own digits it has."""
        return len(self.labels)

    @property
    def name(self) -> str:
        """Of the hand."""
        return str(self.about["name"])

    @property
    def sha256(self) -> str:
        """Of the .keras file of its model."""
        return str(self.about["sha256"])

    def votes(self, features: np.ndarray) -> np.ndarray:
        """Return what is added to the logits, (N, 10) float32, of frames with features (N, D).

        Exactly 0 where no own digit is within reach, and where nothing is kept.

        Raises:
            ValueError: the features are not of such a network.
        """
        d = len(self.mean)
        check("The shape of the features", features.shape, features.shape[1:] == (d,), f"(N, {d})")
        if not len(self):
            return np.zeros((len(features), CLASSES), np.float32)
        points = (unit(features) - self.mean) @ self.axes
        near = distances(points, self.keys, self._lengths).min(axis=1, keepdims=True)
        return points @ self.weights * gate(near, self.about["reach"])

    @cached_property
    def _lengths(self) -> np.ndarray:
        return (self.keys**2).sum(axis=1)

    def check_model(self, sha256: str, name: str) -> None:
        """Insist that it was made for the model whose .keras file has this SHA-256.

        Raises:
            ValueError: it was made for another.
        """
        if sha256 != self.sha256:
            raise ValueError(
                f"The memory {plain(self.name, 80)} was made for {plain(self.about['model'], 80)} as it was; "
                f"expected one for {name}: learn the digits again."
            )

    def save(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            ValueError: `load` would refuse its card, e.g. the name; one sentence.
        """
        _check_about(self.about)
        arrays = {of.name: getattr(self, of.name) for of in fields(Memory)[1:]}
        about = np.array(json.dumps(self.about, ensure_ascii=False))
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, about=about, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Memory":
        """Read one, which may come from anywhere.

        Raises:
            ValueError: it cannot be read, is no memory, too large, or made for another way of framing; one
                sentence.
        """
        path = Path(path)
        names = [of.name for of in fields(cls)]
        try:
            _check_size(path)
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in names}
            about = json.loads(str(arrays.pop("about")))
        except Exception as error:  # NumPy, zipfile, zlib and JSON raise many kinds
            said = f" ({plain(error)})" if isinstance(error, ValueError) and "bytes" in str(error) else ""
            raise ValueError(f"{plain(path.name, 80)} cannot be read as a memory of a hand{said}.") from error
        try:
            _check_about(about)
            return cls(about, **_checked(arrays))
        except ValueError as error:
            raise ValueError(f"{plain(path.name, 80)}: {error}") from None


def distances(points: np.ndarray, keys: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
    """Return how far points (N, P) are from keys (K, P), (N, K) float32; `lengths` are the squares (K,) of
    the keys' lengths."""
    lengths = (keys**2).sum(axis=1) if lengths is None else lengths
    squares = (points**2).sum(axis=1)[:, None] + lengths - 2 * points @ keys.T
    return np.sqrt(np.maximum(squares, 0))


def gate(near: np.ndarray, reach: float) -> np.ndarray:
    """Return what votes count whose nearest own digit is so far away: all up to half the reach, then less and
    less, and from the reach on exactly nothing."""
    return np.clip(2 - near * np.float32(2 / reach), 0, 1)


def _check_size(path: Path) -> None:
    """Refuse what would take much room, before any of it is unpacked."""
    size = path.stat().st_size
    if size <= LARGEST:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    if size > LARGEST:
        raise ValueError(f"it has {size:,} bytes; expected at most {LARGEST:,}")


def _check_about(about: Any) -> None:
    if not isinstance(about, dict):
        raise ValueError("Its card is no object; expected names and values.")
    for name in ("name", "model", "sha256", "created"):
        value = about.get(name)
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
            raise ValueError(f"Its card has {name} = {plain(repr(value), 80)}; expected a text of one line.")
    if not about["name"].strip():
        raise ValueError(f"Its card has name = {about['name'][:80]!r}; expected one of a letter or more.")
    for name, least, words in (("weight", 0, "of 0 or more"), ("reach", 1e-6, "above 0")):
        value = about.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= 1e6:
            raise ValueError(f"Its card has {name} = {plain(repr(value), 80)}; expected a number {words}.")
    if about.get("version") != VERSION:
        raise ValueError(f"A memory of version {plain(repr(about.get('version')), 80)}; expected {VERSION}.")
    if about.get("frame_version") != FRAME_VERSION:
        raise ValueError(
            f"Made for frame version {plain(repr(about.get('frame_version')), 80)}; "
            f"expected {FRAME_VERSION}: learn the digits again."
        )


def _checked(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return arrays as a memory has them."""
    dimensions = {"labels": 1, "keys": 2, "weights": 2, "mean": 1, "axes": 2}
    for name, array in arrays.items():
        kind = np.uint8 if name == "labels" else np.float32
        check(f"The kind of {name}", f"{array.dtype} {array.shape}",
              array.dtype == kind and array.ndim == dimensions[name],
              f"{dimensions[name]} dimensions of {np.dtype(kind).name}")  # fmt: skip
        top = float(np.abs(array).max(initial=0))
        most = CLASSES - 1 if name == "labels" else LOUDEST
        check(f"The largest of {name}", top, top <= most, f"at most {most:g}")  # false for NaN
    return arrays

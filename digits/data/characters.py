"""Letters and digits of many hands as frames, with the places of their labels in an alphabet.

Sites are what the source of a strokes file begins with, up to a slash; what follows names the writer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits.config import SIDE
from digits.data.handwriting import to_uint8
from digits.data.strokes import StrokeSet, draw_anyhow, draw_somewhere, join, load_strokes, restyle
from digits.models import alphabet
from digits.preprocessing.frame import frame, is_blob

RESTYLED = 0.2
"""Share of the drawings of digits that are written as some people do and few of a data set."""


@dataclass(frozen=True)
class Characters:
    """Strokes whose labels are in an alphabet."""

    strokes: StrokeSet
    places: np.ndarray
    """(N,) int64, of the labels in the alphabet."""

    def __len__(self) -> int:
        return len(self.places)

    @property
    def sites(self) -> np.ndarray:
        """(N,) str, who collected each."""
        return site_of(self.strokes.source)

    def part(self, chosen: np.ndarray) -> "Characters":
        """Return those where `chosen` (N,) is true."""
        return Characters(self.strokes.chosen(chosen), self.places[chosen])

    def of(self, sites: Sequence[str]) -> "Characters":
        """Return those of some sites.

        Raises:
            ValueError: one that is not there.
        """
        known = sorted(set(self.sites.tolist()))
        if unknown := [site for site in sites if site not in known]:
            raise ValueError(f"Site {unknown[0]!r} does not occur; expected some of: {', '.join(known)}.")
        return self.part(np.isin(self.sites, list(sites)))

    def drawn(
        self, rng: np.random.Generator, anyhow: bool = True, joined: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw each once, on a canvas or in any way there is, `joined` of the small letters as in a word.

        Returns:
            Frames (M, 28, 28) uint8, and which (M,) of these are shown: blots are left out.
        """
        frames = np.empty((len(self), SIDE, SIDE), np.uint8)
        rows: list[int] = []
        for row in range(len(self)):
            sample, label = self.strokes[row], str(self.strokes.labels[row])
            if anyhow and label in alphabet.DIGITS and rng.random() < RESTYLED:
                sample = restyle(sample, int(label), rng)
            elif label.islower() and rng.random() < joined:
                sample = join(sample, rng)
            ink = (draw_anyhow if anyhow else draw_somewhere)(sample, rng).astype(np.float32) / 255
            if not is_blob(ink):
                frames[len(rows)] = to_uint8(frame(ink))
                rows.append(row)
        return frames[: len(rows)], np.array(rows, np.int64)


def site_of(sources: np.ndarray) -> np.ndarray:
    """Return the sites (N,) of sources (N,), e.g. of "kai/jhkim"."""
    return np.array([source.partition("/")[0] for source in sources.astype(str)])


def load_characters(path: Path, labels: Sequence[str]) -> Characters:
    """Read a strokes file; what is not in the alphabet is left out.

    Raises:
        ValueError: no strokes file, or nothing of the alphabet in it.
    """
    strokes = load_strokes(path)
    found = [alphabet.index(labels, str(label)) for label in strokes.labels]
    known = np.array([place is not None for place in found])
    if not known.any():
        raise ValueError(f"{path} has none of {''.join(labels)[:80]}; expected digits or letters of these.")
    return Characters(strokes.chosen(known), np.array([place for place in found if place is not None]))

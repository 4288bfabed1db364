"""What the finder saw on a picture, drawn; of one digit on paper in words too,
and how surely it stands there."""

from collections import Counter
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import expit

from digits.models import glimpse
from digits.plots.text import listed, percent
from digits.preprocessing.decode import Picture, to_grey, to_working_size
from digits.preprocessing.finder import INKED, SURE, Centre, Seen, see, understand
from digits.preprocessing.lattice import find_hypotheses
from digits.preprocessing.layout import LEAST_INK

DRAWN = 420
"""Longer side of a drawing, in pixels; parts of a large picture are drawn as it was seen."""

TITLE = "Ink that the finder sees, a colour for each thing it parts"
"""Of `draw_parts`."""

RING, CROSS = (255, 130, 0), (60, 150, 255)
"""RGB of a digit's centre and of another one: told apart by colour-blind people too, and by their form."""

THIN = 3
"""Pixels of a mark's line; its rim, dark or light, is seen on any paper."""

PARTED = ((240, 140, 38), (64, 153, 242), (89, 204, 102), (230, 102, 191), (242, 217, 77), (102, 204, 217))
"""RGB of the ink of one centre after the other, in turn."""

NOBODYS = (90, 90, 90)
"""RGB of ink that belongs to none."""

NAMES = {"point": "point", "comma": "comma", "dash": "dash", "other": "piece of other writing"}
"""What the finder may see in place of a digit, in words."""


@dataclass(frozen=True)
class Finding:
    """What the finder makes of a picture of one digit."""

    seen: Seen
    chance: float
    """Probability that any digit stands there, in [0, 1]."""


def find(image: Picture) -> Finding | None:
    """Return what the finder sees on a picture, or None of a drawing, whose ink is plain.

    Raises:
        ValueError: see `Recognizer.read_digit`.
    """
    _, screen, shown = find_hypotheses(image)
    if screen:
        return None
    return Finding(
        understand(shown[len(shown) // 2]), float(expit(-glimpse.silence(glimpse.read(shown[None])[0])))
    )


def see_number(image: Picture) -> Seen:
    """Return what the finder sees on a picture of a number.

    Raises:
        ValueError: see `Recognizer.read_number`.
    """
    return see(*to_working_size(to_grey(image)))


def draw_centres(seen: Seen) -> np.ndarray:
    """Draw on the picture where the finder saw centres: a ring for a digit, as wide and as high as that is,
    and a cross for whatever else; the fainter the less sure it is. Returns (h, w, 3) uint8 RGB."""
    grey, factor = _sized(seen.grey, DRAWN)
    drawn = np.repeat(255 * np.clip(grey, 0, 1)[..., None], 3, axis=2).astype(np.float32)
    for centre in reversed(seen.centres):  # the surest on top
        marked = drawn.copy()
        _mark(marked, centre, factor, (255, 255, 255) if np.median(grey) < 0.5 else (0, 0, 0), THIN + 2)
        _mark(marked, centre, factor, RING if centre.kind == "digit" else CROSS, THIN)
        drawn += centre.chance * (marked - drawn)
    return np.round(drawn).astype(np.uint8)


def draw_parts(seen: Seen) -> np.ndarray:
    """Draw the ink that the finder sees, a colour for each centre it belongs to and another for those around,
    `NOBODYS` for ink of none: (h, w, 3) uint8 RGB."""
    places = np.array([(0.0, 0.0), *((one.x, one.y) for one in seen.centres)])
    painted = np.full((len(places), 3), NOBODYS, np.float32)
    colours: dict[int, int] = {}
    inked = np.setdiff1d(seen.owner[seen.ink > INKED], [0])
    for i in inked[np.argsort(places[inked, 0])].tolist():
        there = np.array([*colours], int)
        near = there[np.argsort(np.hypot(*(places[there] - places[i]).T))[: len(PARTED) - 1]]
        colours[i] = min(set(range(len(PARTED))) - {colours[k] for k in near.tolist()})
        painted[i] = PARTED[colours[i]]
    drawn, _ = _sized(painted[seen.owner] * seen.ink[..., None], max(DRAWN, *seen.ink.shape))
    return np.clip(np.round(drawn), 0, 255).astype(np.uint8)


def draw_number(image: Picture) -> np.ndarray | None:
    """Draw the parts of a picture of a number, see `draw_parts`; None where the finder sees no ink.

    Raises:
        ValueError: see `Recognizer.read_number`.
    """
    seen = see_number(image)
    return draw_parts(seen) if _most_ink(seen) >= LEAST_INK else None


def in_words(found: Finding) -> list[str]:
    """Say in sentences what the finder saw, or why it saw nothing."""
    most = _most_ink(found.seen)
    if most < LEAST_INK:
        return [f"The finder saw no ink of writing: at no point is it surer of that than {percent(most)}."]
    chance = percent(found.chance)
    said = [f"The glimpse reader, which looks at the picture itself, gives a digit a chance of {chance}."]
    others = Counter(NAMES[one.kind] for one in found.seen.centres if one.kind in NAMES and one.chance > SURE)
    return [*said, f"For no digit it took {_counted(others)}."] if others else said


def _most_ink(seen: Seen) -> float:
    return float(seen.ink.max(initial=0))


def _sized(picture: np.ndarray, longest: int) -> tuple[np.ndarray, float]:
    """Return a picture at a size of which the longer side has so many pixels, and by what it was enlarged."""
    factor = longest / max(picture.shape[:2])
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=method), factor


def _mark(picture: np.ndarray, centre: Centre, factor: float, colour: tuple[int, ...], width: int) -> None:
    middle = (round(centre.x * factor), round(centre.y * factor))
    if centre.kind == "digit":
        axes = (round(centre.width * factor / 2), round(centre.height * factor / 2))
        cv2.ellipse(picture, middle, axes, 0, 0, 360, colour, width, cv2.LINE_AA)
        cv2.circle(picture, middle, width, colour, cv2.FILLED, cv2.LINE_AA)
    else:
        cv2.drawMarker(picture, middle, colour, cv2.MARKER_TILTED_CROSS, 20, width, cv2.LINE_AA)


def _counted(counts: Counter) -> str:
    """Return things with their number, e.g. "a point and 2 commas"."""
    plural = {"piece of other writing": "pieces of other writing", "dash": "dashes"}
    parts = [
        f"{number} {plural.get(name, name + 's')}" if number > 1 else f"a {name}"
        for name, number in counts.items()
    ]
    return listed(parts)

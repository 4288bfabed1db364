"""What the finder network sees on a picture: ink, centres of digits and signs, and which ink is whose.

The picture is brought to a size at which writing is as high as the network knows it best, and evened in light
and contrast; a second look at another size follows where the first one finds writing of another height, or
nothing sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from digits.models import finder
from digits.models.finder import KINDS, REACH, STRIDE, USUAL
from digits.models.networks import GLIMPSE, STRONGEST, TOGETHER

WINDOW, FLOOR = 65, 0.02
"""A point is evened by the brightness and contrast of surroundings so wide, of which contrast under the
second is plain paper."""

LOWEST = 64
"""Shorter side, in points, at which a picture of a number is first looked at: the finder takes strokes for
digits where these are far too large, and sees none where they are small."""

FITTING = 20.0, 42.0
"""Writing of another height than between these is looked at again at another size."""

LOOKS, FINER, LEAST_CHANGE = 5, 2.0, 1.2
"""A picture is looked at so often at most; so much finer where nothing was seen; and never changed by
less."""

MOST = 1_500_000
"""Points of a picture that are looked at, at most."""

INKED = 0.25
"""More ink than this at a point belongs to some centre, if any is near."""

SEEN, SURE, CERTAIN = 0.06, 0.5, 0.95
"""The least probability of a centre that is considered, of one that is plainly there, and of one by whose
size a picture is not looked at again."""

RATHER = 2.5
"""So much, in nats, what may be a digit is one rather on a picture of a number than in the scenes that the
finder learns from, where much else is written (Saerens et al., "Adjusting the Outputs of a Classifier to New
a Priori Probabilities", 2002). Chosen on half of the real amounts."""

VIEWS = 1.2, 1.3, 1.4
"""Of a digit on paper so much is shown in each view, with its surroundings: so many times as large as it. The
mean of several is steadier than one."""

AROUND = VIEWS[1]
"""So much of any other single thing."""

SAME = 0.35
"""Two peaks so near, in widths and heights of the likelier one, are of the same thing."""

PEAKS = 3000
"""So many peaks at most are looked at, the likeliest: noise has far more."""

NEAREST = 8
"""Centres among which that of some ink is looked for."""

FAR = 0.7
"""Ink whose centre is farther from every one that was seen, in heights of it, is nobody's: of a neighbour
that the picture's edge cuts off."""


@dataclass(frozen=True)
class Centre:
    """The middle of something written."""

    kind: str
    """One of `KINDS`."""
    chance: float
    """Probability that something is written around it."""
    digit: float
    """Probability that it is a digit."""
    x: float
    y: float
    width: float
    height: float
    """All four in points."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height, in points."""
        left, top = round(self.x - self.width / 2), round(self.y - self.height / 2)
        return left, top, round(self.width), round(self.height)


@dataclass(frozen=True)
class Seen:
    """What the finder sees on a picture."""

    grey: np.ndarray
    """(h, w) float32 in [0, 1], the picture as it was looked at."""
    ink: np.ndarray
    """(h, w) float32 in [0, 1], what was written, ink bright."""
    owner: np.ndarray
    """(h, w) int32: to which centre each point's ink belongs, counted from 1; 0 for none."""
    centres: list[Centre]
    scale: float
    """How many pixels of the picture a point spans."""

    @cached_property
    def regions(self) -> list[tuple[slice, slice] | None]:
        """Where the ink of each centre stands, rows and columns; None where it has none."""
        from scipy.ndimage import find_objects  # late: a drawing is read without, and should not wait for it

        owned = np.where(self.ink > INKED, self.owner, 0)
        return find_objects(owned, len(self.centres)) if self.centres else []


def see(grey: np.ndarray, scale: float = 1.0) -> Seen:
    """Look at a picture of numbers.

    Args:
        grey: (H, W) float32 in [0, 1].
        scale: how many pixels of the picture that was given each of its pixels spans.
    """
    tried = [LOWEST / min(grey.shape)]
    (last,) = see_at([grey], tried)
    best = last
    while len(tried) < LOOKS and (factor := _better(last, tried)):
        tried.append(factor)
        (last,) = see_at([grey], [factor])
        best = max(best, last, key=_trust)  # the earlier one where both are trusted alike
    return replace(best, scale=best.scale * scale)


def glimpse(grey: np.ndarray, box: tuple[int, int, int, int], around: float = AROUND) -> np.ndarray:
    """Return what is to be shown of something in a box (left, top, width, height) of a picture (H,
    W) float32 in [0, 1], and of its surroundings: (64, 64, 2); `around` is how many times as large as it."""
    x, y, w, h = box
    reach, (middle, centre) = around * max(w, h, 4) / 2, (x + w / 2, y + h / 2)
    left, top = max(0, round(middle - reach)), max(0, round(centre - reach))
    part = grey[top : max(top + 1, round(centre + reach)), left : max(left + 1, round(middle + reach))]
    part = resized(part, GLIMPSE / max(part.shape))
    shown = np.zeros((GLIMPSE, GLIMPSE, 2), np.float32)
    shown[: part.shape[0], : part.shape[1]] = np.stack([even(part), np.ones_like(part)], axis=-1)
    return shown


def understand(shown: np.ndarray) -> Seen:
    """Return what the finder sees on a glimpse (64, 64, 2); its picture is without light and contrast."""
    inside = shown[..., 1] > 0
    grey = shown[: inside.any(axis=1).sum(), : inside.any(axis=0).sum(), 0] / (2 * STRONGEST) + 0.5
    (ink,), (maps,), *_ = finder.look(shown[None])
    return _understood(grey, ink, maps, 1.0)


def evenness(grey: np.ndarray) -> float:
    """Return the share of the points of a picture (H, W) float32 in [0, 1] that are as grey as those around:
    nearly all on a screen, the fewer the more grain a paper has."""
    coarse = cv2.convertScaleAbs(grey, alpha=255)
    return float(np.count_nonzero(coarse == cv2.medianBlur(coarse, 3)) / coarse.size)


def even(grey: np.ndarray) -> np.ndarray:
    """Return a picture (H, W) float32 in [0, 1] without its light and contrast, (H, W) float32."""
    mean = cv2.blur(grey, (WINDOW, WINDOW), borderType=cv2.BORDER_REPLICATE)
    square = cv2.blur(grey * grey, (WINDOW, WINDOW), borderType=cv2.BORDER_REPLICATE)
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    return np.clip((grey - mean) / (spread + FLOOR), -STRONGEST, STRONGEST)


def _better(seen: Seen, tried: list[float]) -> float:
    """Return by what factor to look at a picture again that was last seen so, other than those tried; 0 for
    not at all."""
    factor = 1 / seen.scale
    heights = [one.height for one in seen.centres if one.chance > CERTAIN and one.kind in ("digit", "other")]
    usual = float(np.median(heights)) if heights else 0.0
    if FITTING[0] <= usual <= FITTING[1]:
        return 0.0
    # Nothing is gained by more points than the picture has, unless it is tiny.
    finest = max(1.0, LOWEST / min(seen.grey.shape) * factor)
    better = min(
        factor * (USUAL / usual if usual else FINER), finest, factor * np.sqrt(MOST / seen.grey.size)
    )
    better = max(better, STRIDE / min(seen.grey.shape) * factor)  # no side is squeezed flat
    near = min(abs(np.log(better / factor)) for factor in tried)
    return better if near > np.log(LEAST_CHANGE) else 0.0


def _trust(seen: Seen) -> float:
    return sum(centre.digit for centre in seen.centres if centre.digit > SURE)


def see_at(pictures: Sequence[np.ndarray], factors: Sequence[float]) -> list[Seen]:
    """Look at each picture at a size; small ones of one size together."""
    sized = list(map(resized, pictures, factors))
    shapes: dict[tuple[int, ...], list[int]] = {}
    for i, grey in enumerate(sized):
        shapes.setdefault(tuple(-(-side // STRIDE) * STRIDE for side in grey.shape), []).append(i)
    found: dict[int, Seen] = {}
    for (height, width), members in shapes.items():
        for first in range(0, len(members), TOGETHER):
            some = members[first : first + TOGETHER]
            shown = np.zeros((len(some), height, width, 2), np.float32)
            for row, i in zip(shown, some, strict=True):
                h, w = sized[i].shape
                row[:h, :w, 0], row[:h, :w, 1] = even(sized[i]), 1
            inks, maps, *_ = finder.look(shown)
            for i, ink, seen in zip(some, inks, maps, strict=True):
                found[i] = _understood(sized[i], ink, seen, pictures[i].shape[0] / sized[i].shape[0])
    return [found[i] for i in range(len(sized))]


def resized(grey: np.ndarray, factor: float) -> np.ndarray:
    """Return a picture (H, W) float32 at so many times its size, no side under `STRIDE`."""
    if factor == 1:
        return grey
    height, width = (max(STRIDE, round(side * factor)) for side in grey.shape)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(grey, (width, height), interpolation=method)


def _understood(grey: np.ndarray, ink: np.ndarray, maps: np.ndarray, scale: float) -> Seen:
    """Make centres and shares of the ink out of the network's answer to one picture."""
    height, width = grey.shape
    ink = _sigmoid(ink[:height, :width])
    centres = _centres(maps[: (height + 1) // 2, : (width + 1) // 2])
    return Seen(grey, ink, _owner(ink, maps, centres), centres, scale)


def _centres(maps: np.ndarray) -> list[Centre]:
    """Return the peaks of the heat maps, the most certain first, one for each thing."""
    wide = [KINDS.index("digit"), KINDS.index("other")]  # signs are as small as what would smooth them
    heat = _sigmoid(maps[..., : len(KINDS)] + RATHER * (np.arange(len(KINDS)) == wide[0]))
    heat[..., wide] = cv2.blur(heat[..., wide], (3, 3))
    best = heat.max(axis=2)
    peaks = np.argwhere((best >= cv2.dilate(best, np.ones((3, 3), np.uint8))) & (best > SEEN))
    centres: list[Centre] = []
    peaks = peaks[np.argsort(-best[tuple(peaks.T)], kind="stable")[:PEAKS]]
    taken = np.zeros((4, len(peaks)))  # where the centres are, and how far they reach
    for row, column in peaks.tolist():
        x, y = 2.0 * column + 1, 2.0 * row + 1
        left, top, reach, depth = taken[:, : len(centres)]
        if np.any(((x - left) / reach) ** 2 + ((y - top) / depth) ** 2 < 1):
            continue
        chances, (across, down) = heat[row, column], np.exp(np.clip(maps[row, column, -2:], -4, 4)) * USUAL
        kind = KINDS[int(chances.argmax())]
        taken[:, len(centres)] = x, y, SAME * across + 2, SAME * down + 2
        chance, digit = float(best[row, column]), float(chances[0])
        centres.append(Centre(kind, chance, digit, x, y, float(across), float(down)))
    return centres


def _owner(ink: np.ndarray, maps: np.ndarray, centres: list[Centre]) -> np.ndarray:
    """Return to which centre each point's ink belongs: that nearest to where its offset points."""
    (height, width), (rows, columns) = ink.shape, maps.shape[:2]
    owner = np.zeros((rows, columns), np.int32)
    inked = np.pad(ink, ((0, 2 * rows - height), (0, 2 * columns - width))) > INKED
    places = np.argwhere(inked[0::2, 0::2] | inked[1::2, 0::2] | inked[0::2, 1::2] | inked[1::2, 1::2])
    if len(places) and centres:
        y, x = places.T
        offsets = REACH * maps[y, x, len(KINDS) : len(KINDS) + 2]
        there = 2 * x + 1 + offsets[:, 0], 2 * y + 1 + offsets[:, 1]
        from scipy.spatial import cKDTree  # late, as above

        # Of thousands of centres on a page only some are near: to compare all would take gigabytes.
        some = min(NEAREST, len(centres))
        near = cKDTree([(c.x, c.y) for c in centres]).query(np.stack(there, axis=1), [*range(1, some + 1)])
        size = np.array([max(c.height, c.width, USUAL / 4) for c in centres])
        far = near[0] / size[near[1]]
        best = far.argmin(axis=1)[:, None]
        nearest = np.take_along_axis(near[1], best, 1)[:, 0] + 1
        owner[y, x] = np.where(np.take_along_axis(far, best, 1)[:, 0] < FAR, nearest, 0)
    return owner.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))

"""Marks that OpenCV's ArUco finder knows apart (Garrido-Jurado et al., 2014), printed in the corners of a
form: from their corners follows the view, whatever else is on the paper."""

from collections.abc import Mapping

import cv2
import numpy as np

DICTIONARY = cv2.aruco.DICT_5X5_50
"""Fifty marks of 5 x 5 bits, of which no two are alike in fewer than eight bits."""

SEARCH_SIDES = (1600, 3200)
"""Longer side in pixels of the photo on which marks are looked for; if some are missing, on the larger."""

ENOUGH, LEAST_MARKS = 4, 3
"""Marks of a form, and how many of them must be seen."""


def mark_bits(number: int) -> np.ndarray:
    """Return what a mark looks like, (7, 7) bool, True where it is black: five bits and a black rim."""
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    return cv2.aruco.generateImageMarker(dictionary, number, dictionary.markerSize + 2) == 0


def find_marks(grey: np.ndarray) -> dict[int, list[np.ndarray]]:
    """Return the corners (4, 2) of all marks on a photo, in its pixels, by their numbers."""
    wanted = cv2.aruco.DetectorParameters()
    wanted.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    wanted.minMarkerPerimeterRate = 0.02
    finder = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(DICTIONARY), wanted)
    found: dict[int, list[np.ndarray]] = {}
    for side in SEARCH_SIDES:
        factor = min(1.0, side / max(grey.shape))
        small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        quads, numbers, _ = finder.detectMarkers(small)
        again: dict[int, list[np.ndarray]] = {}
        for quad, number in zip(quads, np.ravel(numbers) if len(quads) else [], strict=True):
            again.setdefault(int(number), []).append(_refined(grey, (quad[0] + 0.5) / factor - 0.5))
        found = max(found, again, key=len)
        if len(found) >= ENOUGH or factor == 1.0:
            break
    return found


def _refined(grey: np.ndarray, quad: np.ndarray) -> np.ndarray:
    """Return corners (4, 2) found on a reduced photo to a part of a pixel of the photo itself."""
    reach = int(np.clip(shortest_side(quad) / 14, 2, 12))  # half a bit of the mark
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.01)
    points = quad.astype(np.float32).reshape(-1, 1, 2)
    return cv2.cornerSubPix(grey, points, (reach, reach), (-1, -1), stop).reshape(4, 2)


def view_by_marks(known: Mapping[int, np.ndarray], seen: Mapping[int, np.ndarray]) -> np.ndarray:
    """Return the homography (3, 3) from where the corners (4, 2) of marks are to where they are seen, by the
    numbers of the marks that both have, one at least."""
    both = [number for number in known if number in seen]
    here, there = (np.concatenate([some[number] for number in both]) for some in (known, seen))
    return np.asarray(cv2.findHomography(here, there)[0])


def shortest_side(quad: np.ndarray) -> float:
    """Return the length of the shortest side of a mark (4, 2)."""
    return np.hypot(*(quad - np.roll(quad, 1, axis=0)).T).min()

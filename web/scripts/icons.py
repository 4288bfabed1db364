"""Draw the page's icons: python web/scripts/icons.py

A seven in two strokes on the colour of the app, as SVG and, for phones, as PNG; the digit keeps clear of the
rim, which some phones round off.
"""

from pathlib import Path

import cv2
import numpy as np

PUBLIC = Path(__file__).resolve().parents[1] / "public" / "icons"
GROUND, INK = "#4f46e5", "#ffffff"
SEVEN = [(0.33, 0.3), (0.67, 0.3), (0.46, 0.73)]
BAR = [(0.4, 0.52), (0.64, 0.52)]
PEN = 0.085
FINE = 4


def svg() -> str:
    """Return the icon as SVG."""
    lines = " ".join("M" + "L".join(f"{100 * x:g} {100 * y:g}" for x, y in line) for line in (SEVEN, BAR))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" rx="22" fill="{GROUND}"/>'
        f'<path d="{lines}" fill="none" stroke="{INK}" stroke-width="{100 * PEN:g}" '
        f'stroke-linecap="round" stroke-linejoin="round"/></svg>\n'
    )


def png(side: int) -> np.ndarray:
    """Return the icon as (side, side, 3) uint8 BGR."""
    ground, ink = ([int(colour[i : i + 2], 16) for i in (5, 3, 1)] for colour in (GROUND, INK))
    image = np.full((side * FINE, side * FINE, 3), ground, np.uint8)
    for line in (SEVEN, BAR):
        points = np.round(np.array(line) * side * FINE).astype(np.int32)
        cv2.polylines(image, [points], False, ink, round(PEN * side * FINE))
        for point in points:
            cv2.circle(image, point.tolist(), round(PEN * side * FINE / 2), ink, cv2.FILLED)
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


def main() -> None:
    """Write all icons."""
    PUBLIC.mkdir(parents=True, exist_ok=True)
    (PUBLIC / "icon.svg").write_text(svg(), encoding="utf-8")
    for side in (192, 512):
        (PUBLIC / f"icon-{side}.png").write_bytes(cv2.imencode(".png", png(side))[1].tobytes())


if __name__ == "__main__":
    main()

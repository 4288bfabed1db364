"""Draw the golden canvases and record how they are framed: python tests/golden/make.py

Only after a deliberate change of the framing (raise FRAME_VERSION) - the tests hold the road to these files.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from handwriting import strokes  # noqa: E402

from digits.data.strokes import draw  # noqa: E402
from digits.preprocessing.decode import open_picture  # noqa: E402
from digits.preprocessing.lattice import frame_single  # noqa: E402

# digit: size, left, top, brush, dark canvas
CANVASES = {
    0: (200, 40, 40, 18, True),
    1: (180, 50, 60, 12, False),
    2: (90, 170, 20, 10, True),
    3: (230, 25, 25, 30, False),
    4: (120, 20, 140, 26, True),
    5: (200, 40, 40, 6, False),
    6: (150, 110, 100, 16, True),
    7: (70, 200, 200, 8, False),
    8: (240, 20, 20, 40, True),
    9: (170, 0, 50, 20, False),
}


def main() -> None:
    """Write one PNG per digit, and golden.json."""
    records = []
    for digit, (size, left, top, brush, dark) in CANVASES.items():
        canvas = draw(strokes(digit, size, left, top), 280, brush)
        file = HERE / f"{digit}.png"
        Image.fromarray(canvas if dark else 255 - canvas).save(file)
        framed = frame_single(open_picture(file)).framed
        records.append(
            {"file": file.name, "label": digit, "frame": np.round(framed * 255).astype(int).ravel().tolist()}
        )
    (HERE / "golden.json").write_text(json.dumps(records) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

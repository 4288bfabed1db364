"""How long a fresh process takes until it is of use: the import, and `python -m digits read`."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from digits.config import ROOT

ASKED = {"import_seconds": 0.3, "read_seconds": 2.5}
"""At most, on two cores: `import digits`, and `read` of one picture with an export beside the model."""

IMPORT = "import time; begin = time.perf_counter(); import digits; print(time.perf_counter() - begin)"


def start_seconds(model: Path, picture: np.ndarray, turns: int) -> dict[str, float]:
    """Return the medians of so many turns by the names in `ASKED`, and `read_tensorflow_seconds`.

    What Python itself needs to begin counts for `read`, and not for the import. The first turn of each, which
    may have to fetch files from the disk, does not count.

    Args:
        model: of a .keras file with an export beside it.
        picture: one digit, (H, W) uint8.
        turns: how often.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "digit.png"
        Image.fromarray(picture).save(file)
        bare = Path(folder) / model.name  # alone in a folder: nothing can answer in its place
        for part in (model, model.with_suffix(".json")):
            shutil.copy(part, bare.with_suffix(part.suffix))
        read = ["-m", "digits", "read", str(file), "--model"]
        return {
            "import_seconds": _median([float(_run("-c", IMPORT)[0]) for _ in range(turns + 1)]),
            "read_seconds": _median([_run(*read, str(model))[1] for _ in range(turns + 1)]),
            "read_tensorflow_seconds": _median([_run(*read, str(bare))[1] for _ in range(turns + 1)]),
        }


def _median(seconds: list[float]) -> float:
    return round(float(np.median(seconds[1:])), 3)


def _run(*arguments: str) -> tuple[str, float]:
    """Run Python; return what it printed, and the seconds it took."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, env=os.environ, check=False
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise ValueError(f"{' '.join(arguments[:3])} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout, seconds

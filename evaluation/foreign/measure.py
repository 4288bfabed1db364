"""Read models as people have them, the whole road: python -m evaluation.foreign.measure FOLDER ...

Each folder holds what `make.py` wrote under one TensorFlow. A model counts as legitimate where it reads nine
of ten test digits right when it is given what it was trained on, and as well read where the app, which is
told nothing, comes within half a point of that. Writes evaluation/results/foreign.json.
"""

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import results_dir
from digits.data.mnist_test import load_test
from digits.files import sha256, write_json
from digits.models.sandbox import gate
from digits.preprocessing.frame import as_batch
from digits.recognizer import Recognizer

LEAST, BEHIND = 0.9, 0.005
"""What makes a model legitimate, and how far behind its best it may be read."""


def main() -> None:
    """Measure all, print a line for each, and the sums."""
    images, labels = load_test()
    frames = as_batch(images)
    rows = [
        _row(path, frames, labels)
        for folder in map(Path, sys.argv[1:])
        for path in sorted(folder.iterdir())
        if path.suffix in gate.ENDINGS
    ]
    rows = [row for row in rows if row["best"] >= LEAST]
    accepted, well = (sum(row[key] for row in rows) for key in ("accepted", "well"))
    write_json(
        results_dir() / "foreign.json", {"n": len(rows), "accepted": accepted, "well": well, "rows": rows}
    )
    print(f"{len(rows)} legitimate models: {accepted} accepted, {well} within half a point of their best")
    print(Counter(row["form"] for row in rows))


def _row(path: Path, frames: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    told = json.loads(path.with_name(f"{path.name.split('.')[0]}.best").read_text())
    row = {"file": path.name, "tensorflow": told["tensorflow"], "best": told["best"]}
    row |= {"accepted": False, "well": False, "form": None, "right": None, "words": None}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        try:
            right = float((Recognizer.load(copy).probabilities(frames).argmax(axis=1) == labels).mean())
        except ValueError as refusal:
            row["words"] = str(refusal)
        else:
            found = gate.finding_of(sha256(copy))
            row |= {"accepted": True, "right": right, "well": right >= told["best"] - BEHIND}
            row["form"] = found and found.form
    print(row, flush=True)
    return row


if __name__ == "__main__":
    main()

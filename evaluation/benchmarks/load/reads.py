"""The reader alone, as bench_load.py starts it: `python -m load.reads PICTURES.npy WARM MORE`

Reads the canvases (N, 280, 280, 4) in turn, one at a time, and prints as JSON what stands under `headlines`
(what the app shall answer to each; None to one without ink) and how much memory it held after every 100.
"""

import json
import sys

import numpy as np

from digits import Reading, Recognizer
from digits.config import DEFAULT_MODEL
from digits.deploy import lite
from digits.models import checkpoints
from evaluation.benchmarks.load.scales import resident

EVERY = 100


def headline(reader: Recognizer, picture: np.ndarray, reading: Reading) -> str | None:
    """Return what the Draw page shows large."""
    if reading.status == "several":
        return reader.read_number(picture).text
    if reading.status == "blank":
        return None
    return "?" if reading.digit is None else str(reading.digit)


def main(path: str, warm: int, more: int) -> None:
    """Read and weigh."""
    pictures, reader = np.load(path), lite.load(checkpoints.find(DEFAULT_MODEL))
    headlines = [headline(reader, picture, reader.read_digit(picture)) for picture in pictures]
    reads, mib = [], []
    for number in range(1, warm + more + 1):
        reader.read_digit(pictures[number % len(pictures)])
        if number % EVERY == 0:
            reads.append(number)
            mib.append(resident())
    print(json.dumps({"headlines": headlines, "reads": reads, "mib": mib}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

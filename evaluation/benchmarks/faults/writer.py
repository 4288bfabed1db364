"""A process that keeps digits, puts some right, deletes some, and says so: writer.py FOLDER SEED

A line for each change that is done: the number of the digit, its label or `gone`, and what it may be next.
"""

import sys
from pathlib import Path

import numpy as np

from digits.data.collection.store import Store

store, rng = Store(Path(sys.argv[1])), np.random.default_rng(int(sys.argv[2]))
for i in range(100_000):
    label = i % 10
    later = "gone" if i % 5 == 4 else str((label + 1) % 10) if i % 3 == 1 else ""
    picture = rng.integers(0, 256, (24, 20), dtype=np.uint8)
    sample = store.add(picture, np.full((28, 28), label / 9), label, origin="guided")
    print(sample.id, label, later, flush=True)
    if later == "gone":
        store.delete(sample.id)
    elif later:
        store.relabel(sample.id, int(later))
    if later:
        print(sample.id, later, flush=True)

"""A process that keeps samples in a store and says so: python writer.py FOLDER SEED NUMBER [--change]

A line for each thing that is done: the number of the sample, its label, or `gone`, and with `--change`, which
relabels and deletes some samples, what it may be next. Files go to the disk in their own time: what a process
has written outlives it.
"""

import os
import sys
from pathlib import Path

import numpy as np

from digits.data.collection.store import Store

os.fsync = lambda handle: None
folder, seed, number = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store, rng = Store(folder), np.random.default_rng(seed)
for i in range(number):
    label, later = i % 10, ""
    if "--change" in sys.argv:
        later = "gone" if i % 5 == 4 else str((label + 1) % 10) if i % 3 == 1 else ""
    picture = rng.integers(0, 256, (24, 20), dtype=np.uint8)
    sample = store.add(picture, np.full((28, 28), i % 5 / 4), label, origin="guided")
    print(sample.id, label, later, flush=True)
    if later == "gone":
        store.delete(sample.id)
    elif later:
        store.relabel(sample.id, int(later))
    if later:
        print(sample.id, later, flush=True)

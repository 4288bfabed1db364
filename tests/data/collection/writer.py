"""A process that writes samples into a store and says so: python writer.py FOLDER SEED NUMBER

Files go to the disk in their own time: what a process has written outlives it.
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
    picture = rng.integers(0, 256, (24, 20), dtype=np.uint8)
    sample = store.add(picture, np.full((28, 28), i % 5 / 4), i % 10, origin="guided")
    sys.stdout.write(f"{sample.id} {sample.picture.name} {sample.label}\n")
    sys.stdout.flush()

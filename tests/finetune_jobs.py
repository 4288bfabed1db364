"""Stand-ins for the fine-tuning of a job: they write what it writes, at once, and end as they are told.

And what the true one needs: a model that has much to learn, and digits of one hand.
"""

import time
from pathlib import Path

import numpy as np
from handwriting import strokes

from digits.data.collection.store import Store
from digits.data.strokes import draw
from digits.files import write_json
from digits.preprocessing.lattice import frame_single
from digits.train.jobs import manager
from digits.train.jobs.state import State

SCRIPT = """
import json, os, sys, time
from pathlib import Path

from digits.files import write_json

end, folder = sys.argv[1], Path(sys.argv[2])
run = Path(os.environ["DIGITS_RUNS_DIR"], "finetune_on_custom-1")
run.mkdir(parents=True, exist_ok=True)
write_json(run / "args.json", {"epochs": 3})
states = run / "checkpoints" / "head"
states.mkdir(parents=True, exist_ok=True)
rows = [{"epoch": 1, "loss": 1, "accuracy": 0.5, "val_loss": 1, "val_accuracy": 0.6, "seconds": 2.0}]
write_json(states / "state.json", {"epoch": 1, "history": rows})
if end == "waits" and "--resume" not in sys.argv:
    time.sleep(600)
if end == "fails":
    raise ValueError("3.png is no picture.")
outcome = json.loads(Path(sys.argv[3]).read_text())
outcome["refusal"] = "It gained nothing." if end == "refused" else None
for name in ("taught.keras", "taught.json"):
    made = Path(sys.argv[3]).with_name(name)
    (folder / name).write_bytes(made.read_bytes() if made.exists() else b"model")
write_json(run / "outcome.json", outcome)
"""

OUTCOME = {
    "refusal": None,
    "out": "taught.keras",
    "seconds": 61.0,
    "counts": [5] * 10,
    "before": {"own": 0.7, "own_n": 10, "own_loss": 0.9, "mnist": 0.9971, "mnist_n": 6000},
    "after": {"own": 0.9, "own_n": 10, "own_loss": 0.3, "mnist": 0.9968, "mnist_n": 6000},
    "changed": [
        {"file": "own-1.png", "label": 4, "before": 9, "after": 4},
        {"file": "own-2.png", "label": 7, "before": 1, "after": 7},
        {"file": "own-3.png", "label": 8, "before": 8, "after": 3},
    ],
    "mnist_changed": {"mended": 3, "broken": 5},
}


def command(folder: Path, end: str):
    """Return a command for `manager.start`: a job that `waits`, `fails`, is `refused`, or `done` at once.

    It makes the model taught.keras that lies in `folder`, if there is one.
    """
    script = folder / "fake.py"
    script.write_text(SCRIPT)
    write_json(folder / "outcome.json", OUTCOME)
    return lambda job_folder, base, effort: [
        str(script),
        end,
        str(job_folder),
        str(folder / "outcome.json"),
    ]


def write_own(store: Store, number: int) -> Store:
    """Put `number` digits of each class into a collection; return it."""
    rng = np.random.default_rng(1)
    for label in range(10):
        for _ in range(number):
            pen = [stroke + rng.normal(0, 2, stroke.shape) for stroke in strokes(label, 180, 50, 50)]
            picture = 255 - draw(pen, 280, 18)
            store.add(picture, frame_single(picture).framed, label, origin="guided")
    return store


def write_base(data: Path, card, path: Path) -> None:
    """Write a small network that has learnt little: it can but gain, on own digits and on those of `data`."""
    import keras

    from digits.models import architectures, checkpoints

    keras.utils.set_random_seed(1)
    model = architectures.build("cnn", width=8, depth=1, dropout=0.0)
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    with np.load(data / "mnist.npz") as arrays:
        images, labels = arrays["x_train"], arrays["y_train"]
    model.fit(images[..., None].astype("float32") / 255, labels, epochs=2, batch_size=50, verbose=0)
    checkpoints.save(model, card, path)


def fill(folder: Path) -> None:
    """Write no digits."""
    folder.mkdir()


def start(folder: Path, end: str, fill=fill):
    """Start a job that ends as said."""
    return manager.start("base", "quick", fill, command(folder, end))


def ended(seconds: float = 30):
    """Wait for the end of the job; return it."""
    for _ in range(round(20 * seconds)):
        found = manager.look()
        if found.state is not State.RUNNING:
            return found
        time.sleep(0.05)
    raise AssertionError("The job runs on.")

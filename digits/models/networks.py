"""The networks beside the readers of digits, loaded once: as their light copy, where that can be run."""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from digits.config import ROOT, need

if TYPE_CHECKING:
    import numpy as np

NAMES = ("finder", "line", "glimpse")
"""Of their files in models/, which no reader may have."""

STRONGEST = 4.0
"""The pictures that they are shown are evened, up to this to either side of the grey around."""

TOGETHER = 8
"""So many pictures are shown to one of them at a time: as many as fit a processor's cache."""

GLIMPSE = 64
"""Points that a glimpse is wide and high."""

Look = Callable[["np.ndarray"], "list[np.ndarray]"]
"""What is shown to a network -> its outputs."""

_loading = threading.Lock()
_files: dict[str, Path] = {}


def load(name: str) -> Look:
    """Return the network of this name that comes with the project, loaded once.

    Raises:
        ValueError: its file is missing, or the package that it needs.
    """
    with _loading:
        return _load(name)


def use(name: str, path: Path) -> None:
    """Let this process ask another file, .keras or .tflite, e.g. to judge a network before it is shipped."""
    with _loading:
        _files[name] = path
        _load.cache_clear()


@cache
def _load(name: str) -> Look:
    from digits.models import runtimes  # late: what lists models needs none of this

    light = _files.get(name, ROOT / "models" / name).with_suffix(".tflite")
    return (
        _light(light) if light.exists() and runtimes.readable(light) else _whole(light.with_suffix(".keras"))
    )


def _light(path: Path) -> Look:
    own = threading.local()  # one interpreter has one set of buffers

    def look(shown: "np.ndarray") -> "list[np.ndarray]":
        """Ask this thread's interpreter."""
        if not hasattr(own, "run"):
            from ai_edge_litert.interpreter import Interpreter

            own.run = Interpreter(str(path), num_threads=1).get_signature_runner()
            (own.name,) = own.run.get_input_details()
        answer = own.run(**{own.name: shown})
        return [answer[key].copy() for key in sorted(answer)]

    return look


def _whole(path: Path) -> Look:
    if not path.exists():
        raise ValueError(f"{path} is missing: without it no number can be read; check the project out again.")
    need("keras", "export", "Reading numbers")
    import keras
    import numpy as np

    model = keras.models.load_model(path, compile=False)
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        call = tf.function(lambda shown: model(shown, training=False), reduce_retracing=True)
    else:
        call = model.predict_on_batch
    return lambda shown: [np.asarray(part) for part in keras.tree.flatten(call(shown))]

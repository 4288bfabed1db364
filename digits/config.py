"""Constants, folders and surroundings that all parts agree on. Standard library only: anything may import it.

A *frame* is what a network sees: (28, 28) float32 in [0, 1], bright ink on black, the digit's longer
side 20 pixels, its centre of mass in the middle - the convention of MNIST (LeCun et al., 1998).
"""

import faulthandler
import os
import platform
import sys
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

CLASSES = 10
"""The digits 0 to 9."""

OUTLIER = CLASSES
"""The label, in training only, of what is no digit."""

SIDE = 28
"""Width and height of a frame, in pixels."""

BOX = 20
"""Longer side of the digit inside a frame, in pixels."""

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".pdf"}
"""Endings of the files that are taken for pictures, or for documents of them."""

FRAME_VERSION = 1
"""Raised whenever `digits.preprocessing.frame` changes what a network sees."""

DEFAULT_MODEL = "handwriting"
"""The model in models/ that the app, the command line and `Recognizer.load()` start with."""

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


def models_dir() -> Path:
    """Return the folder of checkpoints: `DIGITS_MODELS_DIR`, else models/ in the checkout."""
    return Path(os.environ.get("DIGITS_MODELS_DIR") or ROOT / "models")


def runs_dir() -> Path:
    """Return the folder that collects training runs: `DIGITS_RUNS_DIR`, else runs/ in the checkout."""
    return Path(os.environ.get("DIGITS_RUNS_DIR") or ROOT / "runs")


def results_dir() -> Path:
    """Return the folder of evaluation results: `DIGITS_RESULTS_DIR`, else evaluation/results/."""
    return Path(os.environ.get("DIGITS_RESULTS_DIR") or ROOT / "evaluation" / "results")


def user_dir() -> Path:
    """Return the folder of people's own digits: `DIGITS_USER_DIR`, else user_data/ in the checkout."""
    return Path(os.environ.get("DIGITS_USER_DIR") or ROOT / "user_data")


def is_public() -> bool:
    """Return whether the app is open to all: `DIGITS_PUBLIC=1`. Then the disk keeps nothing of theirs."""
    return os.environ.get("DIGITS_PUBLIC", "0") not in ("", "0")


def data_dirs() -> list[Path]:
    """Return the folders searched for data, first match wins: `DIGITS_DATA_DIR`, then data/."""
    named = os.environ.get("DIGITS_DATA_DIR")
    return ([Path(named)] if named else []) + [ROOT / "data"]


def find_data(*parts: str) -> Path | None:
    """Return the first existing `parts` inside `data_dirs()`, or None.

    >>> find_data("handwriting", "no-such-file.npz") is None
    True
    """
    found = (folder.joinpath(*parts) for folder in data_dirs())
    return next((path for path in found if path.exists()), None)


def check(flag: str, value: object, good: bool, expected: str) -> None:
    """Raise a ValueError that names a flag, its value and what was expected, unless `good`."""
    if not good:
        raise ValueError(f"{flag} is {value}; expected {expected}.")


def check_least(settings: object, **least: int) -> None:
    """Raise a ValueError, see `check`, unless each named number of some settings is as large at least."""
    for name, bound in least.items():
        value = getattr(settings, name)
        check(f"--{name.replace('_', '-')}", value, value >= bound, f"{bound} or more")


def told(error: Exception) -> str:
    """Return an error as one sentence, also where the system's own is a riddle or a package is missing."""
    if isinstance(error, ModuleNotFoundError):
        return f"The package {error.name} is not installed; expected it (see README.md, Start)."
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)
    if not isinstance(error, OSError) or named is None:
        return str(error) or type(error).__name__
    known = {
        FileNotFoundError: f"There is no {named}.",
        IsADirectoryError: f"{named} is a folder; expected a file.",
        NotADirectoryError: f"{named} lies in what is no folder.",
        FileExistsError: f"{named} is there already, and is of another kind than expected.",
        PermissionError: f"{named} may not be read or written.",
    }
    return known.get(type(error), f"{named}: {error.strerror}.")


def mute_libraries() -> None:
    """Leave the standard error to Python, for good: libraries in C++ greet there, unasked.

    For a process of the project's own, at its very start: a descriptor belongs to all threads, and what
    others write while it leads elsewhere is lost. What Python says goes where it went, the last words of a
    crash too.
    """
    with suppress(OSError, AttributeError):  # there is none, e.g. under pythonw
        words = os.fdopen(
            os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"
        )
        silence(2)
        sys.stderr = words
        faulthandler.enable(words)


def silence(*streams: int) -> None:
    """Lead descriptors nowhere, for good; for a child process that has nothing to say, at its very start."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream)
    os.close(nowhere)


BY_HAND = {"tensorflowjs": "pip install --no-deps tensorflowjs==4.22.0"}
"""TF.js' converter pins half a dozen packages that it does not need here and that fight with ours."""


def need(module: str, extra: str, what: str) -> None:
    """Insist on a package of one of pyproject's extras, or of `BY_HAND`.

    Raises:
        ValueError: it is not installed; the message has the line that installs it.
    """
    if find_spec(module) is None:
        line = BY_HAND.get(module, f"pip install -e '.[{extra}]'")
        raise ValueError(f"{what} needs {module}, which is not installed: {line}")


BACKENDS = ("tensorflow", "jax")
"""What Keras may compute with here, by the names of their packages."""


def check_backend() -> None:
    """Insist on the backend of Keras that `KERAS_BACKEND` names.

    Raises:
        ValueError: it is none that this project is tried with, or its package is not installed.
    """
    chosen = os.environ.get("KERAS_BACKEND")
    if not chosen:  # then it is TensorFlow, and only needed by those who ask for it
        return
    check("KERAS_BACKEND", chosen, chosen in BACKENDS, " or ".join(BACKENDS))
    if find_spec(chosen) is None:
        raise ValueError(f"KERAS_BACKEND is {chosen}, which is not installed: pip install {chosen}")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages a result depends on, those installed."""
    found = {"python": platform.python_version()}
    for package in ("keras", "tensorflow", "tensorflow-cpu", "jax", "numpy", "scikit-learn"):
        with suppress(PackageNotFoundError):
            found[package.removesuffix("-cpu")] = version(package)
    return found


def hardware() -> str:
    """Return one line on the machine, e.g. "Linux x86_64, 2 cores", with its GPUs where JAX uses them."""
    line = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    devices = sys.modules["jax"].devices() if "jax" in sys.modules else []
    return ", ".join([line, *(d.device_kind for d in devices if d.platform != "cpu")])


def now() -> str:
    """Return the time in UTC to the second, ISO 8601."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()

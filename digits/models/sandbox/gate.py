"""The way in for every model file: what does not come through is not loaded.

Files are known by their SHA-256. Keras itself opens only what the project ships and what was made here; any
other file is made anew, of its plan and its weights. Those that have passed their trial need no other one.
The list of shipped files stands here, inside the package: one in models/ could be replaced by whoever can
put a model there. What passed is noted in the folder of the user's own data; a trial under another gate or
another Keras counts no more.
"""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from filelock import FileLock

from digits.config import is_public, models_dir, user_dir
from digits.files import read_json, sha256, write_json
from digits.models import alphabet
from digits.models.alphabet import DIGITS
from digits.models.card import Card
from digits.models.sandbox import build, container, description, outline, trial
from digits.models.sandbox.container import LARGEST_FILE, Refusal, plain
from digits.models.sandbox.inputs import Finding

if TYPE_CHECKING:
    import keras

SHIPPED = {
    "finder.keras": "3d7c433eabf4c0a83a976acb566056a80d7da31aad0b138d20b7a7af161bfcb1",
    "finder.tflite": "fa3a4a06fe2f2c97051e35204d4760052f9d4eca4f863b2835de0fedd8d70549",
    "glimpse.keras": "37e6b68a6dfc1f5f7755b84396959ae8cfb31a75ca734dd7dbb781d85ff56fa9",
    "glimpse.tflite": "fbd3303ff9bf1e19a57e5928bb2f2b0ba1f18cfedc1832202be61e05766cb349",
    "line.keras": "3edd327a3a48378a5bf86009145a6df114519831da415a2e86bddff1a4168362",
    "line.tflite": "a9449caab0cce9edd9a857312f084d0711e2a9608c2a571c857910cef384c5b2",
    "characters.keras": "b3fa1e6a45cdc14d5ee87c7d68281b0f85ecdb3f0d3f0a48e98c4f951a193c20",
    "characters.tflite": "5098b82654850bc4f5df26396ca9e5cab361b611036b3c75c295be598e387faa",
    "handwriting.keras": "1561fd936cf6a1b58a24e4f5926e0cc2e0ee4c3d9f9e8a2c137280f07d25c87e",
    "handwriting.tflite": "ad2fc67e44741fcbc92503837f443dabe5702b0fa1269b1b10bae80da3f05b77",
    "mnist_advanced.keras": "6ddd9f395d2bcaf790cdb557f62c6e245fb1f0903421b4f53e2d43c8f4293cd4",
    "mnist_advanced.tflite": "e88f6d8127627d0941602daab9ec4876cdca21879007224242c34b4a0faf40b3",
    "mnist_cnn.keras": "2b683ca763debaad56a2d8bf599cff428f64eb833c102b42957d537fac6c7e50",
    "mnist_cnn.tflite": "19358f0ff9439a2aee43fa03af2f00ecf7ee287a36226f65d7da1de37ab953d1",
    "mnist_plain.keras": "e5ef981414e3099102e406eb59a7fbcb08acd6b919bad5e7d5c14c5d76a97820",
    "mnist_plain.tflite": "7fb18d9eb0077cd5baf1254a0834922e5307755c525cd19b8010d88f28ed5712",
    "mnist_robust.keras": "281e9790564a70ef0a8749b5ecdd1854a5250c8ee5c38d8853c61838133d2a53",
    "mnist_robust.tflite": "c970cd310fd7a5b16786384d41549342c240586c82361e845750c4045764daf2",
    "mnist_tiny.keras": "0d9d5579c5afbaba35ad8f6a0d5811fd15994010e4f92a4ffc7ea00938061bfe",
    "mnist_tiny.tflite": "6c12498c350c2aa4de120da4db2ffaf3bb41d8af91f430797d15123ad816d037",
}
"""Models and exports that come with the project; a test holds it true."""

GATE = 2
"""Raised whenever the gate becomes stricter, so that all are tried again."""

MOST = 1000
"""Files remembered; the oldest are forgotten first."""

LONGEST_NAME = 40
"""Characters, without the ending."""

MOST_TRIES = 100
"""Numbers behind a name that is taken."""

ENDINGS = (".keras", ".h5", ".hdf5")
"""Of the files that may hold a model; what is inside is told by their first bytes."""

_here: set[str] = set()
"""What passed, or was made, in this process, where the folder cannot be written to."""

_made: set[str] = set()
"""What was made in this process."""

_found: dict[str, Finding] = {}
"""What trials of this process found, by SHA-256."""


class Loaded(NamedTuple):
    """A model out of a file."""

    model: "keras.Model"
    """As it is in the file; see `adapt`."""
    digest: str
    """SHA-256 of what was loaded."""
    finding: Finding | None
    """What its trial found of the frames that it expects; None of files that needed no trial."""
    parameters: int


def look(path: Path, labels: Sequence[str] = DIGITS) -> int:
    """Judge a file by what it says of itself; no part of it runs, and it takes milliseconds (of HDF5 a
    second).

    Args:
        path: of the file.
        labels: what its outputs stand for, by its card.

    Returns:
        How many parameters the model has.

    Raises:
        Refusal: it must not be loaded; one sentence, without the file's name.
        OSError: it cannot be read.
    """
    return _plan(path, labels).parameters


def _plan(path: Path, labels: Sequence[str]) -> outline.Plan:
    try:
        container.check(path)
        old = container.is_hdf5(path)
        text = trial.description(path) if old else container.read(path, "config.json")
        return outline.plan(description.parse(text), labels)
    except (Refusal, OSError):
        raise
    except Exception as error:  # zipfile and zlib raise many kinds; one bad file shall not end the app
        raise Refusal(f"It is damaged, or Keras did not write it ({type(error).__name__}).") from error


def examine(path: Path, labels: Sequence[str] = DIGITS) -> None:
    """Let a file that nobody else can change through all stages; `labels` as in `look`.

    The trial, which starts TensorFlow in another process, is for files that are not on the allowlist.

    Raises:
        Refusal: it must not be loaded; one sentence, without the file's name.
    """
    parameters, digest = look(path, labels), sha256(path)
    if not knows(digest):
        finding = trial.run(path, parameters, labels)
        if finding:
            _found[digest] = finding
        _note(digest, {"finding": finding and asdict(finding)})


def load(path: Path, labels: Sequence[str] = DIGITS) -> Loaded:
    """Load a model that comes through; what is not ours is made anew of its plan and its weights.

    Args:
        path: of the file.
        labels: as in `look`.

    Raises:
        ValueError: it must not be loaded, or cannot be read; one sentence that names the file.
    """
    with admitted(path, labels) as copy:
        digest = sha256(copy)
        try:
            return Loaded(*_model(copy, digest, labels))
        except Refusal as refusal:
            raise ValueError(f"{plain(path.name, 80)}: {refusal}") from None
        except Exception as error:  # Keras raises many kinds, from TypeError to BadZipFile
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ValueError(f"{plain(path.name, 80)}: Keras cannot load it ({plain(said)}).") from error


def _model(path: Path, digest: str, labels: Sequence[str]) -> "tuple[keras.Model, str, Finding | None, int]":
    if trusted(digest):
        import keras  # late: listing models needs no TensorFlow

        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        return model, digest, None, model.count_params()
    plan = _plan(path, labels)
    return build.build(plan, trial.weights(path, plan, labels)), digest, finding_of(digest), plan.parameters


@contextmanager
def admitted(path: Path, labels: Sequence[str] = DIGITS) -> Iterator[Path]:
    """Examine a file, and yield a copy for loading: what was judged is what is loaded. `labels` as in `look`.

    Raises:
        ValueError: it must not be loaded, or cannot be read; one sentence that names the file.
    """
    try:
        look(path, labels)  # before the copy, so that nothing endless is copied
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "model.keras"  # whichever kind it is
            shutil.copyfile(path, copy)
            examine(copy, labels)
            yield copy
    except Refusal as refusal:
        raise ValueError(f"{plain(path.name, 80)}: {refusal}") from None
    except OSError as error:  # it was taken away meanwhile, or there is no room for the copy
        raise ValueError(f"{plain(path.name, 80)} cannot be read: {plain(error)}.") from error


def take_in(file: BinaryIO, name: str, labels: Sequence[str] = DIGITS) -> Path:
    """Try an uploaded model and put it into models/.

    Args:
        file: its bytes.
        name: as it was called where it came from.
        labels: what its outputs stand for.

    Returns:
        Where it now is; the name is cleaned, and numbered where another model has it.

    Raises:
        ValueError: it must not be used, labels are none, or the app is public; one sentence.
    """
    if is_public():
        raise ValueError("This app is open to everyone, so it takes in no models.")
    labels = alphabet.checked(labels)
    folder = models_dir()
    folder.mkdir(parents=True, exist_ok=True)
    waiting = folder / f".tmp-{os.getpid()}-{os.urandom(4).hex()}.keras"
    try:
        with waiting.open("xb") as out:
            out.write(file.read(LARGEST_FILE + 1))
            os.fsync(out.fileno())
        try:
            examine(waiting, labels)
        except Refusal as refusal:
            raise ValueError(f"{plain(name, 80)}: {refusal}") from None
        given = sha256(waiting)
        for other in sorted(folder.glob("[!.]*.keras")):
            if other.is_file() and sha256(other) == given:
                raise ValueError(f"{plain(name, 80)} is here already, as {other.stem}: the same file.")
        path = _place(waiting, clean(name))
        digest = sha256(path)
        if finding_of(digest) or labels != DIGITS:
            write_card(path, digest, look(path, labels), labels)
        return path
    finally:
        waiting.unlink(missing_ok=True)


def write_card(path: Path, digest: str, parameters: int, labels: Sequence[str] = DIGITS) -> Card | None:
    """Write what the trial of a model in models/ found, and its labels, into a card beside it, unless there
    is one already that says more than these.

    Returns:
        The card, or None where there is one already, there is nothing to say, or it cannot be written.
    """
    finding, beside = finding_of(digest), path.with_suffix(".json")
    if (finding is None and tuple(labels) == DIGITS) or (
        beside.exists() and Card.bare_labels(beside) is None
    ):
        return None
    card = Card.of_untrusted(path.stem, digest, parameters, finding, labels)
    try:
        write_json(beside, card.as_dict())
    except OSError:  # a folder that is read only
        return None
    return card


def clean(name: str) -> str:
    """Return what of a file's name may be a model's: letters, digits, - and _, without the ending."""
    stem = re.split(r"[/\\]", name)[-1]
    stem = next((stem[: -len(ending)] for ending in ENDINGS if stem.lower().endswith(ending)), stem)
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_-")[:LONGEST_NAME] or "model"


def _place(path: Path, name: str) -> Path:
    """Give a file the first name that is free; capitals make no difference on Windows and macOS."""
    taken = {other.name.casefold() for other in path.parent.iterdir()}
    for number in range(1, MOST_TRIES + 1):
        target = path.with_name(f"{name}.keras" if number == 1 else f"{name}-{number}.keras")
        # A card without a model would speak for this one.
        if {target.name.casefold(), target.with_suffix(".json").name.casefold()} & taken:
            continue
        try:
            target.touch(exist_ok=False)
        except FileExistsError:  # by now
            continue
        return path.replace(target)
    raise ValueError(f"There are {MOST_TRIES} models called {name}; choose another name.")


def knows(digest: str) -> bool:
    """Tell whether the file with this SHA-256 needs no trial."""
    return digest in _here or digest in SHIPPED.values() or _noted_of(digest) is not None


def trusted(digest: str) -> bool:
    """Tell whether the file with this SHA-256 was made here, or ships with the project: Keras may open it."""
    if digest in _made or digest in SHIPPED.values():
        return True
    noted = _noted_of(digest)
    return noted is not None and noted.get("made") is True


def finding_of(digest: str) -> Finding | None:
    """Return what the trial of the file with this SHA-256 found, or None."""
    return _found.get(digest) or Finding.parse((_noted_of(digest) or {}).get("finding"))


def remember(digest: str) -> None:
    """Note that the file with this SHA-256 was made here: it needs no trial from now on."""
    _made.add(digest)
    _note(digest, {"made": True})


def _note(digest: str, what: dict[str, Any]) -> None:
    _here.add(digest)
    with contextlib.suppress(OSError):  # a folder that is read only costs a trial in each process
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".tmp-{path.name}.lock")):
            noted = _noted()
            noted.pop(digest, None)
            write_json(path, dict([*noted.items(), (digest, {"rules": _rules(), **what})][-MOST:]))


def _path() -> Path:
    return user_dir() / "models_passed.json"


def _noted_of(digest: str) -> dict[str, Any] | None:
    noted = _noted().get(digest)
    return noted if isinstance(noted, dict) and noted.get("rules") == _rules() else None


def _noted() -> dict[str, Any]:
    try:
        noted = read_json(_path())
    except (ValueError, OSError):  # none yet, or damaged: a trial more
        return {}
    return noted if isinstance(noted, dict) else {}


def _rules() -> str:
    return f"gate {GATE}, keras {version('keras')}"

"""The way in for every `.keras` file. What does not come through is not loaded."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digits.files import sha256
from digits.network.foreign import archive, description, outline, passed, trial
from digits.network.foreign.refusal import Refusal, plain


def look(path: Path) -> int:
    """Judge a file by what it says of itself; no part of it runs, and it takes milliseconds.

    Returns:
        How many parameters the model has.

    Raises:
        Refusal: it must not be loaded; one sentence, without the file's name.
        OSError: it cannot be read.
    """
    try:
        archive.check(path)
        return outline.parameters(description.parse(archive.read(path, "config.json")))
    except (Refusal, OSError):
        raise
    except Exception as error:  # zipfile and zlib raise many kinds; one bad file shall not end the app
        raise Refusal(f"It is damaged, or Keras did not write it ({type(error).__name__}).") from error


def examine(path: Path) -> None:
    """Let a file that nobody else can change through all stages.

    The trial, which starts TensorFlow in another process, is for files that `passed` does not know.

    Raises:
        Refusal: it must not be loaded; one sentence, without the file's name.
    """
    parameters, digest = look(path), sha256(path)
    if not passed.knows(digest):
        trial.run(path, parameters)
        passed.remember(digest)


@contextmanager
def admitted(path: Path) -> Iterator[Path]:
    """Examine a file, and yield a copy for loading: what was judged is what is loaded.

    Raises:
        ValueError: it must not be loaded, or cannot be read; one sentence that names the file.
    """
    try:
        look(path)  # before the copy, so that nothing endless is copied
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "model.keras"
            shutil.copyfile(path, copy)
            examine(copy)
            yield copy
    except Refusal as refusal:
        raise ValueError(f"{plain(path.name, 80)}: {refusal}") from None
    except OSError as error:  # it was taken away meanwhile, or there is no room for the copy
        raise ValueError(f"{plain(path.name, 80)} cannot be read: {plain(error)}.") from error

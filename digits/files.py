"""Files that are written whole or not at all, and read with one sentence for whatever is wrong with them."""

import errno
import hashlib
import json
import os
import secrets
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
"""A disk, or what one may have of it, is full."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which takes its place when the block ends well.

    The temporary name keeps the ending of `path`, since Keras and matplotlib choose formats by it, and is
    drawn by lot: of several that write the same file at once, in threads or processes, the last one wins, and
    who reads meanwhile gets one of them whole. A block that raises, or a process that is killed, leaves the
    old file as it was.
    """
    with atomic_paths(path) as (temporary,):
        yield temporary


@contextmanager
def atomic_paths(*paths: Path) -> Iterator[list[Path]]:
    """Yield a temporary path beside each of `paths`; see `atomic_path`.

    None takes its place before all are whole and safely on the disk: a full one takes all of them or none.
    """
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    temporaries = [temporary_path(path) for path in paths]
    with _named(paths[0]), ExitStack() as stack:
        for temporary in temporaries:
            stack.callback(temporary.unlink, missing_ok=True)
        yield temporaries
        for temporary in temporaries:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        for path, temporary in zip(paths, temporaries, strict=True):
            temporary.replace(path)


def temporary_path(path: Path) -> Path:
    """Return a name beside `path` that nobody else has, and that `sweep` knows."""
    return path.with_name(f".tmp-{os.getpid()}-{secrets.token_hex(8)}-{path.name}")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let a full disk say which file it has no room for: writing to an open file does not."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL and error.filename is None:
            error.filename = str(path)
        raise


def sweep(folder: Path, pattern: str = "**/.tmp-[0-9]*", older: float = 0.0) -> None:
    """Remove what killed processes left of files in `folder` that they were about to write.

    Args:
        folder: where to look.
        pattern: of the files' paths in it; all, in all folders.
        older: seconds since it was last written to; what is younger may be somebody's work.
    """
    with suppress(OSError):  # what cannot be removed, or is gone already, is no reason to fail
        for path in folder.glob(pattern):
            written = stamp(path)
            if written and time.time() - written[0] / 1e9 >= older and not path.is_dir():
                path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON to `path`, whole or not at all; paths become strings."""
    write_text(path, to_json(value))


def to_json(value: Any) -> str:
    """Return `value` as indented JSON; paths become strings."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        ValueError: the file is not JSON; the message names it.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not a JSON file: {error}.") from error


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is replaced, its time and size, or None where there is none."""
    found = _stat(path)
    return (found.st_mtime_ns, found.st_size) if found else None


def instance(path: Path) -> tuple[int, ...] | None:
    """Return what changes even when a file of the same time and size takes a file's place; see `stamp`.

    It changes without need too, e.g. with a file's rights: it is for what is kept in memory.
    """
    found = _stat(path)
    return (found.st_mtime_ns, found.st_size, found.st_ctime_ns, found.st_ino) if found else None


def _stat(path: Path) -> os.stat_result | None:
    try:  # one look: between two, others may take the file away
        return path.stat()
    except OSError:
        return None


def read_npz(path: Path, keys: tuple[str, ...]) -> "dict[str, np.ndarray]":
    """Return the arrays named `keys`; others in the file are not read.

    Raises:
        ValueError: not an .npz file, damaged, or without one of the arrays; the message names the file.
    """
    import numpy as np  # late: what lists models, as the app does first of all, needs no arrays

    try:
        with np.load(path, allow_pickle=False) as arrays:
            missing = [key for key in keys if key not in arrays]
            found = {} if missing else {key: arrays[key] for key in keys}
    except (OSError, EOFError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} cannot be read as an .npz file of arrays; expected {', '.join(keys)}."
        ) from error
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}; expected the arrays {', '.join(keys)}.")
    return found

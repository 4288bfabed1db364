"""One picture among many: its name, and how to get at it. It may cross over to another process or machine.

Packages that only this work needs.
"""

import io
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import IO, NamedTuple

from digits.config import SUFFIXES

LARGEST = 64 * 2**20
"""Bytes of one unpacked picture: an archive of a few kilobytes can claim to hold gigabytes."""

Opener = Callable[[], Path | IO[bytes]]
"""Returns where a picture's bytes are, or raises a ValueError that says in a sentence why there are none."""


class Item(NamedTuple):
    """A picture that was found, not yet opened."""

    source: str
    """The file or folder it was found in, as that was given."""
    key: str
    """Its name in there: only ever a name, nothing is unpacked onto the disk."""
    open: Opener
    carried: int = 0
    """Bytes that the opener itself holds, for want of a place to find them again."""


def is_wanted(path: PurePath, suffixes: set[str] = SUFFIXES) -> bool:
    """Tell whether a file has a picture's ending and is not hidden, as macOS' copies in archives are."""
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts)
    return path.suffix.lower() in suffixes and not hidden


def plain(name: str | Path) -> str:
    """Return a name that any terminal and file can bear: no control characters, no broken letters."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in str(name))


def limited(stream: IO[bytes], claimed: int, name: str) -> io.BytesIO:
    """Read a packed picture that is said to have so many bytes; return it as a file of that name.

    Raises:
        ValueError: it claims more than `LARGEST`.
    """
    if claimed > LARGEST:
        raise ValueError(
            f"{name}: {claimed / 2**20:,.0f} MB when unpacked; expected at most {LARGEST // 2**20}."
        )
    return given(stream.read(claimed + 1), name)  # never without a limit: a size is only a claim


def given(data: bytes, name: str) -> io.BytesIO:
    """Return bytes as a file of that name."""
    file = io.BytesIO(data)
    file.name = name
    return file


def fail(reason: str) -> IO[bytes]:
    """Raise the reason for which there is no picture."""
    raise ValueError(reason)


def need(module: str, extra: str, what: str) -> None:
    """Insist on a package.

    Raises:
        ValueError: it is not installed; the message has the line that installs it.
    """
    if find_spec(module) is None:
        raise ValueError(f"{what} needs {module}, which is not installed: pip install -e '.[{extra}]'")

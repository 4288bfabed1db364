"""The folder of picture files: two for each digit, written before its row and removed after it."""

import os
import time
from contextlib import suppress
from pathlib import Path

from digits.files import atomic_path

ENDINGS = (".png", "-28.png")
"""Of the original, and of what the model saw."""

SETTLED = 3600.0
"""Seconds after which a file without a row is nobody's, rather than one whose row is on its way."""


class PictureFolder:
    """Files by a stem, which belongs to one digit alone."""

    def __init__(self, folder: Path):
        self.folder = folder

    def paths(self, stem: str) -> tuple[Path, Path]:
        """Return the paths of the original and of what the model saw."""
        original, framed = (self.folder / f"{stem}{ending}" for ending in ENDINGS)
        return original, framed

    def write(self, stem: str, original: bytes, framed: bytes) -> None:
        """Write both files; when this returns they and their names are safely on the disk.

        Raises:
            ValueError: that cannot be done; one sentence that names the folder.
        """
        try:
            for path, data in zip(self.paths(stem), (original, framed), strict=True):
                with atomic_path(path) as temporary:
                    temporary.write_bytes(data)
        except OSError as error:
            with suppress(OSError):  # where nothing can be written, nothing can be removed
                self.remove(stem)
            raise ValueError(f"{self.folder} cannot be written: {error}.") from error
        with suppress(OSError, AttributeError):  # Windows knows no such thing, and needs none
            handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(handle)
            os.close(handle)

    def remove(self, stem: str) -> None:
        """Remove both files, if they are there."""
        for path in self.paths(stem):
            path.unlink(missing_ok=True)

    def settled(self, since: float) -> list[Path]:
        """Return the files that were written after `since`, in seconds since 1970, and before `SETTLED`."""
        until = time.time() - SETTLED
        return [path for path in self.folder.glob("*") if since <= _written(path) <= until]

    @staticmethod
    def stem(path: Path) -> str:
        """Return the stem that a file belongs to."""
        return path.name.removesuffix(".png").removesuffix("-28")


def _written(path: Path) -> float:
    with suppress(OSError):  # gone meanwhile
        return path.stat().st_mtime
    return 0.0

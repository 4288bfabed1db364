"""The collection of a person's own digits, by hand: tables in SQLite, and two PNG files for each digit.

    user_data/collection.sqlite
    user_data/pictures/<stem>.png, <stem>-28.png     the original, and what the model saw

Files come first, safely on the disk, and their row last: whoever is killed in between leaves files without
a row, which `sweep` removes some day, but never a row without files.
"""

import shutil
import sqlite3
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from digits.config import CLASSES, FRAME_VERSION, SIDE, user_dir
from digits.data import handwriting
from digits.data.collection import originals
from digits.data.collection.database import FIRST, PictureFolder, Table
from digits.preprocessing.decode import open_picture
from digits.preprocessing.lattice import frame_single

ORIGINS = ("draw", "upload", "camera", "number", "guided", "sheet", "import")
"""Where a digit may come from."""

UNDO = 24 * 3600.0
"""Seconds for which a deleted sample can be brought back at least."""

STATUSES = ("", "digit", "unsure", "not_a_digit")
"""What was said of it; empty where nobody was asked."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A digit with its right label."""

    id: int
    """Counted from 1, never used twice."""
    label: int
    """The right digit, 0 to 9, as a person says."""
    answer: int | None
    """The digit that was read, or None: no answer, or nobody was asked."""
    status: str
    """One of `STATUSES`."""
    model: str
    """Name of the model that answered, or empty."""
    model_sha256: str
    """Of that model's file, or empty."""
    origin: str
    """One of `ORIGINS`."""
    created: str
    """When it was collected: ISO 8601, UTC, to the second."""
    picture: Path
    """The original, a PNG of at most `originals.LONGER_SIDE` pixels."""
    framed: Path
    """What the model saw, a grey PNG of 28 x 28 pixels."""
    hand: int
    """Number of the hand that wrote it."""

    @property
    def is_doubtful(self) -> bool:
        """Whether the model did not simply say what the person says."""
        return self.status in ("unsure", "not_a_digit") or self.answer not in (None, self.label)

    def current_frame(self) -> np.ndarray | None:
        """Return what the model saw, (28, 28) float32 in [0, 1], bright ink on black.

        None where that is damaged, or today's framing would make another.
        """
        with suppress(OSError, ValueError), Image.open(self.framed) as picture:
            if originals.frame_version(picture) == FRAME_VERSION and picture.size == (SIDE, SIDE):
                return np.asarray(picture.convert("L"), np.float32) / 255
        return None

    def frame(self) -> np.ndarray | None:
        """Return what a model sees of it today, (28, 28) uint8, framed anew where need be; None where its
        files are damaged, or no single digit is found on it any more."""
        return _frame(self)


@lru_cache(20_000)  # files of a digit are written once
def _frame(sample: Sample) -> np.ndarray | None:
    found = sample.current_frame()
    if found is None:
        with suppress(OSError, ValueError):
            reading = frame_single(open_picture(sample.picture))
            found = reading.framed if reading.framed.any() else None
    return None if found is None else handwriting.to_uint8(found)


class Store:
    """The digits of one hand in a folder. Any number of processes and threads may use it at the same time.

    What is named by its number - one digit, to see, change or delete - may be another hand's too.
    """

    def __init__(self, folder: Path | None = None, hand: int = FIRST):
        """Name the folder, by default `config.user_dir()`, and the hand, see `hands.Hands`; nothing is made
        before it is needed."""
        self.folder, self.hand = Path(folder) if folder else user_dir(), hand
        self._table = Table(self.folder / "collection.sqlite")
        self._files = PictureFolder(self.folder / "pictures")

    def add(
        self,
        picture: originals.Picture,
        framed: np.ndarray,
        label: int,
        *,
        origin: str,
        answer: int | None = None,
        status: str = "",
        model: str = "",
        model_sha256: str = "",
        created: str | None = None,
        frame_version: int = FRAME_VERSION,
    ) -> Sample:
        """Keep a digit; when this returns it is safely on the disk.

        The same picture - pixel by pixel, as it is kept - with the same label is one sample however often it
        comes, so that a double click, or an archive brought in twice, adds nothing: the first is returned.

        Args:
            picture: the original, see `Recognizer.read_digit`; it is kept as PNG, larger ones reduced to
                `originals.LONGER_SIDE` pixels.
            framed: (28, 28) float32 in [0, 1], what a model sees of it.
            label: the right digit.
            origin: one of `ORIGINS`.
            answer: what was read, or None.
            status: one of `STATUSES`.
            model: name of the model that answered.
            model_sha256: of its file.
            created: when, ISO 8601 in UTC; None for now.
            frame_version: which framing made `framed`.

        Raises:
            ValueError: an argument that is not as said, or a folder that cannot be written.
        """
        label = check_digit(label, "Label")
        answer = None if answer is None else check_digit(answer, "Answer")
        check_word(origin, ORIGINS, "Origin")
        check_word(status, STATUSES, "Status")
        kept = originals.original(picture)
        digest, stem = originals.digest(kept), uuid.uuid4().hex
        pngs = originals.png(kept), originals.frame_png(framed, frame_version)
        for known in self._own("digest = ? AND label = ?", digest, label):
            if _has_files(known):
                return known
            self._forget("id = ?", known.id)
        self._files.write(stem, *pngs)
        row: dict[str, object] = {"label": label, "answer": answer, "status": status, "model": model}
        row |= {"model_sha256": model_sha256, "origin": origin, "stem": stem, "digest": digest}
        row["hand"] = self.hand
        row["created"] = created or datetime.now(UTC).isoformat(timespec="seconds")
        try:
            found = self._table.insert(row)
        except ValueError:
            self._take_back(stem)
            raise
        if found["stem"] != stem:  # somebody else was faster
            self._files.remove(stem)
        return self._sample(found)

    def samples(self, label: int | None = None) -> list[Sample]:
        """Return the samples, all or those of one label, newest first; not those in `lost`."""
        wanted, values = ("1", ()) if label is None else ("label = ?", (check_digit(label, "Label"),))
        return [sample for sample in self._own(wanted, *values) if _has_files(sample)]

    def lost(self) -> list[Sample]:
        """Return the samples whose files somebody took away; all others can be used."""
        return [sample for sample in self._own("1") if not _has_files(sample)]

    def counts(self) -> np.ndarray:
        """Return the number of samples per digit, (10,) int64."""
        return np.bincount([sample.label for sample in self.samples()], minlength=CLASSES)

    def __len__(self) -> int:
        return len(self.samples())

    def sample(self, id: int) -> Sample:
        """Return one sample.

        Raises:
            ValueError: there is none, or it was deleted.
        """
        return self._sample(self._row("id = ? AND deleted IS NULL", id))

    def relabel(self, id: int, label: int) -> Sample:
        """Say what a sample really is; return it, or the same picture that has this label already.

        Raises:
            ValueError: no such sample, or no digit.
        """
        return self._change(id, "label", check_digit(label, "Label"))

    def delete(self, id: int) -> None:
        """Take a sample out; `restore` brings it back for a day at least (`UNDO`).

        Raises:
            ValueError: there is none.
        """
        self._change(id, "deleted", time.time())

    def restore(self, id: int) -> Sample:
        """Bring a deleted sample back; return it, or the same picture if that was added anew meanwhile.

        Raises:
            ValueError: there is none any more.
        """
        return self._change(id, "deleted", None)

    def delete_all(self) -> None:
        """Remove all samples of the hand and their files, for good."""
        self._forget("hand = ?", self.hand)

    def sweep(self) -> None:
        """Remove what was deleted more than `UNDO` ago, of any hand, and files left by a killed process.

        Files that are older than the table are left alone: they are all that is left of an earlier one.
        """
        self._forget("deleted < ?", time.time() - UNDO)
        files = self._files.settled(since=self._table.born())
        stems = {self._files.stem(sample.picture) for sample in self._find("1")}
        for path in files:
            if self._files.stem(path) not in stems:
                path.unlink(missing_ok=True)

    def export_folder(self, folder: Path) -> None:
        """Copy the originals into `folder/0/own-<id>.png` to `folder/9/...`, for `data.handwriting` to read.

        What the model saw of each goes along, where today's framing made it: it need not be framed again.

        Raises:
            ValueError: the folder has something in it already.
        """
        folder = Path(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ValueError(f"{folder} is not empty; expected a new folder, so that nothing gets mixed.")
        frames = {}
        for sample in self.samples():
            path = folder / str(sample.label) / f"own-{sample.id}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(sample.picture, path)
            if (frame := sample.current_frame()) is not None:
                frames[f"{sample.label}/{path.name}"] = frame
        if frames:
            handwriting.save_frames(folder, frames)

    def _take_back(self, stem: str) -> None:
        """Remove files whose row could not be added: on a full disk they would take room."""
        with suppress(ValueError, OSError):
            if not self._find("stem = ?", stem):
                self._files.remove(stem)

    def _own(self, condition: str, *values: object) -> list[Sample]:
        """Return what the hand has."""
        return self._find(f"hand = ? AND deleted IS NULL AND {condition}", self.hand, *values)

    def _find(self, condition: str, *values: object) -> list[Sample]:
        return [self._sample(row) for row in self._table.find(condition, *values)]

    def _row(self, condition: str, id: int) -> sqlite3.Row:
        found = self._table.find(condition, id)
        if not found:
            raise ValueError(f"There is no digit {id} in {self.folder}: it was deleted, perhaps elsewhere.")
        return found[0]

    def _change(self, id: int, column: str, value: int | float | None) -> Sample:
        row = self._row("id = ?", id)
        return self._sample(self._table.change(row, column, value) or self._row("id = ?", id))

    def _forget(self, condition: str, *values: object) -> None:
        """Remove rows for good, and then their files."""
        for stem in self._table.forget(condition, *values):
            self._files.remove(stem)

    def _sample(self, row: sqlite3.Row) -> Sample:
        about = {name: row[name] for name in row.keys() if name not in ("stem", "digest", "deleted")}  # noqa: SIM118
        picture, framed = self._files.paths(row["stem"])
        return Sample(**about, picture=picture, framed=framed)


def _has_files(sample: Sample) -> bool:
    return sample.picture.exists() and sample.framed.exists()


def check_digit(value: object, name: str) -> int:
    """Return a digit as int.

    Raises:
        ValueError: anything but 0 to 9; the message names it.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= value < CLASSES:
        return int(value)
    raise ValueError(f"{name} {value!r}; expected a digit from 0 to 9.")


def check_word(value: str, known: tuple[str, ...], name: str) -> str:
    """Return a word that is known.

    Raises:
        ValueError: another; the message names it and what is known.
    """
    if value not in known:
        raise ValueError(
            f"{name} {value!r}; expected one of: {', '.join(word or repr('') for word in known)}."
        )
    return value

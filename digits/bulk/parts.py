"""Work that goes on where it was stopped: finished parts on the disk beside what will be one table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digits.bulk import table
from digits.files import read_json, write_json

ASKED, LOCK = "asked.json", ".lock"

NAMES = {
    "input": "pile of pictures",
    "model_sha256": "model",
    "card": "model",  # its card alone may have changed
    "frame_version": "version of the program",
    "number": "choice of --number",
    "marks": "choice of --marks",
}
"""In plain words, what was another when the parts were made."""


class Parts:
    """The folder `OUT.parquet.parts`: what was asked, and a table for each finished shard."""

    def __init__(self, out: Path, asked: dict[str, Any]):
        """Say where to.

        Args:
            out: the table that it will be in the end.
            asked: all that the answers depend on, as plain values; parts of anything else are of no use.
        """
        self.out, self.asked = out, asked
        self.folder = out.with_name(f"{out.name}.parts")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from working on the same table.

        Raises:
            ValueError: another process does, or nothing can be written there; one sentence.
        """
        lock = FileLock(self.folder / LOCK, timeout=0)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise ValueError(f"Another process is writing {self.out}; expected it to end first.") from None
        except OSError as error:
            words = f"OUT is {self.out}, where nothing can be written ({error.strerror})"
            raise ValueError(f"{words}; expected another place.") from error
        try:
            yield
        finally:
            lock.release()
            if not (self.folder / ASKED).exists():  # nothing was begun, or all is finished
                (self.folder / LOCK).unlink(missing_ok=True)
                with suppress(OSError):  # what else is in there is not ours
                    self.folder.rmdir()

    def begin(self, restart: bool) -> tuple[bool, str]:
        """Find out what is there, and how to go on; call it within `held`.

        What was begun with `restart` goes on without it, though the old table is still there. Parts of
        another size are gone on with in that size: `asked["part"]` is theirs then.

        Args:
            restart: True to throw away the parts that are there, and to replace the table in the end.

        Returns:
            Whether the table is there already, and a sentence about what was found, or "".

        Raises:
            ValueError: there is a table or there are parts of another question, or a file that is no table of
                ours; one sentence.
        """
        there, before = self.out.exists(), self._before()
        about = table.about(self.out) if there else None
        if there and about is None:
            raise ValueError(f"{self.out} is there already and no table of answers; expected another name.")
        changed = [key for key in self.asked if key != "part" and before.get(key) != self.asked[key]]
        goes_on = not restart and not changed
        mark = {"restart": True} if restart or (goes_on and "restart" in before) else {}
        if there and not mark:
            if about != self._about:
                raise ValueError(
                    f"{self.out} is there already and answers something else (other pictures, model or "
                    "options); expected another name, or --restart to replace it."
                )
            if goes_on:
                self._clear()
            return True, f"{self.out} is there already, made of the same pictures by the same model."
        if restart:
            self._clear()
        elif self.done() and changed:
            names = " and another ".join(dict.fromkeys(NAMES.get(key, key) for key in changed))
            raise ValueError(
                f"{self.folder} holds parts of another {names}; expected the same line, another name, or "
                "--restart."
            )
        words = self._resumed(before) if self.done() else "Beginning anew, as asked." * restart
        for half in self.folder.glob(".tmp-*"):  # of a process that was killed
            half.unlink()
        write_json(self.folder / ASKED, self.asked | mark)
        return False, words

    def done(self) -> dict[int, Path]:
        """Return the finished parts by the numbers of their shards, in their order."""
        return {int(path.stem): path for path in sorted(self.folder.glob("[0-9]*.parquet"))}

    def rows(self) -> int:
        """Return how many pictures are in the finished parts."""
        return sum(table.rows_of(path) for path in self.done().values())

    def write(self, number: int, rows: list[dict[str, Any]]) -> None:
        """Write the rows of a shard, whole or not at all."""
        table.write(self.folder / f"{number:08d}.parquet", rows, self.asked["number"])

    def finish(self) -> tuple[int, int]:
        """Make one table of all parts, and throw them away; return its rows, and how many are errors."""
        counts = table.join(self.done().values(), self.out, self._about, self.asked["number"])
        self._clear()
        return counts

    def give_up(self) -> None:
        """Throw all parts away; no table is made of them."""
        self._clear()

    @property
    def _about(self) -> str:
        answers = {key: value for key, value in self.asked.items() if key != "part"}
        return json.dumps(answers, sort_keys=True)

    def _clear(self) -> None:
        """Throw away what is ours, last of all what says of what the parts are."""
        for path in [*self.done().values(), *self.folder.glob(".tmp-*"), self.folder / ASKED]:
            path.unlink(missing_ok=True)

    def _before(self) -> dict[str, Any]:
        """Return what was asked when the parts were begun, or nothing where nothing says so."""
        try:
            before = read_json(self.folder / ASKED)
        except (ValueError, OSError):
            return {}
        return before if isinstance(before, dict) else {}

    def _resumed(self, before: dict[str, Any]) -> str:
        """Take over the size of the parts that are there; return a sentence about them."""
        found, size = f"Going on: {len(self.done()):,} parts are there already", before["part"]
        words = "" if size == self.asked["part"] else f", of {size:,} pictures each, as the others will be"
        self.asked = self.asked | {"part": size}
        return f"{found}{words}."

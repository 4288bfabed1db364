"""Work that goes on where it was stopped: finished parts on the disk beside what will be one table."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digits.bulk import table
from digits.files import read_json, write_json

ASKED, LOCK = "asked.json", ".lock"


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
            ValueError: another process does; one sentence.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / LOCK, timeout=0):
                yield
        except Timeout:
            raise ValueError(f"Another process is writing {self.out}; expected it to end first.") from None
        finally:
            if not (self.folder / ASKED).exists():  # nothing was begun, or all is finished
                shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self, restart: bool) -> tuple[bool, str]:
        """Find out what is there, and throw away what is of no use; call it within `held`.

        Args:
            restart: True to throw all away.

        Returns:
            Whether the table is there already, and a sentence about what was found, or "".

        Raises:
            ValueError: there is a table that something else was asked for; one sentence.
        """
        if self.out.exists() and not restart:
            if table.about(self.out) != self._about:
                raise ValueError(
                    f"{self.out} is there already and answers something else (other pictures, model or "
                    "options); expected another name, or --restart to replace it."
                )
            self._clear()
            return True, f"{self.out} is there already, made of the same pictures by the same model."
        words = self._unfit(restart)
        if words:
            self._clear()
        for half in self.folder.glob(".tmp-*"):  # of a process that was killed
            half.unlink()
        write_json(self.folder / ASKED, self.asked)
        kept = len(self.done())
        return False, words or (f"Going on: {kept:,} parts are there already." if kept else "")

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

    @property
    def _about(self) -> str:
        answers = {key: value for key, value in self.asked.items() if key != "part"}
        return json.dumps(answers, sort_keys=True)

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.name != LOCK:
                path.unlink()

    def _unfit(self, restart: bool) -> str:
        """Return why the parts that are there are of no use; "" where they are, or there are none."""
        if restart or not any(path.name != LOCK for path in self.folder.iterdir()):
            return "Beginning anew, as asked." if restart else ""
        try:
            before = read_json(self.folder / ASKED)
        except (ValueError, OSError):
            return f"Beginning anew: nothing says what the parts in {self.folder} were made of."
        changed = [key for key, value in self.asked.items() if before.get(key) != value]
        if not changed:
            return ""
        names = " and ".join(key.replace("_", " ") for key in changed)
        return f"Beginning anew: of another {names} were the parts in {self.folder}."

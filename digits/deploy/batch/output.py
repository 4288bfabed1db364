"""The table of answers, and the finished parts beside it, of which it is made in the end.

Work goes on where it was stopped: what is on the disk decides how; see `Parts.begin`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from digits.files import atomic_path, read_json, write_json
from digits.models.alphabet import DIGITS

if TYPE_CHECKING:
    import pyarrow as pa

ABOUT = b"digits"
"""Under this key the file says what it was made of, as JSON."""

TOGETHER = 50
"""Parts that become one group of rows: small groups make a large file that is slow to ask."""

ASKED, LOCK = "asked.json", ".lock"

REPLACES = "restart"
"""In what was asked: the parts will replace a table that is there."""

NAMES = {
    "input": "pile of pictures",
    "model_sha256": "model",
    "card": "model",  # its card alone may have changed
    "frame_version": "version of the program",
    "columns": "version of the program",
    "number": "choice of --number",
    "marks": "choice of --marks",
    "field": "choice of --field",
    "memory": "memory of a hand",
    "labels": "labels of the model",
    "form": "form",
}
"""In plain words, what was another when the parts were made."""


def schema(asked: dict[str, Any]) -> "pa.Schema":
    """Return the columns: of one digit a picture, or with `number` in what was asked of all on it, or with
    `form` of its boxes, each with a name of its own in `boxes`.

    `confidence` is that of the least sure digit; `box` is x, y, width, height in pixels of the upright
    picture; `untaught`, with `memory` in what was asked, is what was read without it, where that is something
    else. What does not apply is null: the answers of a picture with an error, the error of the others.
    """
    import pyarrow as pa

    digit = [("digit", pa.int8()), ("label", pa.string()), ("status", pa.string())]
    digit += [("confidence", pa.float32())]
    taught = [("untaught", pa.int8())] if "memory" in asked else []
    if "form" in asked:
        box = pa.struct([("text", pa.string()), *digit[2:]])
        boxes = pa.struct([(name, box) for name in asked["form"]["boxes"]])
        answer = [*digit[2:], ("doubtful", pa.list_(pa.string())), ("boxes", boxes)]
    elif asked["number"]:
        each = pa.struct([*digit, *taught, ("box", pa.list_(pa.int32(), 4))])
        known = [("value", pa.string()), ("unbound", pa.string())]
        answer = [("text", pa.string()), *digit[2:], *known, ("digits", pa.list_(each))]
    else:
        shares = pa.list_(pa.float32(), len(asked.get("labels", DIGITS)))
        answer = [*digit, *taught, ("probabilities", shares)]
    names = [("source", pa.string()), ("key", pa.string())]
    model = [("model", pa.string()), ("model_sha256", pa.string())]
    return pa.schema([*names, *answer, ("error", pa.string()), *model])


def about(path: Path) -> str | None:
    """Return what a table says it was made of; None where that is no table of ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        said = (pq.read_schema(path).metadata or {}).get(ABOUT)
    except (pa.ArrowException, OSError):
        return None
    return said.decode() if said else None


def counts(path: Path) -> tuple[int, int]:
    """Return how many rows a table has, and how many of them are errors."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        errors = [batch.column(0) for batch in file.iter_batches(columns=["error"])]
        return file.metadata.num_rows, sum(len(column) - column.null_count for column in errors)


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
        before = self._before()
        keys = {**self.asked, **before}.keys() - {"part", REPLACES}
        changed = sorted(key for key in keys if before.get(key) != self.asked.get(key))
        replaces = not changed and REPLACES in before
        answered = about(self.out) if self.out.exists() else ""
        if answered is None:
            raise ValueError(f"{self.out} is there already and no table of answers; expected another name.")
        words = ""
        if restart:
            self.clear()
            words = "Beginning anew, as asked."
        elif answered and not replaces:
            if answered != self._about:
                raise ValueError(
                    f"{self.out} is there already and answers something else (other pictures, model or "
                    "options); expected another name, or --restart to replace it."
                )
            if not changed:
                self.clear()
            return True, f"{self.out} is there already, made of the same pictures by the same model."
        elif changed and self.done():
            names = " and another ".join(dict.fromkeys(NAMES.get(key, key) for key in changed))
            raise ValueError(
                f"{self.folder} holds parts of another {names}; expected the same line, another name, or "
                "--restart."
            )
        elif kept := len(self.done()):
            words, size = f"Going on: {kept:,} parts are there already", before["part"]
            if size != self.asked["part"]:
                words += f", of {size:,} pictures each, as the others will be"
            words, self.asked = f"{words}.", self.asked | {"part": size}
        for half in self.folder.glob(".tmp-*"):  # of a process that was killed
            half.unlink()
        write_json(self.folder / ASKED, self.asked | ({REPLACES: True} if restart or replaces else {}))
        return False, words

    def done(self) -> dict[int, Path]:
        """Return the finished parts by the numbers of their shards, in their order."""
        return {int(path.stem): path for path in sorted(self.folder.glob("[0-9]*.parquet"))}

    def rows(self) -> int:
        """Return how many pictures are in the finished parts."""
        import pyarrow.parquet as pq

        return sum(pq.read_metadata(path).num_rows for path in self.done().values())

    def write(self, number: int, rows: list[dict[str, Any]]) -> None:
        """Write the rows of a shard, whole or not at all."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        with atomic_path(self.folder / f"{number:08d}.parquet") as temporary:
            pq.write_table(pa.Table.from_pylist(rows, schema(self.asked)), temporary)

    def finish(self) -> tuple[int, int]:
        """Make one table of all parts, and throw them away; return its rows, and how many are errors.

        It is there whole or not at all, and only a few parts are in memory at a time.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = schema(self.asked).with_metadata({ABOUT: self._about.encode()})
        left, rows, errors = iter(self.done().values()), 0, 0
        with atomic_path(self.out) as path, pq.ParquetWriter(path, columns, compression="zstd") as writer:
            while group := list(islice(left, TOGETHER)):
                table = pa.concat_tables([pq.read_table(part) for part in group])
                writer.write_table(table.cast(columns))
                rows, errors = rows + len(table), errors + len(table) - table["error"].null_count
        self.clear()
        return rows, errors

    def clear(self) -> None:
        """Throw away what is ours, last of all what says of what the parts are."""
        for path in [*self.done().values(), *self.folder.glob(".tmp-*"), self.folder / ASKED]:
            path.unlink(missing_ok=True)

    @property
    def _about(self) -> str:
        answers = {key: value for key, value in self.asked.items() if key != "part"}
        return json.dumps(answers, sort_keys=True)

    def _before(self) -> dict[str, Any]:
        """Return what was asked when the parts were begun, or nothing where nothing says so."""
        try:
            before = read_json(self.folder / ASKED)
        except (ValueError, OSError):
            return {}
        return before if isinstance(before, dict) else {}

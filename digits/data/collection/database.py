"""What stands behind the store: tables of hands and samples in SQLite, and the folder of their picture files.

They are opened anew for every action, so that any thread may act. Two files belong to each digit; they are
written before its row and removed after it.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from digits.files import atomic_path, instance, stamp

ENDINGS = (".png", "-28.png")
"""Of the original, and of what the model saw."""

SETTLED = 3600.0
"""Seconds after which a file without a row is nobody's, rather than one whose row is on its way."""

PATIENCE = 30.0
"""Seconds to wait while another process writes; each holds the table for milliseconds."""

VERSION = 3
"""Of the tables, kept in the file: raised when the schema below gains something."""

FIRST = 1
"""Number of the hand that is there from the beginning. Whatever names none is its."""

FIRST_NAME = "My hand"

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS samples (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    label INTEGER NOT NULL,
    answer INTEGER,
    status TEXT NOT NULL,
    model TEXT NOT NULL,
    model_sha256 TEXT NOT NULL,
    origin TEXT NOT NULL,
    created TEXT NOT NULL,
    stem TEXT NOT NULL,      -- of the names of the two files
    digest TEXT NOT NULL,    -- of the picture, see originals.digest
    deleted REAL,            -- when, in seconds since 1970, or NULL
    hand INTEGER NOT NULL DEFAULT {FIRST}
);
CREATE TABLE IF NOT EXISTS hands (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE
);
INSERT OR IGNORE INTO hands VALUES ({FIRST}, '{FIRST_NAME}');
DROP INDEX IF EXISTS once;
CREATE UNIQUE INDEX once ON samples (hand, digest, label) WHERE deleted IS NULL;
CREATE TABLE IF NOT EXISTS birth (time REAL NOT NULL);
"""

OF_ONE_HAND = f"ALTER TABLE samples ADD COLUMN hand INTEGER NOT NULL DEFAULT {FIRST};"
"""For tables of a version before 3: all in them is of the first hand."""

BORN = "INSERT INTO birth VALUES (CAST(strftime('%s', 'now') AS REAL));"


class Table:
    """Rows of samples in a file. Any number of processes and threads may use one at the same time.

    Every method raises a ValueError where the file cannot be used, which names it and says what to do.
    """

    def __init__(self, path: Path):
        self.path = path

    def find(self, condition: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows for which a condition in SQL holds, newest first."""
        if not self.path.exists():  # to look is no reason to make one
            return []
        query = f"SELECT * FROM samples WHERE {condition} ORDER BY id DESC"
        return self._looked_up(lambda table: table.execute(query, values).fetchall())

    def born(self) -> float:
        """Return when the table was made, in seconds since 1970; now, if there is none."""
        if not self.path.exists():
            return time.time()
        return self._looked_up(lambda table: table.execute("SELECT min(time) FROM birth").fetchone()[0])

    def insert(self, row: Mapping[str, object]) -> sqlite3.Row:
        """Add a row, unless its hand has the same picture with the same label; return the one that stands."""
        names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
        with self._opened() as table:
            _check_hand(table, row["hand"])
            table.execute(f"INSERT INTO samples ({names}) VALUES ({places}) ON CONFLICT DO NOTHING", row)
            return _standing(table, row["hand"], row["digest"], row["label"])

    def change(self, row: sqlite3.Row, column: str, value: int | float | None) -> sqlite3.Row | None:
        """Set one column of a row, or delete it where it would be the same as another.

        Returns:
            What stands, or None where the row was removed meanwhile.
        """
        id = row["id"]
        with self._opened() as table:
            try:
                table.execute(f"UPDATE samples SET {column} = ? WHERE id = ?", (value, id))
            except sqlite3.IntegrityError:
                table.execute("UPDATE samples SET deleted = ? WHERE id = ?", (time.time(), id))
                label = value if column == "label" else row["label"]
                return _standing(table, row["hand"], row["digest"], label)
            return table.execute("SELECT * FROM samples WHERE id = ?", (id,)).fetchone()

    def forget(self, condition: str, *values: object) -> list[str]:
        """Remove the rows for which a condition holds, for good; return the stems of their files."""
        if not self.path.exists():
            return []
        with self._opened() as table:
            gone = table.execute(f"DELETE FROM samples WHERE {condition} RETURNING stem", values)
            return [row["stem"] for row in gone.fetchall()]

    def hands(self) -> dict[int, str]:
        """Return the names of the hands by their numbers, oldest first."""
        if not self.path.exists():
            return {FIRST: FIRST_NAME}
        query = "SELECT id, name FROM hands ORDER BY id"
        return dict(self._looked_up(lambda table: [tuple(row) for row in table.execute(query)]))

    def add_hand(self, name: str, most: int) -> int:
        """Add a hand; return its number, which is never used again."""
        with self._opened() as table:
            if table.execute("SELECT count(*) FROM hands").fetchone()[0] >= most:
                raise ValueError(
                    f"There are {most} hands already, and there can be no more: remove one first."
                )
            with _unique(name):
                number = table.execute("INSERT INTO hands (name) VALUES (?)", (name,)).lastrowid
        assert number is not None
        return number

    def rename_hand(self, hand: int, name: str) -> None:
        """Give a hand another name."""
        with self._opened() as table:
            _check_hand(table, hand)
            with _unique(name):
                table.execute("UPDATE hands SET name = ? WHERE id = ?", (name, hand))

    def forget_hand(self, hand: int) -> list[str]:
        """Remove a hand with all its rows, for good; return the stems of their files."""
        with self._opened() as table:
            _check_hand(table, hand)
            if table.execute("SELECT count(*) FROM hands").fetchone()[0] == 1:
                raise ValueError("This is the only hand; add another one before you remove it.")
            table.execute("DELETE FROM hands WHERE id = ?", (hand,))
            gone = table.execute("DELETE FROM samples WHERE hand = ? RETURNING stem", (hand,))
            return [row["stem"] for row in gone.fetchall()]

    def _looked_up(self, look: Callable[[sqlite3.Connection], Any]) -> Any:
        """Return what a look at the table finds, even where nothing can be written.

        SQLite makes two files beside a table even to read it, and so fails on a disk that is full or read
        only. Where nobody else has the table open it can do without them; a copy in memory then has the
        columns that an older table lacks.
        """
        try:
            with self._opened("BEGIN") as table:
                return look(table)
        except ValueError as error:
            before = instance(self.path)
            if isinstance(error.__cause__, sqlite3.OperationalError) and self._is_at_rest():
                as_it_is = f"{self.path.resolve().as_uri()}?immutable=1"
                with (
                    suppress(sqlite3.Error),
                    closing(sqlite3.connect(as_it_is, uri=True)) as file,
                    closing(sqlite3.connect(":memory:", isolation_level=None)) as table,
                ):
                    file.backup(table)
                    _prepare(table)
                    table.row_factory = sqlite3.Row
                    found = look(table)
                    if self._is_at_rest() and instance(self.path) == before:
                        return found
            raise

    def _is_at_rest(self) -> bool:
        """Tell whether all changes are in the table itself, none in the log beside it."""
        logs = (stamp(self.path.with_name(f"{self.path.name}-{kind}")) for kind in ("wal", "journal"))
        return all(log is None or log[1] == 0 for log in logs)

    @contextmanager
    def _opened(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """Yield the table, made if need be, for one action: it is done whole when the block ends, or not."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # No level of isolation: Python would begin too late to be alone in reading and writing.
            with closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)) as connection:
                _prepare(connection)
                connection.row_factory = sqlite3.Row
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise ValueError(_sentence(self.path, error)) from error


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
        times = ((path, stamp(path)) for path in self.folder.glob("*"))
        return [path for path, found in times if found and since <= found[0] / 1e9 <= until]

    @staticmethod
    def stem(path: Path) -> str:
        """Return the stem that a file belongs to."""
        return path.name.removesuffix(".png").removesuffix("-28")


def _standing(table: sqlite3.Connection, *values: object) -> sqlite3.Row:
    """Return the row of a hand, a digest and a label."""
    query = "SELECT * FROM samples WHERE hand = ? AND digest = ? AND label = ? AND deleted IS NULL"
    return table.execute(query, values).fetchone()


def _check_hand(table: sqlite3.Connection, hand: object) -> None:
    if table.execute("SELECT 1 FROM hands WHERE id = ?", (hand,)).fetchone() is None:
        raise ValueError(f"There is no hand {hand}: it was removed, perhaps elsewhere.")


@contextmanager
def _unique(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise ValueError(f"There is a hand “{name}” already; expected another name.") from error


def _prepare(connection: sqlite3.Connection) -> None:
    def version() -> int:
        return connection.execute("PRAGMA user_version").fetchone()[0]

    if version() < VERSION:
        _begin_log(connection)
        connection.execute("BEGIN IMMEDIATE")
        if version() < VERSION:  # else another process was faster
            columns = {column[1] for column in connection.execute("PRAGMA table_info(samples)")}
            is_older = bool(columns) and "hand" not in columns
            for statement in f"{OF_ONE_HAND if is_older else ''} {SCHEMA} {BORN}".split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut


def _begin_log(connection: sqlite3.Connection) -> None:
    """Let changes be written ahead to a log: readers need not wait, and a killed writer is no harm.

    SQLite waits by itself for every lock but the one this change takes, so it is asked again while two
    processes make the table at the same time.
    """
    last = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(0.01)


def _sentence(path: Path, error: Exception) -> str:
    reason = str(error).rstrip(".")
    if isinstance(error, sqlite3.OperationalError | OSError):
        return f"{path} cannot be used: {reason}. Expected a folder that can be written, with room to spare."
    return (
        f"{path} is damaged ({reason}). Move it elsewhere to begin anew; the pictures in the folder "
        "pictures beside it are left alone."
    )

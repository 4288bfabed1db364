"""The table of answers: its columns, and the file that is one table made of many parts."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.contract import CLASSES
from digits.files import atomic_path

if TYPE_CHECKING:
    import pyarrow as pa

ABOUT = b"digits"
"""Under this key the file says what it was made of, as JSON."""

TOGETHER = 50
"""Parts that become one group of rows: small groups make a large file that is slow to ask."""


def schema(number: bool) -> "pa.Schema":
    """Return the columns: of one digit a picture, or with `number` of all on it.

    `confidence` is that of the least sure digit; `box` is x, y, width, height in pixels of the upright
    picture. What does not apply is null: the answers of a picture with an error, the error of the others.
    """
    import pyarrow as pa

    digit = [("digit", pa.int8()), ("status", pa.string()), ("confidence", pa.float32())]
    if number:
        each = pa.struct([*digit, ("box", pa.list_(pa.int32(), 4))])
        answer = [("text", pa.string()), *digit[1:], ("digits", pa.list_(each))]
    else:
        answer = [*digit, ("probabilities", pa.list_(pa.float32(), CLASSES))]
    names = [("source", pa.string()), ("key", pa.string())]
    model = [("model", pa.string()), ("model_sha256", pa.string())]
    return pa.schema([*names, *answer, ("error", pa.string()), *model])


def write(path: Path, rows: list[dict[str, Any]], number: bool) -> None:
    """Write rows, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema(number)), temporary)


def join(parts: Iterable[Path], path: Path, about: str, number: bool) -> tuple[int, int]:
    """Make one table of parts in their order, whole or not at all, holding only a few of them at a time.

    Args:
        parts: files from `write`.
        path: of the table.
        about: JSON that says what it was made of; see `about`.
        number: see `schema`.

    Returns:
        How many rows it has, and how many of them are errors.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = schema(number).with_metadata({ABOUT: about.encode()})
    rows = errors = 0
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, columns, compression="zstd") as writer,
    ):
        for group in _groups(parts):
            table = pa.concat_tables([pq.read_table(part) for part in group])
            writer.write_table(table.cast(columns))
            rows, errors = rows + len(table), errors + len(table) - table["error"].null_count
    return rows, errors


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


def rows_of(path: Path) -> int:
    """Return how many rows a table has."""
    import pyarrow.parquet as pq

    return pq.read_metadata(path).num_rows


def _groups(parts: Iterable[Path]) -> Iterable[list[Path]]:
    group = []
    for part in parts:
        group.append(part)
        if len(group) == TOGETHER:
            yield group
            group = []
    if group:
        yield group

"""The pictures in a .parquet file: a column `image` or `bytes` with PNG, JPEG and the like.

The column holds bytes, or as in the data sets of Hugging Face a struct of `bytes` and `path`.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from digits.bulk.items import LARGEST, Item, fail, given, plain

COLUMNS = ("image", "bytes")
TOGETHER = 64  # pictures taken out of the file at once: bounds memory


def items(path: Path) -> Iterator[Item]:
    """Yield the pictures of a file row by row; their names are their paths, or else the rows' numbers.

    Where a group of rows is damaged, an item says so, and the next group follows.

    Raises:
        ValueError: not a parquet file, or one without such a column; one sentence.
    """
    file, column = opened(path)
    with file:
        begin = 0
        for group in range(file.num_row_groups):
            yield from _of_group(path, file, column, group, begin)
            begin += file.metadata.row_group(group).num_rows


def opened(path: Path) -> tuple[Any, str]:
    """Return a file, which its caller closes, and the name of its column of pictures; see `items`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=2**20)  # else whole groups of rows at once
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{path}: not a .parquet file that can be read ({error}).") from error
    schema = file.schema_arrow
    column = next((name for name in COLUMNS if name in schema.names), None)
    if column is None:
        file.close()
        names = ", ".join(schema.names[:10]) or "none"
        raise ValueError(f"{path} has the columns {names}; expected one of the name image or bytes.")
    kind = schema.field(column).type
    if pa.types.is_struct(kind) and "bytes" in [field.name for field in kind]:
        kind = kind.field("bytes").type
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        file.close()
        raise ValueError(f"{path}: its column {column} is of type {kind}; expected the bytes of pictures.")
    return file, column


def _of_group(path: Path, file: Any, column: str, group: int, begin: int) -> Iterator[Item]:
    """Yield the pictures of a group of rows, of which the first has the number `begin`."""
    import pyarrow as pa

    row = begin
    try:
        for batch in file.iter_batches(TOGETHER, row_groups=[group], columns=[column]):
            for value in batch.column(0).to_pylist():
                yield _item(path, row, value)
                row += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        words = " ".join(str(error).split())
        reason = f"{path}: its row group {group} is damaged from row {row} on ({words})."
        yield Item(str(path), f"row group {group}", partial(fail, reason))


def _item(path: Path, row: int, value: bytes | dict | None) -> Item:
    about: dict[str, Any] = value if isinstance(value, dict) else {"bytes": value}
    key = plain(str(about.get("path") or row))
    name, data = f"{path}/{key}", about["bytes"]
    if data is None or len(data) > LARGEST:
        size = "no bytes" if data is None else f"{len(data) / 2**20:,.0f} MB"
        return Item(str(path), key, partial(fail, f"{name}: {size}; expected a picture."))
    return Item(str(path), key, partial(given, data, name), len(data))

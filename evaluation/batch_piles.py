"""Piles of pictures for bench_batch.py, in every kind of source that `python -m digits batch` reads."""

import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from digits.data.mnist_test import load_test

KINDS = ("folder", "zip", "tar", "tar.gz", "parquet")

CANVAS, BOX = 140, 100  # pixels: of the larger pictures, and of the digit's frame on it


def pictures(n: int) -> Iterator[tuple[str, bytes]]:
    """Yield n pictures as PNG with their names; MNIST's test digits come again where there are too few."""
    images, labels = load_test(min(n, 10_000))
    for place in range(n):
        digit, label = images[place % len(images)], labels[place % len(labels)]
        file = io.BytesIO()
        Image.fromarray(_on_canvas(digit) if place % 2 else digit).save(file, "PNG")
        yield f"{place // 1000:04d}/{place:07d}_is_{label}.png", file.getvalue()


def make(folder: Path, kind: str, members: Iterable[tuple[str, bytes]]) -> Path:
    """Write pictures as a source of that kind; return its path."""
    folder.mkdir(exist_ok=True)
    path = folder / ("pictures" if kind == "folder" else f"pictures.{kind}")
    if kind == "folder":
        for name, data in members:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members:
                archive.writestr(name, data)
    elif kind == "parquet":
        _make_parquet(path, iter(members))
    else:
        with tarfile.open(path, "w:gz" if kind == "tar.gz" else "w") as archive:
            for name, data in members:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return path


def _make_parquet(path: Path, members: Iterator[tuple[str, bytes]]) -> None:
    columns = pa.schema([("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())]))])
    with pq.ParquetWriter(path, columns) as writer:
        while some := list(islice(members, 1000)):
            values = [{"bytes": data, "path": name} for name, data in some]
            writer.write_table(pa.table({"image": values}, columns))


def _on_canvas(digit: np.ndarray) -> np.ndarray:
    canvas = np.full((CANVAS, CANVAS), 255, np.uint8)
    edge = (CANVAS - BOX) // 2
    canvas[edge : edge + BOX, edge : edge + BOX] -= cv2.resize(
        digit, (BOX, BOX), interpolation=cv2.INTER_LINEAR
    )
    return canvas

"""`python -m digits read FILE...`: the digit or the number on each picture."""

import functools
import os
import sys
from pathlib import Path

from digits.config import DEFAULT_MODEL
from digits.files import write_text


def add(commands) -> None:
    """Add the command `read` to the parser's sub commands."""
    read = commands.add_parser("read", help="read the digit on each picture")
    read.add_argument("files", nargs="+", metavar="FILE", help="pictures, folders and .zip archives of them")
    read.add_argument(
        "--model", default=DEFAULT_MODEL, help="a name in models/ or a path (default: %(default)s)"
    )
    read.add_argument("--number", action="store_true", help="read all digits on each picture, in order")
    read.add_argument(
        "--marks", action="store_true", help="numbers with points, commas, minus signs, spaces and lines"
    )
    read.add_argument("--json", action="store_true", help="one JSON list instead of a line per file")
    read.add_argument("--csv", metavar="OUT.csv", help="write a table, to the screen with -; no lines then")
    read.add_argument(
        "--jobs",
        type=int,
        default=min(8, os.cpu_count() or 1),
        metavar="N",
        help="pictures to read at the same time (default: %(default)s)",
    )
    read.set_defaults(run=run)


def run(options) -> int:
    """Do it; return the exit status."""
    from tqdm import tqdm

    from digits import (
        Recognizer,
        reading,  # late: --help answers at once
    )
    from digits.deploy import lite
    from digits.deploy.batch import read as batch
    from digits.models import checkpoints

    if options.json and options.csv == "-":
        raise ValueError("--json and --csv - both write to the screen; expected one of them.")
    model = checkpoints.find(options.model)  # before the first picture: a wrong name is refused at once

    @functools.cache  # and only for a good picture
    def reader() -> Recognizer:
        with lite.hushed():
            return lite.reader(model)

    number = options.number or options.marks
    found = list(batch.pictures(options.files))
    bar = tqdm(total=len(found), unit="picture", leave=False, disable=not sys.stderr.isatty())
    read = []
    for row in batch.read_all(reader, found, number, options.marks, options.jobs):
        bar.update()
        if row.error:
            bar.write(row.error, file=sys.stderr)
        elif not (options.json or options.csv):
            bar.write(_line(row, alone=len(found) == 1))
        read.append(row)
    bar.close()
    if options.json:
        print(reading.to_json(read), end="")
    if options.csv == "-":
        print(reading.to_csv(read), end="")
    elif options.csv:
        write_text(Path(options.csv), reading.to_csv(read))
    return 2 if any(row.error for row in read) else 0


def _line(row, alone: bool) -> str:
    prefix = "" if alone else f"{row.file}: "
    if row.status == "blank":
        return prefix + "blank"
    if not hasattr(row.reading, "digit"):  # a number
        return prefix + (row.text if alone else row.text.replace("\n", " / "))
    if row.reading.digit is None:
        return prefix + row.status.replace("_", " ")
    doubt = " (unsure)" if row.status == "unsure" else ""
    return f"{prefix}{row.text}  {row.confidence:.1%}{doubt}"

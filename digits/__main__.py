"""The command line: `python -m digits read FILE...` and `python -m digits data`."""

import argparse
import functools
import json
import os
import sys
from pathlib import Path

from digits.contract import DEFAULT_MODEL, runs_dir


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit status: 0, or 2 when something could not be read."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes would drown our sentences
    parser = argparse.ArgumentParser(prog="python -m digits", description="Read handwritten digits.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_read(commands)
    _add_data(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _add_read(commands) -> None:
    read = commands.add_parser("read", help="read the digit on each picture")
    read.add_argument("files", nargs="+", metavar="FILE", help="PNG, JPEG or another common format")
    read.add_argument(
        "--model", default=DEFAULT_MODEL, help="a name in models/ or a path (default: %(default)s)"
    )
    read.add_argument("--number", action="store_true", help="read all digits on each picture, in order")
    read.add_argument("--json", action="store_true", help="one JSON list instead of a line per file")
    read.set_defaults(run=_read)


def _add_data(commands) -> None:
    data = commands.add_parser("data", help="show what data is there, and draw samples of it")
    data.add_argument(
        "--out",
        type=Path,
        default=runs_dir() / "data",
        help="folder for the PNG files (default: %(default)s)",
    )
    data.add_argument("--folder", type=Path, help="also look at a folder of own digits, e.g. my_digits")
    data.set_defaults(run=_data)


def _read(options) -> int:
    from digits import Recognizer  # late: --help answers at once
    from digits.network import checkpoints
    from digits.picture.decode import open_picture

    model = checkpoints.find(options.model)  # before the first picture: a wrong name is refused at once
    recognizer = functools.cache(lambda: Recognizer.load(model))  # and TensorFlow only for a good picture
    rows = []
    for file in options.files:
        try:
            picture = open_picture(file)
            row = _row(recognizer(), picture, options.number)
        except ValueError as error:
            print(error, file=sys.stderr)
            row = {"error": str(error)}
        rows.append({"file": file, **row})
        if not options.json and "error" not in row:
            print(_line(file, row, alone=len(options.files) == 1))
    if options.json:
        print(json.dumps(rows, indent=2))
    return 2 if any("error" in row for row in rows) else 0


def _row(recognizer, picture, number: bool) -> dict:
    if not number:
        return _reading(recognizer.read_digit(picture))
    reading = recognizer.read_number(picture)
    return {
        "text": reading.text,
        "digits": [_reading(digit) | {"box": digit.box} for digit in reading.digits],
    }


def _reading(reading) -> dict:
    return {
        "digit": reading.digit,
        "status": reading.status,
        "confidence": round(reading.confidence, 4),
        "probabilities": [round(float(p), 4) for p in reading.probabilities],
    }


def _line(file: str, row: dict, alone: bool) -> str:
    prefix = "" if alone else f"{file}: "
    if "text" in row:
        return prefix + (row["text"] or "blank")
    if row["digit"] is None:
        return prefix + row["status"].replace("_", " ")
    doubt = " (unsure)" if row["status"] == "unsure" else ""
    return f"{prefix}{row['digit']}  {row['confidence']:.1%}{doubt}"


def _data(options) -> int:
    from digits import inventory

    for line in inventory.describe(options.folder):
        print(line)
    for path in inventory.draw(options.out):
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The command line: `python -m digits read FILE...`, `explain FILE`, `export NAME` and `data`."""

import argparse
import functools
import os
import sys
from pathlib import Path

from digits.contract import DEFAULT_MODEL, runs_dir
from digits.files import write_text


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit status: 0, 1 when an export fails its check, 2 for bad input."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes would drown our sentences
    for stream in (sys.stdout, sys.stderr):  # a name in letters that the screen lacks must not end the work
        stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="python -m digits", description="Read handwritten digits.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_read(commands)
    _add_explain(commands)
    _add_export(commands)
    _add_data(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _add_read(commands) -> None:
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
    read.set_defaults(run=_read)


def _add_explain(commands) -> None:
    explain = commands.add_parser("explain", help="show why a digit is read as it is")
    explain.add_argument("file", metavar="FILE", help="a picture of one digit")
    explain.add_argument(
        "--model", default=DEFAULT_MODEL, help="a name in models/ or a path (default: %(default)s)"
    )
    explain.add_argument(
        "--out",
        type=Path,
        default=runs_dir() / "explained",
        help="folder for the PNG files and explanation.json (default: %(default)s)",
    )
    explain.add_argument("--target", type=int, metavar="D", help="digit to explain (default: the likeliest)")
    explain.add_argument(
        "--layer", metavar="L", help="layer for Grad-CAM and Grad-CAM++ (default: the last convolution)"
    )
    explain.set_defaults(run=_explain)


def _add_export(commands) -> None:
    export = commands.add_parser("export", help="write a model in forms that other programs take")
    export.add_argument("model", metavar="NAME", help="a name in models/ or the path of a .keras file")
    export.add_argument(
        "--to",
        default="onnx",
        metavar="FORMS",
        help="some of keras,h5,savedmodel,tflite,tflite-f16,tflite-int8,onnx,tfjs (default: %(default)s)",
    )
    export.add_argument(
        "--out", type=Path, default=runs_dir() / "exports", help="folder to write to (default: %(default)s)"
    )
    export.set_defaults(run=_export)


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
    from tqdm import tqdm

    from digits import Recognizer, batch, rows  # late: --help answers at once
    from digits.network import checkpoints

    if options.json and options.csv == "-":
        raise ValueError("--json and --csv - both write to the screen; expected one of them.")
    model = checkpoints.find(options.model)  # before the first picture: a wrong name is refused at once
    reader = functools.cache(lambda: Recognizer.load(model))  # and TensorFlow only for a good picture
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
        print(rows.to_json(read), end="")
    if options.csv == "-":
        print(rows.to_csv(read), end="")
    elif options.csv:
        write_text(Path(options.csv), rows.to_csv(read))
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


def _explain(options) -> int:
    from digits import explaining  # late: --help answers at once

    said = explaining.explain_file(options.file, options.model, options.out, options.target, options.layer)
    if not said["asked"]:
        print(f"{options.file}: {explaining.NOT_ASKED.format(target=said['target'])}", file=sys.stderr)
    for sentence in dict.fromkeys(said["left_out"].values()):
        print(sentence, file=sys.stderr)
    for method in said["methods"].values():
        print(f"wrote {options.out / method['file']}")
    print(f"wrote {options.out / 'explanation.json'}")
    return 0


def _export(options) -> int:
    from digits import exporting  # late: --help answers at once

    failed = False
    for check in exporting.export(options.model, options.to.split(","), options.out):
        failed |= not check.passed
        print(exporting.sentence(check), file=sys.stdout if check.passed else sys.stderr, flush=True)
    return 1 if failed else 0


def _data(options) -> int:
    from digits import inventory

    for line in inventory.describe(options.folder):
        print(line)
    for path in inventory.draw(options.out):
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

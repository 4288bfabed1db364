"""`python -m digits export NAME`: a model in forms that other programs take."""

import sys
from pathlib import Path

from digits.config import runs_dir


def add(commands) -> None:
    """Add the command `export` to the parser's sub commands."""
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
    export.set_defaults(run=run)


def run(options) -> int:
    """Do it; return the exit status."""
    from digits.deploy import export as exporting  # late: --help answers at once

    failed = False
    for check in exporting.export(options.model, options.to.split(","), options.out):
        failed |= not check.passed
        print(exporting.sentence(check), file=sys.stdout if check.passed else sys.stderr, flush=True)
    return 1 if failed else 0

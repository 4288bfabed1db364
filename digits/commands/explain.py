"""`python -m digits explain FILE`: why a digit is read as it is, as pictures."""

import sys
from pathlib import Path

from digits.config import DEFAULT_MODEL, runs_dir
from digits.plots.text import articles


def add(commands) -> None:
    """Add the command `explain` to the parser's sub commands."""
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
    explain.set_defaults(run=run)


def run(options) -> int:
    """Do it; return the exit status."""
    from digits.explain import report  # late: --help answers at once

    said = report.explain_file(options.file, options.model, options.out, options.target, options.layer)
    if not said["asked"]:
        sentence = articles(report.NOT_ASKED.format(target=said["target"]))
        print(f"{options.file}: {sentence}", file=sys.stderr)
    for sentence in dict.fromkeys(said["left_out"].values()):
        print(sentence, file=sys.stderr)
    for method in said["methods"].values():
        print(f"wrote {options.out / method['file']}")
    print(f"wrote {options.out / 'explanation.json'}")
    return 0

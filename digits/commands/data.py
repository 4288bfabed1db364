"""`python -m digits data`: what data is there."""

from pathlib import Path

from digits.config import runs_dir


def add(commands) -> None:
    """Add the command `data` to the parser's sub commands."""
    data = commands.add_parser("data", help="show what data is there, and draw samples of it")
    data.add_argument(
        "--out",
        type=Path,
        default=runs_dir() / "data",
        help="folder for the PNG files (default: %(default)s)",
    )
    data.add_argument("--folder", type=Path, help="also look at a folder of own digits, e.g. my_digits")
    data.set_defaults(run=run)


def run(options) -> int:
    """Do it; return the exit status."""
    from evaluation import inspect_data

    for line in inspect_data.describe(options.folder):
        print(line)
    for path in inspect_data.draw(options.out):
        print(f"wrote {path}")
    return 0

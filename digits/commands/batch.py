"""`python -m digits batch INPUT... OUT.parquet`: millions of pictures into one table."""

import os
import sys
from functools import partial
from pathlib import Path

from digits.config import DEFAULT_MODEL


def add(commands) -> None:
    """Add the command `batch` to the parser's sub commands."""
    batch = commands.add_parser("batch", help="read millions of pictures into a table; goes on after a stop")
    batch.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="folders, .zip, WebDataset .tar and .parquet files (column image or bytes), and pictures",
    )
    batch.add_argument("out", type=Path, metavar="OUT.parquet", help="the table to write: a row per picture")
    batch.add_argument(
        "--model", default=DEFAULT_MODEL, help="a name in models/ or a path (default: %(default)s)"
    )
    batch.add_argument("--number", action="store_true", help="read all digits on each picture, in order")
    batch.add_argument(
        "--marks", action="store_true", help="numbers with points, commas, minus signs, spaces and lines"
    )
    batch.add_argument(
        "--engine", default="local", help="local: this machine's cores; ray: Ray Data (default: %(default)s)"
    )
    batch.add_argument(
        "--address",
        default="local",
        help="with --engine ray: local starts one here; auto or ray://HOST:PORT is a cluster, which needs "
        "the pictures and this checkout at the same paths (default: %(default)s)",
    )
    batch.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="pictures to read at the same time, a core each (default: %(default)s)",
    )
    batch.add_argument(
        "--part",
        type=int,
        default=1000,
        metavar="N",
        help="pictures between two savings: what a stop costs at most, per job (default: %(default)s)",
    )
    batch.add_argument("--restart", action="store_true", help="begin anew; replace OUT.parquet")
    batch.set_defaults(run=run)


def run(options) -> int:
    """Do it; return the exit status."""
    from tqdm import tqdm

    from digits.deploy.batch import output
    from digits.deploy.batch.job import (
        Job,
        begun,  # late: --help answers at once
    )

    asked = {name: value for name, value in vars(options).items() if name in Job.__dataclass_fields__}
    job = Job(**asked | {"inputs": tuple(options.inputs)})
    again = f"the same line{' without --restart' * job.restart} goes on"
    try:
        with begun(job, partial(print, file=sys.stderr)) as work:
            if work is None:
                rows, errors = output.counts(job.out)
            else:
                with tqdm(total=work.pictures, initial=work.kept, unit="picture", smoothing=0.05) as bar:
                    for read in work:
                        bar.update(read)
                rows, errors = work.finish()
    except KeyboardInterrupt:
        print(f"Stopped. What is finished is kept: {again}.", file=sys.stderr)
        return 130
    except RuntimeError as error:
        print(f"{error}\nWhat is finished is kept: {again}.", file=sys.stderr)
        return 1
    print(f"{job.out}: {rows:,} pictures, {errors:,} of them with an error (see the column of that name).")
    return 2 if errors == rows else 0

"""Run the walkthrough from its first cell to its last, and keep what it shows.

python notebooks/run.py                                # about five minutes; what `make notebook` does
python notebooks/run.py --small --out /tmp/try.ipynb   # about one, with few digits
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from digits import config, experiment
from digits.files import write_text

if TYPE_CHECKING:
    import nbformat

WALKTHROUGH = Path(__file__).resolve().parent / "walkthrough.ipynb"
SECONDS = 1800
"""That a cell may take."""

NOTES = re.compile(
    r"^(WARNING: All log messages before absl|[IW]\d{4} |INFO: Created TensorFlow"
    r"|.*os\.fork\(\) was.*\n +pid).*\n",
    re.M,
)
"""What TensorFlow, and JAX where it is installed, say of this machine and of themselves, unasked."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Run the notebook anew and write it with its outputs."""

    small: bool = False
    """Few digits and passes: whether it runs, not what it shows."""
    out: Path = WALKTHROUGH
    """File to write."""

    def __post_init__(self):
        kept = self.small and self.out.resolve() == WALKTHROUGH
        config.check(
            "--out", self.out, not kept, "another file with --small, which shows nothing worth keeping"
        )


def executed(path: Path, small: bool = False) -> "nbformat.NotebookNode":
    """Return a notebook after a run of all its cells, without what changes from machine to machine.

    Args:
        path: of the notebook, which stays as it is.
        small: see `Settings`.

    Raises:
        ValueError: a cell raised, and the message has its last words; or a package is missing.
    """
    for module in ("nbformat", "nbclient", "ipykernel"):
        config.need(module, "notebook", "The notebook")
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    os.environ["DIGITS_WALKTHROUGH"] = "small" if small else ""
    resources = {"metadata": {"path": str(path.parent)}}
    try:
        NotebookClient(notebook, timeout=SECONDS, record_timing=False, resources=resources).execute()
    except CellExecutionError as error:
        raise ValueError(f"{path.name}: a cell raised {error.ename}: {error.evalue}") from error
    notebook.metadata.language_info = {"name": "python"}  # without the version of this one
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [
                output for output in map(_without_notes, cell.outputs) if output.get("text") != ""
            ]
    return notebook


def _without_notes(output: "nbformat.NotebookNode") -> "nbformat.NotebookNode":
    if output.get("name") == "stderr":
        output.text = NOTES.sub("", output.text)
    return output


def main(settings: Settings) -> None:
    """Run, write."""
    notebook = executed(WALKTHROUGH, settings.small)
    import nbformat  # which is here, or there were no notebook

    write_text(settings.out, nbformat.writes(notebook) + "\n")
    print(f"Wrote {settings.out}")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

"""The notebook: it runs from its first cell to its last, and what is committed shows what it should."""

import importlib.util
import re

import nbformat
import pytest

from digits.config import ROOT

NOTEBOOK = ROOT / "notebooks" / "walkthrough.ipynb"
MACHINE = re.compile(r"/(home|root|work|tmp|Users|content|var|opt)/|[A-Z]:\\\\|site-packages")


@pytest.fixture
def run():
    """Return the script that runs the notebook, as a module."""
    spec = importlib.util.spec_from_file_location("run_walkthrough", ROOT / "notebooks" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def said(cell) -> str:
    """Return all text among a cell's outputs, but for pictures."""
    parts = [output.get("text", "") for output in cell.outputs]
    parts += [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join([*parts, *("\n".join(output.get("traceback", [])) for output in cell.outputs)])


def check_outputs(cells):
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert not [output for output in cell.outputs if output.output_type == "error"], said(cell)
        assert not [output.text for output in cell.outputs if output.get("name") == "stderr"]
        assert "Traceback" not in said(cell), said(cell)
        assert "Warning" not in said(cell), said(cell)
    pictures = [key for cell in cells for output in cell.outputs for key in output.get("data", {})]
    assert sum(key in ("image/png", "image/svg+xml") for key in pictures) >= 15


def test_the_whole_of_it_runs_with_few_digits(run, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_RUNS_DIR", str(tmp_path))
    before = NOTEBOOK.read_bytes()
    cells = code(run.executed(NOTEBOOK, small=True))
    check_outputs(cells)
    (folder,) = tmp_path.glob("walkthrough-*")
    expected = {"small.keras", "taught.keras", "number.png", "exported", "hand"}
    assert expected <= {path.name for path in folder.iterdir()}
    (numbers,) = [cell for cell in cells if "read --number" in cell.source]
    assert said(numbers).startswith("2026")
    assert NOTEBOOK.read_bytes() == before


def test_the_outputs_are_committed_and_tell_nothing_of_the_machine():
    cells = code(nbformat.read(NOTEBOOK, as_version=4))
    check_outputs(cells)
    assert not [cell.source for cell in cells if MACHINE.search(said(cell))]


def test_what_does_not_end_well_is_told(run, tmp_path):
    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("int('seven')")])
    nbformat.write(broken, tmp_path / "broken.ipynb")
    with pytest.raises(ValueError, match=r"broken\.ipynb: a cell raised ValueError: .*'seven'"):
        run.executed(tmp_path / "broken.ipynb")
    with pytest.raises(ValueError, match="another file with --small"):
        run.Settings(small=True)

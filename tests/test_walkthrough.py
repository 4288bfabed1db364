"""The notebook: it runs from its first cell to its last, and what is committed shows what it should."""

import ast
import importlib.util
import re

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from digits.config import ROOT

pytest.importorskip("nbclient")

NOTEBOOK = ROOT / "notebooks" / "walkthrough.ipynb"
MACHINE = re.compile(r"/(home|root|work|tmp|Users|content|var|opt)/|[A-Z]:\\\\|site-packages")
MOST_BYTES = 1_500_000
MOST_LINES = 16


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


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
    assert {"small.keras", "taught.keras", "number.png", "exported", "hand"} <= {
        p.name for p in folder.iterdir()
    }
    (numbers,) = [cell for cell in cells if "read --number" in cell.source]
    assert said(numbers).startswith("2026")
    assert NOTEBOOK.read_bytes() == before


def test_the_outputs_are_committed(notebook):
    check_outputs(code(notebook))
    assert not [cell.source for cell in code(notebook) if MACHINE.search(said(cell))]
    assert NOTEBOOK.stat().st_size < MOST_BYTES


def test_it_uses_the_library_and_copies_nothing(notebook):
    transform = TransformerManager().transform_cell
    for cell in code(notebook):
        tree = ast.parse(transform(cell.source))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        assert len(cell.source.splitlines()) <= MOST_LINES, cell.source


def test_every_section_says_what_it_is_about(notebook):
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    numbers = [int(number) for text in texts for number in re.findall(r"^## (\d+)\. ", text, flags=re.M)]
    assert numbers == list(range(1, len(numbers) + 1))
    kinds = "".join(cell.cell_type[0] for cell in notebook.cells)
    assert "ccc" not in kinds  # at most two cells of code without a word between them


def test_a_cell_that_raises_ends_in_a_sentence(run, tmp_path):
    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("int('seven')")])
    nbformat.write(broken, tmp_path / "broken.ipynb")
    with pytest.raises(ValueError, match=r"broken\.ipynb: a cell raised ValueError: .*'seven'"):
        run.executed(tmp_path / "broken.ipynb")


def test_few_digits_do_not_replace_the_outputs(run):
    with pytest.raises(ValueError, match="another file with --small"):
        run.Settings(small=True)

"""The import arrows of the house: who may know whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {"bulk", "collection", "picture", "network", "data", "school", "trust", "insight"}
JOINERS = {
    "adoption",
    "attacker",
    "recognizer",
    "batch",
    "bulk_reader",
    "bulk_reading",
    "comparison",
    "demonstration",
    "doubt",
    "explaining",
    "exporting",
    "fine_tuning",
    "lesson_scores",
    "light",
    "rows",
    "trainer",
    "inventory",
    "keepsakes",
    "paper_sheets",
    "neighbourhood",
    "own_digits",
    "teaching",
    "tutor",
    "practice",
    "results",
    "server",
    "standings",
    "stress",
}


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, anywhere in it, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def top(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "digits").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_digits_knows_neither_pages_nor_scripts(path):
    forbidden = {"streamlit", "app", "training", "evaluation", "digit_ui"}
    if path.name != "__main__.py" and path.parent.name != "commands":
        forbidden |= {"argparse"}
        assert "print(" not in path.read_text(encoding="utf-8")
    assert not top(imports(path)) & forbidden


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_know_only_their_own_neighbours(room):
    for path in (ROOT / "digits" / room).rglob("*.py"):
        inner = {name.split(".")[1] for name in imports(path) if name.startswith("digits.")}
        others = (ROOMS - {room}) | JOINERS
        if path.name in ("folders.py", "originals.py"):  # take pictures, so they know how those are decoded
            others -= {"picture"}
        assert not inner & others, path


def test_training_and_pages_cannot_reach_the_test_digits():
    outside = [ROOT / "training", ROOT / "app", ROOT / "digits"]
    allowed = {"mnist_test.py", "digit_source.py"}  # the latter shows them on pages, where nothing is chosen
    files = [path for folder in outside for path in folder.rglob("*.py") if path.name not in allowed]
    assert len(files) > 20
    for path in files:
        assert not any("mnist_test" in name for name in imports(path)), path


@pytest.mark.parametrize("folder", ["app", "training", "evaluation"])
def test_outer_folders_do_not_know_each_other(folder):
    for path in (ROOT / folder).rglob("*.py"):
        assert not top(imports(path)) & ({"app", "training", "evaluation"} - {folder}), path


def test_importing_digits_and_its_light_rooms_leaves_tensorflow_alone():
    code = (
        "import sys, digits, digits.attacker, digits.explaining, digits.figures, digits.picture.segment;"
        "import digits.data.strokes, digits.trust.metrics;"
        "from digits.network import checkpoints; checkpoints.entries();"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

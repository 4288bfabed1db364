"""Every script answers --help without the packages of extras, and bad words in one sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

APART = (
    "playwright",
    "nbformat",
    "nbclient",
    "ipykernel",
    "prometheus_client",
    "fastapi",
    "ray",
    "onnx",
    "onnxruntime",
    "tf2onnx",
    "keras_tuner",
    "tensorboard",
    "tensorflowjs",
    "art",
    "jax",
    "pytest",
    "hypothesis",
)
"""Modules that only extras install."""

LEFT_OUT = {"__init__.py", "__main__.py", "conftest.py"}

SCRIPTS = sorted(
    str(path.relative_to(ROOT))
    for folder in ("training", "evaluation", "notebooks", "web/scripts", "docs")
    for path in (ROOT / folder).rglob("*.py")
    if path.name not in LEFT_OUT and re.search(r"tyro\.cli\(|parse_args\(", path.read_text(encoding="utf-8"))
)

CODE = f"""
import contextlib, io, runpy, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {APART!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
for path in {SCRIPTS!r}:
    sys.argv, said, wrong = [path, "--help"], io.StringIO(), io.StringIO()
    status = "none"
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
        try:
            runpy.run_path(path, run_name="__main__")
        except SystemExit as end:
            status = end.code
        except BaseException as error:
            status = repr(error)
    said, wrong = said.getvalue(), wrong.getvalue()
    good = (status in (0, None) and "usage" in said) or (status == 2 and wrong.count(chr(10)) == 1)
    if not good:
        print(path, status, wrong[-300:])
print("all asked")
"""


def run(*words: str, **variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, *words]
    surroundings = os.environ | variables | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


def test_every_script_helps_without_extras_or_says_in_a_sentence_what_it_needs():
    done = run("-c", CODE)
    assert done.stdout == "all asked\n", done.stderr


@pytest.mark.parametrize(
    ("words", "variables", "sentence"),
    [
        (["web/scripts/models.py", "nosuch"], {}, "There is no model 'nosuch'; expected"),
        (["training/train_cnn.py", "--config", "/nonexistent.json"], {}, "There is no /nonexistent.json."),
        (["training/train_cnn.py", "--config", "tests"], {}, "tests is a folder; expected a file."),
        (
            ["training/train_cnn.py"],
            {"KERAS_BACKEND": "torch"},
            "KERAS_BACKEND is torch; expected tensorflow or jax.",
        ),
        (
            ["-m", "evaluation.judges.exports", "--model", "nosuch"],
            {},
            "There is no model 'nosuch'; expected",
        ),
    ],
)
def test_bad_input_ends_in_one_sentence_and_two(words, variables, sentence):
    done = run(*words, **variables)
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1

"""The container, as far as that can be told without Docker: the app runs from what is copied."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digits.config import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

PAGES = """
import sys, types
from pathlib import Path
canvas = types.ModuleType("streamlit_drawable_canvas")  # the test harness cannot run it
canvas.st_canvas = lambda **_: types.SimpleNamespace(image_bytes=None, json_data=None)
sys.modules["streamlit_drawable_canvas"] = canvas
sys.path.insert(0, "app")
from streamlit.testing.v1 import AppTest
import digits
assert Path(digits.__file__).is_relative_to(Path.cwd()), digits.__file__
app = AppTest.from_file("app/Home.py", default_timeout=120).run()
pages = sorted(Path("app").glob("*/page.py"))
assert len(pages) == 7, pages
for page in pages:
    app.switch_page(str(page.relative_to("app"))).run()
    assert not app.exception, (page, app.exception)
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """Return the folder that the container starts in: what its last stage copies from the checkout."""
    folder = tmp_path_factory.mktemp("image")
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    for source, target in re.findall(r"^COPY (?!--from)(?:--\S+ )*(\S+) (\S+)$", last, flags=re.MULTILINE):
        found, to = ROOT / source, folder / (source if target == "./" else target)
        for file in [found] if found.is_file() else [path for path in found.rglob("*") if path.is_file()]:
            if not left_out(file):
                copy = to if found.is_file() else to / file.relative_to(found)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
    return folder


def left_out(path: Path) -> bool:
    """Tell whether .dockerignore keeps a file out; the last pattern that fits decides."""
    inner, out = path.relative_to(ROOT).as_posix(), False
    for pattern in IGNORED:
        bare = pattern.removeprefix("!").removeprefix("**/")
        deep = "**/" in pattern
        names = inner.split("/") if deep else ["/".join(inner.split("/")[: bare.count("/") + 1])]
        if any(fnmatch.fnmatchcase(name, bare) for name in names):
            out = not pattern.startswith("!")
    return out


def test_nothing_private_gets_in(image):
    inside = {path.relative_to(image).as_posix() for path in image.rglob("*")}
    assert {
        "app/Home.py",
        "digits/recognizer.py",
        "models/handwriting.keras",
        "training/train_cnn.py",
    } <= inside
    assert not inside & {".git", ".venv", "user_data", "runs", "tests", "web", "models/previous"}
    assert not [name for name in inside if "__pycache__" in name or ".tmp-" in name]


def test_every_page_runs_from_the_copied_files_alone(image, tmp_path):
    given = re.findall(r"(DIGITS_\w+|KERAS_HOME)=(\S+)", DOCKERFILE)
    surrounded = {key: value.replace("/data", str(tmp_path)) for key, value in given}
    assert surrounded["DIGITS_PUBLIC"] == "1"  # strangers' digits are not kept
    done = subprocess.run(
        [sys.executable, "-c", PAGES],
        cwd=image,
        env=os.environ | surrounded | {"PYTHONPATH": str(image)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_dockerfile_has_no_known_faults():
    """By hadolint, which the extra `dev` brings along for Linux on x86-64 alone."""
    if (sys.platform, os.uname().machine) != ("linux", "x86_64"):
        pytest.skip("there is no hadolint for this machine")
    linter = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

"""The container, as far as that can be told without Docker: what it says, what it copies, what it starts."""

import fnmatch
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digits.config import ROOT

IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions in order, each with what follows it on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def named(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def copied() -> list[tuple[str, str]]:
    """Return what the last stage takes from the checkout, and where to."""
    last = "".join(f"{name} {rest}\n" for name, rest in instructions()).rsplit("FROM ", 1)[1]
    lines = re.findall(r"^COPY (?!--from)(?:--\S+ )*(\S+) (\S+)$", last, flags=re.MULTILINE)
    return [(source, source if target == "./" else target) for source, target in lines]


def environment() -> dict[str, str]:
    pairs = re.findall(r"(\w+)=(\S+)", named("ENV")[-1])
    return {key: value for key, value in pairs if key not in ("PATH", "PYTHONPATH")}


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


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """Return the folder that the container starts in: the copied files and no others."""
    folder = tmp_path_factory.mktemp("image")
    for source, target in copied():
        found = ROOT / source
        for file in [found] if found.is_file() else [file for file in found.rglob("*") if file.is_file()]:
            if not left_out(file):
                to = folder / target / file.relative_to(found) if found.is_dir() else folder / target
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, to)
    return folder


@pytest.fixture
def surrounded(image, tmp_path) -> dict[str, str]:
    """Return the container's environment, its folder /data in a temporary one."""
    inside = {key: value.replace("/data", str(tmp_path)) for key, value in environment().items()}
    return os.environ | inside | {"PYTHONPATH": str(image)}


def test_base_and_user_are_fixed():
    bases = {line.split()[0] for line in named("FROM")}
    python = (ROOT / "runtime.txt").read_text(encoding="utf-8").strip().replace("python-", "python:")
    assert len(bases) == 1
    assert re.fullmatch(rf"{re.escape(python)}\.\d+-slim-[a-z]+", bases.pop())
    assert named("USER") == ["1000"]
    assert "--uid 1000" in " ".join(named("RUN"))


def test_strangers_data_are_not_kept_unless_asked_for():
    assert environment()["DIGITS_PUBLIC"] == "1"
    assert environment()["DIGITS_USER_DIR"].startswith(named("VOLUME")[0])


def test_all_that_is_copied_is_there_and_let_through():
    sources = [source for line in named("COPY") if "--from" not in line for source in line.split()[:-1]]
    for source in (source for source in sources if not source.startswith("--")):
        assert (ROOT / source).exists(), source
        assert not left_out(ROOT / source), source


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


def test_every_page_runs_from_the_copied_files_alone(image, surrounded):
    code = """
import sys, types
from pathlib import Path
canvas = types.ModuleType("streamlit_drawable_canvas")  # the test harness cannot run it
canvas.st_canvas = lambda **_: types.SimpleNamespace(image_data=None, json_data=None)
sys.modules["streamlit_drawable_canvas"] = canvas
sys.path.insert(0, "app")
from streamlit.testing.v1 import AppTest
import digits
assert Path(digits.__file__).is_relative_to(Path.cwd()), digits.__file__
app = AppTest.from_file("app/Home.py", default_timeout=120).run()
for page in sorted(Path("app").glob("*/page.py")):
    app.switch_page(str(page.relative_to("app"))).run()
    assert not app.exception, (page, app.exception)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=image, env=surrounded, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_app_starts_and_calls_itself_healthy(image, surrounded):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    surrounded |= {"STREAMLIT_SERVER_PORT": port, "STREAMLIT_SERVER_ADDRESS": "localhost"}
    check = json.loads(named("HEALTHCHECK")[0].split("CMD ", 1)[1])
    start = json.loads(named("CMD")[-1])
    assert (check[0], start[0]) == ("python", "streamlit")

    def healthy() -> bool:
        command = [sys.executable, *check[1:]]
        return subprocess.run(command, env=surrounded, capture_output=True, check=False).returncode == 0

    assert not healthy()
    app = subprocess.Popen([sys.executable, "-m", *start], cwd=image, env=surrounded)
    try:
        while not healthy():
            assert app.poll() is None
            time.sleep(0.2)
    finally:
        app.kill()
        app.wait()


def test_the_dockerfile_has_no_known_faults():
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if linter is None:
        pytest.skip("hadolint is not installed here")
    done = subprocess.run([linter, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

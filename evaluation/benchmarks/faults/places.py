"""Faults of the place: a checkout that cannot be written, no internet, two apps on one folder."""

import json
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw

from digits.config import DEFAULT_MODEL, ROOT
from digits.data.collection.store import Store
from digits.models import registry
from evaluation import browser
from evaluation.benchmarks.faults.makes import make, shipped
from evaluation.benchmarks.faults.tools import Checks, around, is_sentence, run
from evaluation.benchmarks.faults.visit import visitors

PACKAGE = Path(__file__).parents[1]
"""Where Python finds the package `faults`."""

TRAIN = ROOT / "training" / "train_cnn.py"
TINY = ["--width", 2, "--depth", 1, "--limit", 200, "--batch-size", 100, "--epochs", 2]
"""A training of seconds."""

READ_ONLY = f'mount --bind "{ROOT}" "{ROOT}" && mount -o remount,bind,ro "{ROOT}" && cd "{ROOT}" && exec "$@"'
NO_INTERNET = 'ip link set lo up && exec "$@"'


def apart(*kinds: str, shell: str) -> tuple[str, ...]:
    """Return what runs a command in a world of its own, or nothing without the right to make one."""
    for rights in ((), ("--map-root-user",)):
        line = ("unshare", *kinds, *rights, "sh", "-c", shell, "sh")
        try:
            if subprocess.run([*line, "true"], capture_output=True, check=False).returncode == 0:
                return line
        except OSError:  # there is no such command on this system
            break
    return ()


def read_only(checks: Checks, folder: Path) -> None:
    """The app and the reader in a checkout that nobody can write to."""
    before = apart("--mount", shell=READ_ONLY)
    if not before:
        checks.skip("a checkout that cannot be written", "no right to mount")
        return
    inside = {"DIGITS_MODELS_DIR": "", "DIGITS_RUNS_DIR": "", "DIGITS_USER_DIR": "", "DIGITS_RESULTS_DIR": ""}
    env = around(folder) | inside
    seen = _visit(checks, env, before)
    checks.hold("saving a digit is refused in a sentence", "could not be kept" in seen["kept"], seen["kept"])
    _reads(checks, folder, env, before)


def offline(checks: Checks, folder: Path) -> None:
    """The app, the reader and a training without any network but the machine itself."""
    before = apart("--net", shell=NO_INTERNET)
    if not before:
        checks.skip("no internet", "no right to take it away")
        return
    env = around(folder, DIGITS_MODELS_DIR=ROOT / "models")
    seen = _visit(checks, env, before)
    checks.hold("the pages ask nobody but the app", seen["hosts"] == ["127.0.0.1"], seen["hosts"])
    checks.hold("a digit is kept", "Thanks" in seen["kept"], seen["kept"])
    _reads(checks, folder, env, before)
    line = [TRAIN, *TINY, "--out", folder / "models" / "new.keras"]
    done = run(line, env, before)
    checks.hold("training on data that is there", done.code == 0, done.words)
    if (ROOT / "data" / "mnist.npz").exists():
        checks.skip("training without data", f"there is some in {ROOT / 'data'}")
        return
    missing = {"DIGITS_DATA_DIR": str(folder), "KERAS_HOME": str(folder), "HOME": str(folder)}
    done = run(line, env | missing, before)
    checks.hold("without data training says in a sentence what is missing", done.is_refusal, done.words)


def two(checks: Checks, folder: Path) -> None:
    """Two apps that share the folders of models and of own digits."""
    env = around(folder)
    shipped(env)
    taught = make(env, "taught", 5, elsewhere=True)
    with (
        browser.app(**env) as one,
        browser.app(**env) as other,
        visitors(one.address, other.address) as pages,
    ):
        said = []
        for turn in range(5):
            for place, page in enumerate(pages):
                page.read(size=100 + 12 * turn, left=20 + 30 * place)
            said += [page.keep() for page in pages]
        kept = all("Thanks" in words for words in said)
        checks.hold("both keep digits at the same time, without a word on locks", kept, said)
        found = Store(folder / "user")
        checks.hold("all ten are there", (len(found), found.lost()) == (10, []), len(found))
        make(env, DEFAULT_MODEL, 8)
        answers = [page.read() for page in pages]
        checks.hold("both read with the model that replaced another", answers == ["8", "8"], answers)
        registry.publish(taught, "hand")
        for page in pages:
            page.open("Models")
        seen = [page.models() for page in pages]
        checks.hold("both offer a model that was adopted", all("hand" in names for names in seen), seen)
        traces = [trace for page in pages for trace in page.traces()]
        checks.hold("no stack of calls", not traces, traces)


def _visit(checks: Checks, env: dict[str, str], before: tuple[str, ...]) -> dict:
    done = run(["-m", "faults.visit"], env | {"PYTHONPATH": str(PACKAGE)}, before)
    seen = json.loads(done.out) if done.code == 0 else {"answer": done.words[-300:], "kept": "", "traces": []}
    checks.hold("the app starts, takes a drawing and answers", seen["answer"] == "7", seen["answer"])
    checks.hold("no page shows a stack of calls", not seen["traces"], seen["traces"])
    return {"hosts": []} | seen


def _reads(checks: Checks, folder: Path, env: dict[str, str], before: tuple[str, ...]) -> None:
    done = run(["-m", "digits", "read", draw_seven(folder)], env, before)
    quiet = not done.words or is_sentence(done.words)
    good = done.code == 0 and done.out.startswith("7") and quiet
    checks.hold("python -m digits read", good, done.out + done.words)


def draw_seven(folder: Path) -> Path:
    """Write a picture of a seven into a folder; return its path."""
    picture = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(picture).line([(50, 40), (150, 40), (95, 170)], 0, 12)
    picture.save(folder / "seven.png")
    return folder / "seven.png"

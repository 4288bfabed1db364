"""What faults are provoked with: processes in surroundings of their own, a small disk, a list of checks."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from digits.config import ROOT
from digits.files import read_json
from digits.models import checkpoints

PATIENCE = 300
"""Seconds for any one process."""

NOISE = ("WARNING: All log messages", "I0000", "W0000", "E0000", "INFO: Created TensorFlow Lite")
"""How lines begin that TensorFlow writes whatever it is told."""


class Checks:
    """What was looked at, in order, and whether it held."""

    def __init__(self):
        self.rows: list[dict] = []
        self.section = ""

    def hold(self, words: str, good: bool, seen: object = "") -> None:
        """Note and print one check; `seen` is what there was instead."""
        self._note(words, "ok" if good else "NOT ok", "" if good else " ".join(str(seen).split())[:300])

    def skip(self, words: str, why: str) -> None:
        """Note and print what cannot be tried here."""
        self._note(words, "skipped", why)

    def _note(self, words: str, state: str, seen: str) -> None:
        self.rows.append({"section": self.section, "check": words, "state": state, "seen": seen})
        print(f"{self.section:<9} {state:<7} {words}{f': {seen}' if seen else ''}", flush=True)


class Done(NamedTuple):
    """How a process ended."""

    code: int
    out: str
    words: str
    """What it wrote to stderr, without TensorFlow's own notes."""

    @property
    def is_refusal(self) -> bool:
        """Whether it ended with 2 and one sentence."""
        return self.code == 2 and is_sentence(self.words)


def is_sentence(words: str) -> bool:
    """Tell whether people get one line, not a stack of calls."""
    return bool(words.strip()) and len(words.strip().splitlines()) == 1 and "Traceback" not in words


def around(folder: Path, **more: object) -> dict[str, str]:
    """Return an environment whose models, runs, results and own digits lie in a folder."""
    named: dict[str, object] = {
        f"DIGITS_{name.upper()}_DIR": folder / name for name in ("models", "runs", "results", "user")
    }
    for path in map(Path, named.values()):
        path.mkdir(parents=True, exist_ok=True)
    return os.environ | {name: str(value) for name, value in (named | more).items()}


def run(line: list, env: dict[str, str] | None = None, before: tuple[str, ...] = ()) -> Done:
    """Run Python with some arguments, behind a command such as unshare, and wait."""
    command = [*before, sys.executable, *map(str, line)]
    done = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    lines = [text for text in done.stderr.splitlines() if text and not text.startswith(NOISE)]
    return Done(done.returncode, done.stdout, "\n".join(lines))


@contextmanager
def process(line: list, env: dict[str, str], address: str, log: Path) -> Iterator[subprocess.Popen]:
    """Run Python with some arguments until the block ends; yield once `address` answers."""
    with log.open("w") as output:
        command = [sys.executable, *map(str, line)]
        running = subprocess.Popen(command, env=env, cwd=ROOT, stdout=output, stderr=output)
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(address):
            if running.poll() is not None or time.monotonic() > until:
                raise ValueError(f"{' '.join(command)} did not start: {log.read_text()[-1000:]}")
            time.sleep(0.1)
        yield running
    finally:
        running.kill()
        running.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[Path | None]:
    """Yield a disk of so many KiB mounted in a folder, or None without the right to mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    line = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    try:
        may = subprocess.run(line, capture_output=True, check=False).returncode == 0
    except OSError:  # there is no such command on this system
        may = False
    try:
        yield folder if may else None
    finally:
        if may:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    """Fill a disk but for so many KiB; return the file that does it."""
    ballast, about = disk / "ballast", os.statvfs(disk)
    ballast.write_bytes(bytes(max(0, about.f_bavail * about.f_frsize - 1024 * leave)))
    return ballast


def halves(folder: Path) -> list[str]:
    """Return what is half under a real name: models, cards, weights, pictures and JSON files in a folder."""
    found = []
    for path in (one for one in folder.rglob("*") if one.is_file() and not one.name.startswith(".tmp-")):
        try:
            _check_whole(path)
        except Exception as error:  # every library has kinds of its own
            found.append(f"{path.name}: {error}")
    return found


def _check_whole(path: Path) -> None:
    if path.suffix == ".keras":
        problem = checkpoints.inspect(path).problem
        if problem:
            raise ValueError(problem)
    elif path.suffix == ".json":
        read_json(path)
    elif path.suffix == ".h5":
        import h5py

        with h5py.File(path) as file:
            file.visititems(lambda name, item: item[()] if isinstance(item, h5py.Dataset) else None)
    elif path.suffix == ".png":
        from PIL import Image

        with Image.open(path) as picture:
            picture.load()

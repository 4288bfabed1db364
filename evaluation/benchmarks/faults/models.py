"""Models that are replaced, taken away or half copied while an app and a server use them."""

import json
import os
import re
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digits import Recognizer
from digits.files import atomic_path
from digits.models import checkpoints
from evaluation import browser
from evaluation.benchmarks.faults.makes import make
from evaluation.benchmarks.faults.places import draw_seven
from evaluation.benchmarks.faults.tools import Checks, Done, around, is_sentence, process, run
from evaluation.benchmarks.faults.visit import Visitor, visitors

LOADS = 60
"""Loads of a model that another thread replaces all the time."""


class Shelf:
    """The model `mine` in models/, and two whole ones to put there."""

    def __init__(self, env: dict[str, str]):
        self.model = Path(env["DIGITS_MODELS_DIR"]) / "mine.keras"
        self.card = self.model.with_suffix(".json")
        self.three, self.eight = (self._made(env, digit) for digit in (3, 8))

    def _made(self, env: dict[str, str], digit: int) -> tuple[Path, Path]:
        # Made under its name and kept beside: the card says `mine`, whoever is there.
        make(env, "mine", digit)
        kept = self.model.parent.with_name(f"kept{digit}")
        kept.mkdir()
        return tuple(Path(shutil.copy(path, kept)) for path in (self.model, self.card))

    def put(self, whole: tuple[Path, Path]) -> None:
        """Put a whole model in place, as a copy would: model and card one after the other."""
        for file in whole:
            shutil.copyfile(file, self.model.with_name(file.name))

    def move(self, whole: tuple[Path, Path]) -> None:
        """Do the same with files that are whole at once."""
        for file in whole:
            with atomic_path(self.model.with_name(file.name)) as temporary:
                shutil.copyfile(file, temporary)

    def harms(self) -> dict[str, Callable[[], object]]:
        """Return what may happen to the model, by its name."""
        return {
            "half copied": lambda: _halve(self.model),
            "taken away": self.model.unlink,
            "with half a card": lambda: _halve(self.card),
        }


def models(checks: Checks, folder: Path) -> None:
    """Provoke it all."""
    env = around(folder)
    shelf = Shelf(env)
    _loading(checks, shelf)
    with browser.app(**env) as app, visitors(app.address) as (visitor,):
        _app(checks, shelf, visitor)
    _server(checks, shelf, env, folder)


def _halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _loading(checks: Checks, shelf: Shelf) -> None:
    """Load it here, harmed, whole again, and while it is replaced."""
    frames = np.zeros((1, 28, 28, 1), np.float32)
    for harm, do in shelf.harms().items():
        shelf.put(shelf.three)
        do()
        try:
            words = f"it answers {Recognizer.load('mine').name}"
        except ValueError as error:
            words = str(error)
        good = is_sentence(words) and "mine" in words and words.endswith(".")
        checks.hold(f"a model {harm} is refused in a sentence", good, words)
    over, wrong, missed = threading.Event(), [], 0

    def replace_all_the_time() -> None:
        while not over.is_set():
            for put in (shelf.move, shelf.put):
                for whole in (shelf.eight, shelf.three):
                    put(whole)
                    time.sleep(0.02)

    other = threading.Thread(target=replace_all_the_time)
    other.start()
    for _ in range(LOADS):
        try:
            model, card = checkpoints.load(shelf.model)
        except ValueError:
            missed += 1
            continue
        said = int(np.asarray(model(frames)).argmax())
        wrong += [f"{said} under {card.architecture}"] if card and card.architecture != f"says {said}" else []
    over.set()
    other.join()
    checks.hold(
        f"no model under another's card in {LOADS} loads ({missed} refused)",
        not wrong and missed < LOADS,
        wrong,
    )
    shelf.put(shelf.three)
    said = Recognizer.load("mine").probabilities(frames).argmax()
    checks.hold("whole again it is used", said == 3, said)


def _app(checks: Checks, shelf: Shelf, visitor: Visitor) -> None:
    checks.hold("the app answers", (said := visitor.read()) == "3", said)
    shelf.put(shelf.eight)
    checks.hold("a model that replaced another is used", (said := visitor.read()) == "8", said)
    for harm, do in shelf.harms().items():
        do()
        said = visitor.read()
        checks.hold(f"app, model {harm}: one sentence", said.startswith("There is no usable model"), said)
        shelf.put(shelf.three)
        checks.hold(f"app, model {harm}: whole again it is used", (said := visitor.read()) == "3", said)
    shelf.card.unlink()
    said = visitor.read(), "has no card" in visitor.sidebar()
    checks.hold("app, card missing: it answers, and says so", said == ("3", True), said)
    shelf.put(shelf.three)
    visitor.read()
    _replace_unnoticed(shelf)
    said = visitor.read()
    checks.hold("app: one of the same size and time is noticed", said == "8", said)
    checks.hold("app: no stack of calls", not visitor.traces(), visitor.traces())


def _replace_unnoticed(shelf: Shelf) -> None:
    """Put the other model there with the size and times of this one, as unpacking an archive may do."""
    for file in shelf.eight:
        there = shelf.model.with_name(file.name)
        times = there.stat()
        shutil.copyfile(file, there)
        os.utime(there, ns=(times.st_atime_ns, times.st_mtime_ns))


def _server(checks: Checks, shelf: Shelf, env: dict[str, str], folder: Path) -> None:
    """A server keeps what it has loaded; what is there counts for the next one."""
    picture = draw_seven(folder).read_bytes()
    shelf.put(shelf.three)
    port = 8631
    address = f"http://127.0.0.1:{port}"
    line = ["-m", "digits", "serve", "--model=mine", f"--port={port}"]
    with process(line, env, f"{address}/readyz", folder / "serve.txt"):
        for harm, do in shelf.harms().items():
            shelf.put(shelf.eight)
            do()
            said = _asked(address, picture)
            checks.hold(f"server, model {harm}: it answers with what it has loaded", said == 3, said)
    for harm, do in shelf.harms().items():
        shelf.put(shelf.eight)
        do()
        done: Done = run(line, env)
        checks.hold(f"a server that begins, model {harm}: one sentence", done.is_refusal, done.words)
    shelf.put(shelf.eight)
    with process(line, env, f"{address}/readyz", folder / "serve.txt"):
        checks.hold("a server that begins, whole again: used", (said := _asked(address, picture)) == 8, said)
    words = (folder / "serve.txt").read_text()
    checks.hold("server: no stack of calls", not re.search("Traceback", words), words)


def _asked(address: str, picture: bytes) -> object:
    request = urllib.request.Request(f"{address}/v1/digit", picture, {"Content-Type": "image/png"})
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["digit"]
    except OSError as error:
        return error

"""A disk that is full while models are trained, exported and adopted, and digits are kept."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from digits.data.collection.store import Store
from digits.models import checkpoints, registry
from evaluation import browser
from evaluation.benchmarks.faults.makes import make, shipped
from evaluation.benchmarks.faults.places import TINY, TRAIN
from evaluation.benchmarks.faults.tools import Checks, around, fill, halves, is_sentence, run, small_disk
from evaluation.benchmarks.faults.visit import visitors

ROOMS = (0, 8, 40, 90, 160, 260)
"""KiB left for a training that wants 500: it fails at its settings, weights, state, report and model."""

FORMS = ("keras", "h5", "savedmodel", "tflite")
OLD = b"what was there before"


def disk(checks: Checks, folder: Path) -> None:
    """Provoke it all on a disk of a few megabytes."""
    with small_disk(folder / "disk", 4096) as small:
        if small is None:
            checks.skip("a full disk", "no right to mount")
            return
        env = around(small)
        base = make(env, "mine", 3)
        taught = make(around(folder / "beside"), "taught", 5)
        make(env, "mine", 3)  # the folders of the small disk are this process' again
        _training(checks, env, small, base)
        _exports(checks, env, small)
        _adopting(checks, small, taught)
        _keeping(checks, small)
        shipped(env)
        with browser.app(**env) as app, visitors(app.address) as (visitor,):
            visitor.read()
            ballast = fill(small)
            words = visitor.keep()
            checks.hold("the page says it in a sentence", "could not be kept" in words, words)
            ballast.unlink()
            visitor.read(size=150)
            checks.hold("and goes on with room", "Thanks" in (words := visitor.keep()), words)
            checks.hold("the app shows no stack of calls", not visitor.traces(), visitor.traces())


def _training(checks: Checks, env: dict[str, str], small: Path, base: Path) -> None:
    out = base.with_name("new.keras")
    before = checkpoints.inspect(base)
    line = [TRAIN, *TINY, "--out", out]
    for room in ROOMS:
        ballast = fill(small, room)
        done = run(line, env)
        checks.hold(f"training, {room} KiB left: ends with 2 and a sentence", done.is_refusal, done.words)
        left = halves(small / "runs") + halves(small / "models")
        checks.hold(f"training, {room} KiB left: nothing half under a real name", not left, left)
        ballast.unlink()
        if room < ROOMS[-1]:
            shutil.rmtree(small / "runs")
    checks.hold("the model that was there is as it was", checkpoints.inspect(base) == before)
    done = run([*line, "--resume"], env)
    good = done.code == 0 and checkpoints.inspect(out).card is not None
    checks.hold("with room it goes on where it was", good and "Epoch 1/" not in done.out, done.words)
    kept = out.read_bytes(), out.with_suffix(".json").read_bytes()
    shutil.rmtree(small / "runs")
    ballast = fill(small, 330)
    done = run(line, env)
    now = out.read_bytes(), out.with_suffix(".json").read_bytes()
    checks.hold("no room for a newer model: the older one stays", done.code == 2 and now == kept, done.words)
    ballast.unlink()


def _exports(checks: Checks, env: dict[str, str], small: Path) -> None:
    out = small / "exports"
    out.mkdir()
    for form in FORMS:
        there = out / ("mine.savedmodel/old" if form == "savedmodel" else f"mine.{form}")
        there.parent.mkdir(exist_ok=True)
        there.write_bytes(OLD)
        ballast = fill(small, 8)
        done = run(["-m", "digits", "export", "mine", "--to", form, "--out", out], env)
        checks.hold(f"export to {form}: ends with 2 and a sentence", done.is_refusal, done.words)
        good = there.read_bytes() == OLD and not list(out.glob(".tmp*"))
        words = f"export to {form}: what was there stays, nothing half beside it"
        checks.hold(words, good, list(out.glob("*")))
        ballast.unlink()
    done = run(["-m", "digits", "export", "mine", "--to", "keras", "--out", out], env)
    checks.hold(
        "export goes on with room",
        done.code == 0 and checkpoints.inspect(out / "mine.keras").card is not None,
        done.words,
    )


def _adopting(checks: Checks, small: Path, taught: Path) -> None:
    ballast = fill(small, 8)
    words = _refusal(lambda: registry.publish(taught, "hand"))
    listed = [entry.name for entry in checkpoints.entries() if not entry.problem]
    good = is_sentence(words) and "hand" not in listed and "mine" in listed
    checks.hold("adopting is refused in a sentence, models/ stays as it was", good, (words, listed))
    ballast.unlink()
    registry.publish(taught, "hand")
    names = [one.name for one in registry.published()]
    checks.hold("with room it is adopted", names == ["hand"] and not halves(small / "models"), names)


def _keeping(checks: Checks, small: Path) -> None:
    """Keep digits until the disk is full, at every room there may be."""
    store, rng = Store(small / "user"), np.random.default_rng(1)

    def keep() -> None:
        picture = rng.integers(0, 256, (60, 60), dtype=np.uint8)
        store.add(picture, np.zeros((28, 28)), 7, origin="draw")

    keep()
    for room in (0, 4, 12, 24, 44, 64):
        ballast, words = fill(small, room), ""
        while not words:
            words = _refusal(keep)
        before = len(store)
        files = len(list((small / "user" / "pictures").glob("[!.]*")))
        good = is_sentence(words) and (files, store.lost()) == (2 * before, [])
        checks.hold(f"digits, {room} KiB left: a sentence, and nothing is left over", good, (words, files))
        ballast.unlink()
        keep()
        checks.hold(f"digits, {room} KiB left: with room it goes on", len(store) == before + 1, len(store))
    with closing(sqlite3.connect(small / "user" / "collection.sqlite")) as table:
        found = table.execute("PRAGMA integrity_check").fetchone()[0]
    checks.hold("the table is sound", found == "ok", found)


def _refusal(do: Callable[[], object]) -> str:
    try:
        do()
    except (ValueError, OSError) as error:
        return str(error)
    return ""

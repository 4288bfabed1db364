"""A job in the background: it survives who started it, ends as told, and leaves nothing half-made."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from finetune_jobs import OUTCOME, command, ended, fill, start

from digits.config import ROOT
from digits.files import read_json, write_json
from digits.train.jobs import manager
from digits.train.jobs.state import State, progress


@pytest.fixture(autouse=True)
def home(surroundings):
    """Return the folder of jobs; end what a test leaves running."""
    yield surroundings / "user" / "school"
    manager.cancel()


def number(found) -> int:
    """Return the number of the process of a job."""
    return read_json(found.folder / "process.json")["pid"]


def killed(found):
    """Kill the process of a job in the way that nothing can catch."""
    os.kill(number(found), signal.SIGKILL)
    return ended()


def test_a_job_ends_with_a_model_that_waits_for_a_decision(surroundings, home):
    assert manager.look().state is State.NONE
    (home / "course" / "my_digits" / "3").mkdir(parents=True)
    assert manager.look().state is State.NONE, "an app was killed while it copied digits"
    start(surroundings, "done")
    found = ended()
    assert found.state is State.DONE
    assert (found.request.base, found.request.effort) == ("base", "quick")
    assert found.outcome == OUTCOME
    assert found.model.read_bytes() == b"model"
    assert not list((surroundings / "models").iterdir()), "adopting is something else"
    assert manager.cancel().state is State.DONE
    with pytest.raises(ValueError, match="no interrupted fine-tuning"):
        manager.resume()
    with pytest.raises(ValueError, match="adopt or discard it first"):
        start(surroundings, "done")
    assert manager.look().state is State.DONE


@pytest.mark.parametrize(
    ("end", "state", "sentence"),
    [
        ("refused", State.REFUSED, "It gained nothing."),
        ("fails", State.FAILED, "ValueError: 3.png is no picture."),
    ],
)
def test_a_job_without_a_model_says_why(surroundings, end, state, sentence):
    start(surroundings, end)
    found = ended()
    assert (found.state, found.sentence, found.resumable) == (state, sentence, False)


@pytest.mark.parametrize("text", ["{", '{"base": "tiny", "strange": 1}'])
def test_a_job_with_a_damaged_request_has_failed_and_can_be_discarded(home, text):
    (home / "course").mkdir(parents=True)
    (home / "course" / "request.json").write_text(text)
    found = manager.look()
    assert found.state is State.FAILED
    assert "cannot be read" in found.sentence
    manager.discard()
    assert manager.look().state is State.NONE


def test_it_is_watched_while_it_runs(surroundings):
    found = start(surroundings, "waits")
    assert found.state is State.RUNNING
    assert manager.look().state is State.RUNNING
    while not (now := progress(found.folder)).done:
        time.sleep(0.01)
    assert (now.done, now.epochs, now.share) == (1, 4, 0.25)
    assert now.history[0]["val_accuracy"] == 0.6
    assert now.seconds_left is None
    if hasattr(os, "getpriority"):  # Windows has another way to let the app go first
        assert os.getpriority(os.PRIO_PROCESS, number(found)) > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_cancelled_job_can_go_on_or_be_discarded(surroundings, home):
    start(surroundings, "waits")
    found = manager.cancel()
    assert (found.state, found.resumable) == (State.CANCELLED, True)
    manager.resume()
    assert ended().state is State.DONE
    manager.discard()
    assert manager.look().state is State.NONE
    assert not [path for path in home.iterdir() if path.suffix != ".lock"]


def test_a_killed_job_has_failed_and_the_next_one_sweeps_it(surroundings, home):
    found = killed(start(surroundings, "waits"))
    assert (found.state, found.resumable) == (State.FAILED, True)
    assert "interrupted" in found.sentence
    write_json(found.folder / "process.json", {"pid": os.getpid()})  # the number went to another process
    assert manager.look().state is State.FAILED
    manager.cancel()  # would end this test
    (found.folder / "half").touch()
    assert not list((surroundings / "models").iterdir())
    start(surroundings, "done")
    assert ended().state is State.DONE
    assert not list(home.rglob("half"))


def test_there_is_one_at_a_time(surroundings):
    start(surroundings, "waits")
    with pytest.raises(ValueError, match="running already"):
        start(surroundings, "done")
    with pytest.raises(ValueError, match="stop it first"):
        manager.discard()
    assert manager.look().state is State.RUNNING


def test_of_many_starts_at_once_one_wins(surroundings):
    line = command(surroundings, "waits")

    def attempt(_):
        try:
            return manager.start("base", "quick", fill, line).state
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(attempt, range(4)))
    assert said.count(State.RUNNING) == 1
    assert sum("running already" in words for words in said) == 3


def test_it_goes_on_when_the_app_is_killed(surroundings):
    command(surroundings, "waits")
    script = surroundings / "fake.py"
    app = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; sys.path.insert(0, 'tests'); import finetune_jobs; from pathlib import Path\n"
            f"finetune_jobs.start(Path({str(surroundings)!r}), 'waits')\n"
            "print('on', flush=True); time.sleep(600)",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert app.stdout.readline() == b"on\n"
    os.killpg(app.pid, signal.SIGKILL)
    app.wait()
    app.stdout.close()
    assert script.exists()
    assert manager.look().state is State.RUNNING
    with pytest.raises(ValueError, match="running already"):
        start(surroundings, "done")
    assert manager.cancel().state is State.CANCELLED


def test_what_cannot_be_started_leaves_nothing(surroundings, home):
    def broken(folder):
        folder.mkdir()
        raise ValueError("The disk is full.")

    with pytest.raises(ValueError, match="disk is full"):
        start(surroundings, "done", fill=broken)
    assert manager.look().state is State.NONE
    assert not (home / "course").exists()
    with pytest.raises(ValueError, match="--effort is endless; expected one of: quick, thorough, long"):
        manager.start("base", "endless", fill)


def test_progress_counts_both_stages(tmp_path):
    run = tmp_path / "runs" / "finetune_on_custom-1"
    assert progress(tmp_path).epochs == 0
    write_json(run / "args.json", {"epochs": 3})
    rows = [{"epoch": epoch, "val_accuracy": 0.9, "seconds": 10.0 * epoch} for epoch in (1, 2)]
    write_json(run / "checkpoints" / "head" / "state.json", {"history": rows[:1]})
    write_json(run / "checkpoints" / "all" / "state.json", {"history": rows})
    now = progress(tmp_path)
    assert (now.done, now.epochs, now.share, now.seconds_left) == (3, 4, 0.75, 20.0)
    write_json(run / "args.json", {"epochs": 3, "again": 2})
    write_json(run / "checkpoints" / "again" / "state.json", {"history": rows[:1]})
    now = progress(tmp_path)
    assert (now.done, now.epochs, now.judged, len(now.history)) == (4, 6, 4, 3)

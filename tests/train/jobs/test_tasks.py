"""What is done for a model in the background is watched, stopped and forgotten, by what it says of itself."""

import time

import pytest

from digits.train.jobs import tasks
from digits.train.jobs.tasks import State

MODULE = """
import sys, time
print("Step 1 of 2: counting", flush=True)
print("digits:  50%|#####     | 5/10", flush=True)
if sys.argv[-1] == "bad":
    raise SystemExit("There is nothing to count.")
while sys.argv[-1] == "slow":
    time.sleep(0.05)
"""


@pytest.fixture(autouse=True)
def module(surroundings, monkeypatch):
    (surroundings / "counted_here.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(surroundings), prepend=":")
    monkeypatch.setitem(tasks.KINDS, "measure", "counted_here")


def until(model: str, wanted) -> tasks.Task:
    for _ in range(600):
        if wanted(found := tasks.look(model)):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_task_is_watched_and_stopped_and_another_may_follow():
    assert tasks.look("slow").state is State.NONE
    tasks.start("slow", "measure")
    found = until("slow", lambda task: task.share)
    assert (found.state, found.words, found.share) == (State.RUNNING, "counting", 0.25)
    with pytest.raises(ValueError, match="worked on already"):
        tasks.start("slow", "measure")
    tasks.stop("slow")
    assert tasks.look("slow").state is State.NONE
    for name, state, words in (("good", State.DONE, ""), ("bad", State.FAILED, "There is nothing to count.")):
        tasks.start(name, "measure")
        found = until(name, lambda task: task.state is not State.RUNNING)
        assert (found.state, found.words) == (state, words)
        tasks.forget(name)
        assert tasks.look(name).state is State.NONE


def test_a_name_never_leads_out_of_the_folder(surroundings):
    tasks.start("../../slow", "measure")
    tasks.stop("../../slow")
    assert not list(surroundings.parent.glob("slow"))

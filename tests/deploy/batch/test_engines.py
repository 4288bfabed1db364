"""Who does the work: processes of this machine. What dies, refuses or is not waited for harms nobody."""

import multiprocessing
import multiprocessing.connection
import os
from functools import partial
from pathlib import Path

import piles
import pytest

from digits import config
from digits.deploy.batch import engines, sources
from digits.deploy.batch.job import Job


def shards(tmp_path, widths, size=2):
    path = piles.make(
        tmp_path, "pile.zip", {f"{i:03d}.png": piles.png(width) for i, width in enumerate(widths)}
    )
    return sources.shards([str(path)], size)


def test_two_processes_do_the_work_and_take_shards_as_they_have_room(tmp_path):
    taken = []

    def watched():
        for shard in shards(tmp_path, range(10, 30)):
            taken.append(shard.number)
            yield shard

    work = engines.in_processes(watched(), piles.Measure, 2)
    first = next(work)
    assert len(taken) <= 4
    found = dict([first, *work])
    assert sorted(found) == list(range(10))
    rows = [row for number in sorted(found) for row in found[number]]
    assert [row["width"] for row in rows] == list(range(10, 30))
    assert os.getpid() not in {row["process"] for row in rows}
    here = dict(engines.here(shards(tmp_path, range(10, 30)), piles.Measure))
    assert [row["width"] for number in sorted(here) for row in here[number]] == list(range(10, 30))


def test_a_process_that_dies_or_cannot_begin_its_work_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="died.*fewer --jobs"):
        list(engines.in_processes(shards(tmp_path, [10, 20, 66, 30]), piles.Measure, 1))
    with pytest.raises(ValueError, match="no such model"):
        list(engines.in_processes(shards(tmp_path, [10, 20]), partial(piles.Measure, refuses=True), 1))


def test_no_process_stays_when_nobody_waits_for_more(tmp_path):
    before = set(multiprocessing.active_children())
    work = engines.in_processes(shards(tmp_path, [10] * 40, size=1), piles.Measure, 2)
    next(work)
    work.close()
    for process in set(multiprocessing.active_children()) - before:
        # Not is_alive: the pool's own thread may be the one that has seen it end, and not have said so yet.
        assert multiprocessing.connection.wait([process.sentinel], 60)


def test_without_ray_the_line_that_installs_it_is_named(monkeypatch):
    monkeypatch.setattr(config, "find_spec", lambda name: None if name == "ray" else name)
    with pytest.raises(ValueError, match=r"pip install -e '\.\[ray\]'"):
        Job(inputs=("pile.zip",), out=Path("out.parquet"), engine="ray")

"""Shards, worked on by processes of this machine."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from digits.bulk.sources import Shard

Rows = list[dict[str, Any]]
Work = Callable[[Shard], Rows]
Answers = Generator[tuple[int, Rows], None, None]
"""The numbers of shards with their rows, as soon as they are there: not always in order."""

WAITING = 1
"""Shards that wait for each process: none is idle, and few are in memory."""

_work: Work | None = None


def run(shards: Iterable[Shard], build: Callable[[], Work], jobs: int) -> Answers:
    """Work on shards in so many processes.

    Args:
        shards: taken one by one, as there is room for them.
        build: makes, in each process, what does the work. Must cross over to a process: no lambda.
        jobs: how many processes.

    Yields:
        See `Answers`.

    Raises:
        RuntimeError: a process died, e.g. for want of memory; one sentence.
    """
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")  # a fork would take along threads that are not there
    pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(build,))
    waiting: dict[Future[Rows], int] = {}
    shards = iter(shards)
    try:
        while True:
            while len(waiting) < jobs * (1 + WAITING) and (shard := next(shards, None)) is not None:
                waiting[pool.submit(_do, shard)] = shard.number
            if not waiting:
                return
            for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(done), done.result()
    except BrokenProcessPool as error:
        raise RuntimeError(
            "A process that reads pictures died, perhaps for want of memory; expected more, or fewer --jobs."
        ) from error
    finally:  # also when nobody wants to hear more, or Ctrl-C was pressed: nothing of theirs is on the disk
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()


def run_here(shards: Iterable[Shard], build: Callable[[], Work]) -> Answers:
    """Work on shards in this process; see `run`."""
    work = build()
    return ((shard.number, work(shard)) for shard in shards)


def _start(build: Callable[[], Work]) -> None:
    """Get a process ready: it leaves Ctrl-C to its parent, and does not outlive it."""
    global _work
    silence()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _work = build()
    except ValueError as error:  # else all that is known is that a process died
        _work = partial(_refuse, error)


def silence() -> None:
    """Let this whole process write nothing to its standard error: libraries in C++ greet there."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _refuse(error: ValueError, shard: Shard) -> Rows:
    raise error


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)


def _do(shard: Shard) -> Rows:
    assert _work is not None  # `_start` came first
    return _work(shard)

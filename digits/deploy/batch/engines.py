"""Who works on shards: this process, processes of this machine, or Ray Data here or on a cluster.

Of a cluster every machine needs this package, and the pictures and the model at the same paths: a shared
folder. Only what cannot be found again by its place travels: pictures out of .parquet and packed .tar files.
"""

import logging
import multiprocessing
import os
import pickle
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from digits.deploy import processes
from digits.deploy.batch.sources import Shard

Rows = list[dict[str, Any]]
Work = Callable[[Shard], Rows]
Answers = Generator[tuple[int, Rows], None, None]
"""The numbers of shards with their rows, as soon as they are there: not always in order."""

HERE = "local"
"""The address of a Ray that is started on this machine for this work alone."""

STORE = 200 * 2**20
"""Bytes that such a Ray keeps for what is on its way: a third of the memory would be its own choice."""

_work: Work | None = None
"""Of a process of `in_processes`: what `build` made there."""


def here(shards: Iterable[Shard], build: Callable[[], Work]) -> Answers:
    """Work on shards in this process; see `in_processes`."""
    work = build()
    return ((shard.number, work(shard)) for shard in shards)


def in_processes(shards: Iterable[Shard], build: Callable[[], Work], jobs: int) -> Answers:
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
    pool = ProcessPoolExecutor(jobs, processes.SPAWN, initializer=_begin_process, initargs=(build,))
    waiting: dict[Future[Rows], int] = {}
    shards = iter(shards)
    try:
        while True:
            # One shard waits for each process: none is idle, and few are in memory.
            while len(waiting) < 2 * jobs and (shard := next(shards, None)) is not None:
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


def on_ray(
    shards: Callable[[], Iterator[Shard]], build: Callable[[], Work], jobs: int, address: str
) -> Answers:
    """Work on shards in so many actors; see `in_processes`.

    Args:
        shards: makes the shards; is called wherever Ray has room, so it must travel as `build` must.
        build: see there.
        jobs: how many actors, each with a core of its own.
        address: "local", "auto" for a cluster that this machine belongs to, or ray://HOST:PORT.

    Raises:
        ValueError: there is no cluster at this address; one sentence.
    """
    _begin_ray(address, jobs)
    import ray
    from ray.data import ActorPoolStrategy, TaskPoolStrategy

    one_by_one: dict[str, Any] = {"batch_size": 1, "batch_format": "numpy"}
    planning, working = TaskPoolStrategy(size=1), ActorPoolStrategy(size=jobs)
    try:
        asked = ray.data.from_items([{"all": 0}])
        planned = asked.map_batches(partial(_planned, shards), num_cpus=0, compute=planning, **one_by_one)
        done = planned.map_batches(
            _Actor, fn_constructor_args=(build,), num_cpus=1, compute=working, **one_by_one
        )
        for batch in done.iter_batches(prefetch_batches=0, **one_by_one):
            yield pickle.loads(batch["rows"][0])
    except ray.exceptions.RayTaskError as error:
        raise (error.cause if isinstance(error.cause, ValueError) else RuntimeError(str(error))) from error
    finally:
        ray.shutdown()


def _begin_process(build: Callable[[], Work]) -> None:
    """Make what does the work; see `processes.begin`."""
    global _work
    processes.begin()
    try:
        _work = build()
    except ValueError as error:  # else all that is known is that a process died
        _work = partial(_refuse, error)


def _refuse(error: ValueError, shard: Shard) -> Rows:
    raise error


def _do(shard: Shard) -> Rows:
    assert _work is not None  # `_begin_process` came first
    return _work(shard)


class _Actor:
    """What does the work, kept from shard to shard."""

    def __init__(self, build: Callable[[], Work]):
        self._work = build()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Work on one shard; both ways it travels as bytes, whatever its rows are."""
        shards = [pickle.loads(data) for data in batch["shard"]]
        return {"rows": [pickle.dumps((shard.number, self._work(shard))) for shard in shards]}


def _planned(shards: Callable[[], Iterator[Shard]], _: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield shard after shard, as fast as they are taken."""
    for shard in shards():
        yield {"shard": [pickle.dumps(shard)]}


def _begin_ray(address: str, jobs: int) -> None:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would tell its makers
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", "The minimum number of concurrent actors")  # of one input: the plan
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address == HERE:
        ray.init(HERE, num_cpus=jobs, include_dashboard=False, object_store_memory=STORE, **quiet)
    else:
        try:
            ray.init(address, **quiet)
        except (ConnectionError, ValueError, RuntimeError) as error:
            words = str(error).splitlines()[0]
            raise ValueError(
                f"There is no Ray at {address!r} ({words}); expected local, auto or ray://HOST:PORT."
            ) from None
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # a shard is a block: else 128 MB of them would wait for each other

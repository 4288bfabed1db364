"""Shards, worked on by Ray Data: on this machine, or on a cluster whose address is given.

On a cluster every machine needs this package, and the pictures and the model at the same paths: a shared
folder. Only what cannot be found again by its place travels: pictures out of .parquet and packed .tar files.
"""

import logging
import os
import pickle
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from digits.bulk.local import Answers, Work
from digits.bulk.needs import need
from digits.bulk.sources import Shard

HERE = "local"
"""The address of a Ray that is started on this machine for this work alone."""

STORE = 200 * 2**20
"""Bytes that such a Ray keeps for what is on its way: a third of the memory would be its own choice."""


def run(shards: Callable[[], Iterator[Shard]], build: Callable[[], Work], jobs: int, address: str) -> Answers:
    """Work on shards in so many actors; see `digits.bulk.local.run`.

    Args:
        shards: makes the shards; is called wherever Ray has room, so it must travel as `build` must.
        build: see there.
        jobs: how many actors, each with a core of its own.
        address: "local", "auto" for a cluster that this machine belongs to, or ray://HOST:PORT.

    Raises:
        ValueError: Ray is not installed, or there is no cluster at this address; one sentence.
    """
    need("ray", "ray", "--engine ray")
    _start(address, jobs)
    import ray
    from ray.data import ActorPoolStrategy, TaskPoolStrategy

    try:
        asked = ray.data.from_items([{"all": 0}]).map_batches(
            partial(_planned, shards),
            batch_size=1,
            batch_format="numpy",
            num_cpus=0,
            compute=TaskPoolStrategy(size=1),
        )
        done = asked.map_batches(
            _Actor,
            fn_constructor_args=(build,),
            batch_size=1,
            batch_format="numpy",
            num_cpus=1,
            compute=ActorPoolStrategy(size=jobs),
        )
        for batch in done.iter_batches(batch_size=1, batch_format="numpy", prefetch_batches=0):
            yield pickle.loads(batch["rows"][0])
    except ray.exceptions.RayTaskError as error:
        raise (error.cause if isinstance(error.cause, ValueError) else RuntimeError(str(error))) from error
    finally:
        ray.shutdown()


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


def _start(address: str, jobs: int) -> None:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would tell its makers
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    warnings.filterwarnings(
        "ignore", "The minimum number of concurrent actors"
    )  # it sees one input: the plan

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

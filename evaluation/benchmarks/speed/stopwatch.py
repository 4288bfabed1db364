"""Where the time of a reading goes, stage by stage, without a word about it in the road itself.

A stage's time is what is spent in the functions of its file, less what these spend in other stages.
"""

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digits import Recognizer, recognizer
from digits.preprocessing import ink, lattice

STAGES = {
    "digits.preprocessing.decode": "decode",
    "digits.preprocessing.ink": "ink",
    "digits.preprocessing.candidates": "split",
    "digits.preprocessing.frame": "frame",
    "digits.models.runtimes": "network",
}
"""Files whose functions are timed, where the road calls them."""


class Watch:
    """Adds up the seconds spent in each stage; a stage inside another stops the outer one's clock."""

    def __init__(self):
        self.seconds, self._running, self._since = defaultdict(float), ["judge"], time.perf_counter()

    def switch(self, stage: str | None) -> None:
        """Enter a stage, or leave the innermost with None."""
        now = time.perf_counter()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now
        self._running.append(stage) if stage else self._running.pop()

    def wrap(self, function: Callable, stage: str) -> Callable:
        """Return `function` with its time booked on `stage`."""

        @functools.wraps(function)
        def timed(*args, **options):
            self.switch(stage)
            try:
                return function(*args, **options)
            finally:
                self.switch(None)

        return timed


@contextmanager
def watched(reader: Recognizer) -> Iterator[Watch]:
    """Time the stages of the road inside the block, then leave everything as it was."""
    watch, before = Watch(), []
    for module in (ink, lattice, recognizer):
        for name, value in list(vars(module).items()):
            stage = STAGES.get(getattr(value, "__module__", None))
            if stage and value.__module__ != module.__name__ and not isinstance(value, type):
                before.append((module, name, value))
                setattr(module, name, watch.wrap(value, stage))
    runtime, reader._logits = reader._logits, watch.wrap(reader._logits, "network")
    try:
        yield watch
        watch.switch("judge")
    finally:
        reader._logits = runtime
        for module, name, value in before:
            setattr(module, name, value)

"""Request batching: jobs wait in a row, and whoever is free takes all that wait and does them together.

There is no waiting for company: alone, a job starts at once. While one batch is worked on the next one
gathers by itself, so batches grow with the load, which is when they pay.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Waiting(Generic[Job, Answer]):
    job: Job
    weight: float
    future: Future[Answer] = field(default_factory=Future)


class Lane(Generic[Job, Answer]):
    """A row of jobs before one or several threads. It has no bound of its own: whoever lets jobs in has."""

    def __init__(
        self,
        work: Callable[[list[Job]], list[Answer]],
        workers: int = 1,
        together: int = 1,
        heaviest: float = float("inf"),
    ):
        """Start the threads.

        Args:
            work: does jobs, in order. Where it raises, each of them is done again alone, so that a bad job
                is the only one that fails.
            workers: threads.
            together: most jobs at a time.
            heaviest: most weight at a time; a single job may be heavier.
        """
        self._work, self._together, self._heaviest = work, together, heaviest
        self._row: deque[_Waiting[Job, Answer]] = deque()
        self._changed, self._closed = Condition(), False
        self._threads = [Thread(target=self._run, name="lane", daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job, weight: float = 0.0) -> Future[Answer]:
        """Put a job in the row. A future that is cancelled before its turn costs nothing more.

        Raises:
            RuntimeError: the lane is closed.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("The lane is closed.")
            waiting: _Waiting[Job, Answer] = _Waiting(job, weight)
            self._row.append(waiting)
            self._changed.notify()
        return waiting.future

    def close(self) -> None:
        """Take nothing more; return when all that waited is done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while taken := self._take():
            wanted = [waiting for waiting in taken if waiting.future.set_running_or_notify_cancel()]
            if wanted:
                self._do(wanted)

    def _take(self) -> list[_Waiting[Job, Answer]]:
        """Wait for a job and return it with those behind it that fit; nothing when the lane has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._row or self._closed)
            taken: list[_Waiting[Job, Answer]] = []
            weight = 0.0
            while self._row and len(taken) < self._together:
                weight += self._row[0].weight
                if taken and weight > self._heaviest:
                    break
                taken.append(self._row.popleft())
            return taken

    def _do(self, wanted: list[_Waiting[Job, Answer]]) -> None:
        try:
            answers = self._work([waiting.job for waiting in wanted])
        except Exception as error:  # whatever it is, it must not end the thread
            if len(wanted) == 1:
                wanted[0].future.set_exception(error)
            else:
                for waiting in wanted:
                    self._do([waiting])
            return
        for waiting, answer in zip(wanted, answers, strict=True):
            waiting.future.set_result(answer)

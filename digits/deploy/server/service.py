"""The reader behind the routes: loaded while the server is up already, and asked in batches.

Pictures wait in lanes, and whoever is free takes all that wait in one and reads them together. There is no
waiting for company: alone, a picture is read at once. While one batch is worked on the next one gathers by
itself, so batches grow with the load, which is when they pay.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Event, Thread
from typing import Any, Generic, TypeVar, cast

import numpy as np
from PIL import Image

from digits.deploy.question import Question
from digits.deploy.server.limits import Limits
from digits.deploy.server.metrics import Metrics
from digits.deploy.server.readers import Load, Readers, warm_up
from digits.deploy.server.requests import SOON, Refused, open_head
from digits.forms import Form, FormReading
from digits.forms import read as forms
from digits.preprocessing.decode import Picture, to_grey, unpack
from digits.preprocessing.pages import is_document
from digits.reading import NumberReading, Reading, TableReading
from digits.recognizer import Recognizer
from digits.tables import read as tables
from digits.tables.known import Known

CORES = os.cpu_count() or 1

NUMBERS = min(4, CORES)
"""Pictures of numbers that are read at the same time: each may take a few hundred megabytes meanwhile."""

HEADS = 8
"""Heads of pictures that are looked at, and forms that are loaded, at the same time: milliseconds each."""

QUICK = 1_000_000
"""Most pixels of a picture of one digit that is read together with others."""

Job = TypeVar("Job")
Answer = TypeVar("Answer")
Page = TypeVar("Page", TableReading, FormReading)

ReadPage = Callable[[np.ndarray, Recognizer, Callable[[], bool]], Page]
"""Reads a picture (H, W) float32 in [0, 1]; what it is given last tells whether nobody waits any more."""


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


class Service:
    """A reader with its lanes. `start`, then its coroutines, then `close`."""

    def __init__(self, load: Load, limits: Limits, readers: int = 1):
        """Remember what to do; nothing is loaded yet.

        Args:
            load: may take seconds, or raise a ValueError; where there are several readers, it is pickled.
            limits: what a request may cost.
            readers: processes that read digits and numbers; of 1, this one does.
        """
        self.limits, self.metrics = limits, Metrics()
        self.recognizer: Recognizer | None = None
        self.problem: str | None = None
        """Why there will be no recognizer."""
        self.failed: Callable[[], None] | None = None
        """Called when there is a `problem`."""
        self._load, self._number_of_readers = load, readers
        self._readers: Readers | None = None
        self._inside = 0
        self.heads = ThreadPoolExecutor(HEADS, thread_name_prefix="head")
        # A document takes seconds to open and to draw, however small it is, and holds up none but others.
        self._drawers = ThreadPoolExecutor(CORES, thread_name_prefix="draw")
        self._documents = asyncio.Semaphore(CORES)
        # Unpacking leaves Python's lock: a batch is unpacked on all cores.
        self._unpackers = ThreadPoolExecutor(CORES, thread_name_prefix="unpack")
        # In one process a second batch beside the first would only make both slower.
        self._digits = Lane(self._read_digits, readers, limits.together, limits.pixels)
        # But one that takes long to unpack must hold up nobody except those like it: it is read here.
        self._slow_digits = Lane(partial(self._read_digits, here=True))
        # Numbers are read one by one. On a row of their own: a page of them must not hold up the digits, for
        # which one reader stays.
        self._numbers = Lane(self._read_numbers, readers - 1 or NUMBERS)
        # Nor a table with its hundred cells, or a form, the numbers.
        self._pages = Lane(self._read_pages)

    def start(self) -> None:
        """Load the recognizer and warm it up; takes seconds."""
        try:
            recognizer = self._load()
            warm_up(recognizer, self.limits.together)
            if self._number_of_readers > 1:
                self._readers = Readers(
                    self._load,
                    self._number_of_readers,
                    self.limits.together,
                    recognizer.sha256,
                    self._fail,
                )
        except Exception as error:  # whatever it is: a server that never gets its model must not stay
            self._fail(error)
            return
        self.recognizer = recognizer
        self.metrics.ready.set(1)

    def _fail(self, error: Exception) -> None:
        self.problem = str(error) or type(error).__name__
        if self.failed:
            self.failed()

    def close(self) -> None:
        """Do what was taken on, then end."""
        for lane in (self._digits, self._slow_digits, self._numbers, self._pages):
            lane.close()
        for pool in (self._unpackers, self.heads, self._drawers):
            pool.shutdown(cancel_futures=True)
        if self._readers:
            self._readers.close()

    def ready(self) -> Recognizer:
        """Return the recognizer.

        Raises:
            Refused: 503, it is not loaded yet.
        """
        if self.recognizer is None:
            raise Refused(503, "The model is not loaded yet; try again in a moment.", SOON)
        return self.recognizer

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place in the house while a picture is read that is all here. For the event loop's thread.

        Raises:
            Refused: 503, there is none.
        """
        if self._inside >= self.limits.at_once:
            words = f"{self._inside} pictures are being read already; try again in a moment."
            raise Refused(503, words, SOON)
        self._inside += 1
        try:
            with self.metrics.inside.track_inprogress():
                yield
        finally:
            self._inside -= 1

    @asynccontextmanager
    async def opened(self, name: str, data: bytes, page: int | None) -> AsyncIterator[Image.Image]:
        """Yield a picture of which the head was looked at; of a document, with its pixels.

        Raises:
            Refused: see `open_head`.
        """
        loop, look = asyncio.get_running_loop(), partial(open_head, name, data, self.limits, page)
        if is_document(data[:1024]):
            async with self._documents:  # while it is read too: few lie about unpacked
                picture = await loop.run_in_executor(self._drawers, look)
                yield await loop.run_in_executor(self._drawers, _unpacked, picture)
        else:
            yield await loop.run_in_executor(self.heads, look)

    async def digit(self, picture: Image.Image) -> Reading:
        """Read one digit, together with those of others that wait if it is quick to unpack.

        Raises:
            ValueError: the picture cannot be read; one sentence that says why.
        """
        pixels = picture.width * picture.height
        # A progressive JPEG may draw each pixel many times over.
        is_quick = pixels <= QUICK and not picture.info.get("progressive")
        lane = self._digits if is_quick else self._slow_digits
        return await asyncio.wrap_future(lane.submit(picture, pixels))

    async def number(self, picture: Image.Image, question: Question) -> NumberReading:
        """Read all digits on a picture; see `digit`."""
        return await asyncio.wrap_future(self._numbers.submit((picture, question)))

    async def table(self, picture: Image.Image, marks: bool, known: Known) -> TableReading:
        """Read a table with ruled lines; see `digit`."""
        return await self._page(
            picture, lambda grey, reader, stop: tables.read(grey, reader, marks, known, stop)
        )

    async def form(self, picture: Image.Image, form: Form) -> FormReading:
        """Read a filled-in form; see `digit`."""
        return await self._page(picture, lambda grey, reader, stop: forms.read(grey, form, reader, stop))

    async def _page(self, picture: Image.Image, read: ReadPage[Page]) -> Page:
        left = Event()
        try:
            return cast(Page, await asyncio.wrap_future(self._pages.submit((picture, read, left))))
        finally:
            left.set()  # who does not wait to the end must not hold up those behind

    def _read_digits(self, pictures: list[Image.Image], here: bool = False) -> list[Reading]:
        self.metrics.together.observe(len(pictures))
        unpacked: list[Picture] = list(self._unpackers.map(_unpacked, pictures))
        readers = None if here else self._readers
        return (readers or self.ready()).read_digits(unpacked)

    def _read_numbers(self, jobs: list[tuple[Image.Image, Question]]) -> list[NumberReading]:
        if self._readers:
            return [self._readers.read_number(_unpacked(picture), question) for picture, question in jobs]
        read = (question.ask(self.ready(), _unpacked(picture)) for picture, question in jobs)
        return [cast(NumberReading, number) for number in read]

    def _read_pages(self, jobs: list[tuple[Image.Image, ReadPage[Any], Event]]) -> list[Any]:
        reader = self.ready()
        return [read(to_grey(_unpacked(picture)), reader, left.is_set) for picture, read, left in jobs]


def _unpacked(picture: Image.Image) -> Image.Image:
    unpack(picture, "The picture")
    return picture

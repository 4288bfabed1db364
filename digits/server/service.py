"""The reader behind the routes: loaded while the server is up already, and asked in batches."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from PIL import Image, ImageDraw

from digits.picture.decode import Picture, unpack
from digits.reading import NumberReading, Reading
from digits.recognizer import Recognizer
from digits.server.errors import Refused
from digits.server.lane import Lane
from digits.server.limits import Limits
from digits.server.metrics import Metrics

SOON = {"Retry-After": "1"}
"""Seconds after which a client that was sent away may ask again."""

CORES = os.cpu_count() or 1

NUMBERS = min(4, CORES)
"""Pictures of numbers that are read at the same time: each may take a few hundred megabytes meanwhile."""

QUICK = 1_000_000
"""Most pixels of a picture of one digit that is read together with others."""


class Service:
    """A reader with its lanes. `start`, then its coroutines, then `close`."""

    def __init__(
        self, load: Callable[[], Recognizer], limits: Limits, failed: Callable[[], None] | None = None
    ):
        """Remember what to do; nothing is loaded yet.

        Args:
            load: returns the recognizer, which may take seconds, or raises a ValueError.
            limits: what a request may cost.
            failed: called when there is no recognizer, and `problem` says why.
        """
        self.limits, self.metrics = limits, Metrics()
        self.recognizer: Recognizer | None = None
        self.problem: str | None = None
        self._load, self._failed = load, failed
        self._inside = 0
        # Unpacking leaves Python's lock: a batch is unpacked on all cores.
        self._unpackers = ThreadPoolExecutor(CORES, thread_name_prefix="unpack")
        # `read_digits` uses every core by itself; a second batch beside it would only make both slower.
        self._digits = Lane(self._read_digits, 1, limits.together, limits.pixels)
        # But one that takes long to unpack must hold up nobody except those like it.
        self._slow_digits = Lane(self._read_digits)
        # Numbers are read one by one. On a row of their own: a page of them must not hold up the digits.
        self._numbers = Lane(self._read_numbers, NUMBERS)

    def start(self) -> None:
        """Load the recognizer and warm it up; takes seconds."""
        try:
            recognizer = self._load()
            _warm_up(recognizer, self.limits.together)
        except Exception as error:  # whatever it is: a server that never gets its model must not stay
            self.problem = str(error) or type(error).__name__
            if self._failed:
                self._failed()
            return
        self.recognizer = recognizer
        self.metrics.ready.set(1)

    def close(self) -> None:
        """Do what was taken on, then end."""
        for lane in (self._digits, self._slow_digits, self._numbers):
            lane.close()
        self._unpackers.shutdown()

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
        """Hold a place in the house while a request is received and answered. For the event loop's thread.

        Raises:
            Refused: 503, there is none.
        """
        if self._inside >= self.limits.at_once:
            raise Refused(
                503, f"{self._inside} pictures are being read already; try again in a moment.", SOON
            )
        self._inside += 1
        self.metrics.inside.inc()
        try:
            yield
        finally:
            self._inside -= 1
            self.metrics.inside.dec()

    async def digit(self, picture: Image.Image) -> Reading:
        """Read one digit, together with those of others that wait if it is quick to unpack.

        Raises:
            ValueError: the picture cannot be read; one sentence that says why.
        """
        lane = self._digits if _is_quick(picture) else self._slow_digits
        return await asyncio.wrap_future(lane.submit(picture, picture.width * picture.height))

    async def number(self, picture: Image.Image, marks: bool) -> NumberReading:
        """Read all digits on a picture; see `digit`, and `Recognizer.read_number` for `marks`."""
        return await asyncio.wrap_future(self._numbers.submit((picture, marks)))

    def _read_digits(self, pictures: list[Image.Image]) -> list[Reading]:
        self.metrics.together.observe(len(pictures))
        unpacked: list[Picture] = list(self._unpackers.map(_unpacked, pictures))
        return self.ready().read_digits(unpacked)

    def _read_numbers(self, jobs: list[tuple[Image.Image, bool]]) -> list[NumberReading]:
        return [self.ready().read_number(_unpacked(picture), marks) for picture, marks in jobs]


def _is_quick(picture: Image.Image) -> bool:
    """Tell whether a picture is soon unpacked: small, and no JPEG that draws each pixel many times over."""
    return picture.width * picture.height <= QUICK and not picture.info.get("progressive")


def _unpacked(picture: Image.Image) -> Image.Image:
    unpack(picture, "The picture")
    return picture


def _warm_up(recognizer: Recognizer, together: int) -> None:
    """Read a drawn one alone and in a batch: the first clients shall not wait for what is compiled."""
    one = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(one).line((50, 20, 50, 80), 0, 8)
    recognizer.read_digit(one)
    recognizer.read_digits([one] * together)
    recognizer.read_number(one)

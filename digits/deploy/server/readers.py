"""Readers in processes of their own, for Python lets one process read on little more than one core."""

import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

from PIL import Image, ImageDraw

from digits.deploy import processes
from digits.deploy.question import Question
from digits.models import checkpoints, runtimes
from digits.preprocessing.decode import Picture
from digits.reading import NumberReading, Reading
from digits.recognizer import Recognizer

Load = Callable[[], Recognizer]
"""Makes a reader; may take seconds, or raise a ValueError."""

USUAL, MOST = 4, 60
"""So many readers at most, unless more are asked for; and however many are."""

LOG = logging.getLogger(__name__)

ENDED = "A reader ended, perhaps for want of memory; expected more, or fewer --readers."

_own: list[Recognizer] = []
"""That of a process which reads."""


def usual_number(model: Path) -> int:
    """Return how many readers of a model there are unless somebody says: one per core, a few at most; a
    single one of a model without a light copy, for TensorFlow takes half a gigabyte each."""
    is_light = runtimes.find_copy(model).suffix in checkpoints.EXPORTED
    return min(USUAL, os.cpu_count() or 1) if is_light else 1


class Readers:
    """Several readers, each in a process. Any thread may ask; it waits until one is free.

    One that ends meanwhile, killed for want of memory, say, is replaced, and what it was asked is asked once
    more.
    """

    def __init__(
        self, load: Load, number: int, together: int, sha256: str, lost: Callable[[Exception], None]
    ):
        """Start them all; takes seconds.

        Args:
            load: is pickled.
            number: of processes.
            together: most pictures of one digit that are read at a time.
            sha256: of the model that they are to read with.
            lost: is told why one cannot be replaced.

        Raises:
            ValueError: one cannot be started; one sentence that says why.
        """
        self._begin, self._lost = (load, together, sha256), lost
        self._free: SimpleQueue[ProcessPoolExecutor] = SimpleQueue()
        for reader, begun in [self._start() for _ in range(number)]:
            _wait_for(begun)
            self._free.put(reader)
        self._number = number

    def read_digits(self, pictures: Sequence[Picture]) -> list[Reading]:
        """See `Recognizer.read_digits`."""
        return cast(list[Reading], self._ask(_read_digits, list(map(_sendable, pictures))))

    def read_number(self, picture: Picture, question: Question) -> NumberReading:
        """See `Question.ask`."""
        return cast(NumberReading, self._ask(_read_number, _sendable(picture), question))

    def close(self) -> None:
        """End them, as soon as nobody asks."""
        for _ in range(self._number):
            self._free.get().shutdown()

    def _ask(self, work: Callable[..., Any], *what: Any) -> Any:
        reader = self._free.get()
        try:
            try:
                return reader.submit(work, *what).result()
            except BrokenProcessPool:
                LOG.warning("A reader ended, perhaps for want of memory; another one begins.")
                reader = self._replacement()
                return reader.submit(work, *what).result()
        finally:
            self._free.put(reader)

    def _replacement(self) -> ProcessPoolExecutor:
        reader, begun = self._start()
        try:
            _wait_for(begun)
        except Exception as error:
            self._lost(error)
        return reader

    def _start(self) -> tuple[ProcessPoolExecutor, Future[None]]:
        reader = ProcessPoolExecutor(1, processes.SPAWN, _begin)
        return reader, reader.submit(_load, *self._begin)


def warm_up(recognizer: Recognizer, together: int) -> None:
    """Read a drawn digit alone and in a batch: the first clients shall not wait for what is compiled."""
    one = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(one).line((50, 20, 50, 80), 0, 8)
    recognizer.read_digit(one)
    recognizer.read_digits([one] * together)
    recognizer.read_number(one)


def _wait_for(begun: Future[None]) -> None:
    try:
        begun.result()
    except BrokenProcessPool as error:
        raise ValueError(ENDED) from error


def _sendable(picture: Picture) -> Picture:
    """Return a picture without what its file says beside it, some of which no other process can have."""
    if isinstance(picture, Image.Image):
        plain = bytes | str | int | float | tuple
        picture.info = {name: said for name, said in picture.info.items() if isinstance(said, plain)}
    return picture


def _begin() -> None:
    """Become a process that reads; whoever ends all processes at once lets it finish for its parent."""
    processes.begin()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _load(load: Load, together: int, sha256: str) -> None:
    import cv2

    cv2.setNumThreads(1)
    recognizer = load()
    if recognizer.sha256 != sha256:
        raise ValueError(f"The file of {recognizer.name} was replaced while it was read with; start again.")
    warm_up(recognizer, together)
    _own.append(recognizer)


def _read_digits(pictures: Sequence[Picture]) -> list[Reading]:
    return _own[0].read_digits(pictures)


def _read_number(picture: Picture, question: Question) -> NumberReading:
    return cast(NumberReading, question.ask(_own[0], picture))

"""Readers in processes of their own, for Python lets one process read on little more than one core."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Lock, Thread
from typing import Any, cast

from PIL import Image, ImageDraw

from digits.deploy.question import Question
from digits.preprocessing.decode import Picture
from digits.reading import NumberReading, Reading
from digits.recognizer import Recognizer

Load = Callable[[], Recognizer]

_own: list[Recognizer] = []
"""That of a process which reads."""


class Readers:
    """As many readers as there are processes: any thread may ask, and whichever is free answers."""

    def __init__(self, load: Load, number: int, together: int):
        """Start them, warm; takes seconds.

        Args:
            load: makes a reader; it is pickled.
            number: of processes.
            together: most pictures of one digit that they read at a time.

        Raises:
            BrokenProcessPool: they cannot be started.
        """
        self._begin = (load, together)
        self._number, self._changing = number, Lock()
        self._pool = self._started()

    def read_digits(self, pictures: Sequence[Picture]) -> list[Reading]:
        """See `Recognizer.read_digits`."""
        return cast(list[Reading], self._ask(_read_digits, pictures))

    def read_number(self, picture: Picture, question: Question) -> NumberReading:
        """See `Question.ask`."""
        return cast(NumberReading, self._ask(_read_number, picture, question))

    def close(self) -> None:
        """End them."""
        self._pool.shutdown()

    def _ask(self, work: Callable[..., Any], *what: Any) -> Any:
        pool = self._pool
        try:
            return pool.submit(work, *what).result()
        except BrokenProcessPool:  # one ended, killed for memory, say; and with it all that were asked
            with self._changing:
                if pool is self._pool:
                    self._pool = self._started()
        return self._pool.submit(work, *what).result()

    def _started(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(
            self._number, multiprocessing.get_context("spawn"), _start, self._begin
        )  # a process begins when it is first needed
        for begun in [pool.submit(os.getpid) for _ in range(self._number)]:
            begun.result()
        return pool


def warm_up(recognizer: Recognizer, together: int) -> None:
    """Read a drawn digit alone and in a batch: the first clients shall not wait for what is compiled."""
    one = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(one).line((50, 20, 50, 80), 0, 8)
    recognizer.read_digit(one)
    recognizer.read_digits([one] * together)
    recognizer.read_number(one)


def _start(load: Load, together: int) -> None:
    """Become a reader, which ends with the process that asks it, and not by Ctrl+C before."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    cv2.setNumThreads(1)
    _own.append(load())
    warm_up(_own[0], together)


def _end_with(other: Any) -> None:
    wait([other.sentinel])
    os._exit(1)


def _read_digits(pictures: Sequence[Picture]) -> list[Reading]:
    return _own[0].read_digits(pictures)


def _read_number(picture: Picture, question: Question) -> NumberReading:
    return cast(NumberReading, question.ask(_own[0], picture))

"""How large a process is, and how it grows."""

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path


def resident(pid: int | str = "self") -> float:
    """Return the MiB of memory that a process holds.

    Raises:
        ValueError: there is no /proc here.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        raise ValueError("Memory is measured in /proc; expected Linux.") from None
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


class Scales(threading.Thread):
    """Weighs a process each second, between the beginning and the end of a `with`."""

    def __init__(self, pid: int, clock: Callable[[], float] = time.monotonic):
        super().__init__(daemon=True)
        self.at: list[float] = []
        """By how much the clock had moved each time."""
        self.mib: list[float] = []
        self._pid, self._clock, self._over = pid, clock, threading.Event()

    def __enter__(self) -> "Scales":
        """Begin."""
        self.start()
        return self

    def __exit__(self, *error) -> None:
        """End."""
        self._over.set()
        self.join()

    def run(self) -> None:
        """Weigh until the end."""
        begin = self._clock()
        while not self._over.wait(1.0):
            self.at.append(self._clock() - begin)
            self.mib.append(resident(self._pid))

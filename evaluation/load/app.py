"""The app, started as a user starts it, and how large its process is."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digits.contract import ROOT

START = 120.0
"""Seconds that the app may take to be there."""


@contextmanager
def app(folder: Path, port: int) -> Iterator[tuple[str, int]]:
    """Start the app; yield its address and its process, and end it.

    Args:
        folder: for its log and what it keeps of visitors.
        port: 0 for any free one.

    Raises:
        ValueError: it does not start; with its own words.
    """
    port = port or _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app/Home.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    log, surroundings = folder / "log.txt", os.environ | {"DIGITS_USER_DIR": str(folder / "user")}
    address = f"http://127.0.0.1:{port}"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env=surroundings
        )
    try:
        deadline = time.monotonic() + START
        while not _is_there(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ValueError(f"The app did not start. It said: {log.read_text()[-1000:]}")
            time.sleep(0.1)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _is_there(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
            return True
    except OSError:
        return False


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

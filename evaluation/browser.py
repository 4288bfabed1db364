"""The app started as a user starts it, and Chromium to look at it with: for every script that needs them."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from digits.config import ROOT

HOME = "app/Home.py"
START = 120.0
"""Seconds that the app may take until it listens."""

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""What Chromium is started with: no window, and nobody outside is asked anything."""


class Served(NamedTuple):
    """A running app."""

    address: str
    pid: int
    begun: float
    """What `time.perf_counter` said when its process was begun."""


@contextmanager
def app(script: str = HOME, port: int = 0, **own: object) -> Iterator[Served]:
    """Start an app of Streamlit; yield it as soon as it listens, and end it.

    Args:
        script: what Streamlit runs.
        port: 0 for any free one.
        own: further environment variables. Without DIGITS_USER_DIR nothing is kept of its visitors.

    Raises:
        ValueError: it does not start; with its own words.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = port or free.getsockname()[1]
    line = ["-m", "streamlit", "run", script, "--server.headless", "true", "--server.address", "127.0.0.1"]
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"DIGITS_USER_DIR": folder} | {name: str(value) for name, value in own.items()}
        log, begun = Path(folder) / ".tmp-log.txt", time.perf_counter()
        with log.open("w") as output:
            command = [sys.executable, *line, "--server.port", str(port)]
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=env)
        try:
            while not _listens(port):
                if process.poll() is not None or time.perf_counter() - begun > START:
                    raise ValueError(f"The app did not start. It said: {log.read_text()[-1000:]}")
                time.sleep(0.01)
            yield Served(f"http://127.0.0.1:{port}", process.pid, begun)
        finally:
            process.terminate()
            process.wait()


def chromium() -> str:
    """Return where Chromium is.

    Raises:
        ValueError: there is none.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        raise ValueError("There is no Chromium on this machine (Debian: apt install chromium).")
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

"""Does the server answer a client while thousands leave their requests half done?

    python -m evaluation.benchmarks.siege      # four minutes; Linux, with 2,000 open files and more

Starts `python -m digits serve` with the usual limits, and asks it for a digit again and again while others
do, one kind after the other, what a hostile client may: thousands of heads that never end, bodies that
trickle, answers that nobody takes, and pictures of 800,000 empty parts; each that is sent away comes back.
Whatever the client gets but 200 is an error. Writes evaluation/results/siege.json.
"""

import contextlib
import http.client
import io
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import tyro
from PIL import Image, ImageDraw

from digits import config, experiment
from digits.config import DEFAULT_MODEL, ROOT
from digits.models import checkpoints, leaderboard
from evaluation.benchmarks.server import _is_ready

ASKED = {"p95_s": 2.0, "log_kb": 64.0}
"""At most: seconds of an answer, 95 % of all; and what the server writes to its log in each siege."""

HEAD = b"POST /v1/digit HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"

KINDS: dict[str, tuple[bytes, bytes]] = {
    "heads that never end": (HEAD, b"X-More: 1\r\n"),
    "bodies that trickle": (HEAD + b"Content-Length: 9000000\r\n\r\n" + bytes(2000), b"."),
    "answers that nobody takes": (b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 40, b""),
    "connections without a word": (b"", b""),
}
"""What each connection sends at first, and then every second."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure how the server bears clients who leave things half done."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    connections: int = 2000
    """That a siege keeps open, or tries to."""
    seconds: float = 30.0
    """Of each siege."""
    pictures: int = 8
    """Of 800,000 empty parts, sent at the same time, over and over."""
    parts: int = 800_000
    """Empty parts of each."""

    def __post_init__(self):
        config.check_least(self, connections=1, pictures=1, parts=1)
        config.check("--seconds", self.seconds, 1 <= self.seconds <= 3600, "1 to 3600")


class Crowd:
    """Connections that are opened anew whenever they are closed, all in one thread."""

    def __init__(self, address: tuple[str, int], n: int, first: bytes, more: bytes):
        self._address, self._n, self._first, self._more = address, n, first, more
        self._open: list[socket.socket] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.opened = 0
        self.most = 0

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for one in self._open:
            one.close()

    def _run(self) -> None:
        while not self._over.wait(1.0 if len(self._open) >= self._n else 0.01):
            for _ in range(min(100, self._n - len(self._open))):
                with contextlib.suppress(OSError):
                    one = socket.create_connection(self._address, timeout=5)
                    one.setblocking(False)
                    one.send(self._first)
                    self._open.append(one)
                    self.opened += 1
            self._open = [one for one in self._open if self._is_there(one)]
            self.most = max(self.most, len(self._open))

    def _is_there(self, one: socket.socket) -> bool:
        try:
            if self._more:
                one.send(self._more)
            if not self._first.startswith(b"GET") and one.recv(1000) == b"":
                raise ConnectionError
        except BlockingIOError:
            return True
        except OSError:
            one.close()
            return False
        return True


def pictures_of_nothing(parts: int) -> dict[str, bytes]:
    """Return pictures with so many empty parts, by their kinds."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "preprocessing")]
    from test_structure import gif, heic, jpeg, png, tiff, webp

    return {make.__name__: make(parts) for make in (png, jpeg, gif, webp, tiff, heic)}


@contextlib.contextmanager
def bombarded(address: tuple[str, int], bodies: list[bytes], n: int) -> Iterator[None]:
    """Send pictures from n clients at a time, over and over."""
    over = threading.Event()

    def send(first: int) -> None:
        turn = first
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                client = http.client.HTTPConnection(*address, timeout=60)
                client.request("POST", "/v1/digit", bodies[turn % len(bodies)], {"Content-Type": "image/png"})
                client.getresponse().read()
                client.close()
            turn += 1

    threads = [threading.Thread(target=send, args=(first,)) for first in range(n)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def asked(address: tuple[str, int], picture: bytes, seconds: float) -> dict:
    """Ask for a digit, four times a second, on a connection of its own; return how soon it was answered."""
    waits, errors, end = list[float](), list[str](), time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        try:
            client = http.client.HTTPConnection(*address, timeout=60)
            client.request("POST", "/v1/digit", picture, {"Content-Type": "image/png"})
            answer = client.getresponse()
            answer.read()
            if answer.status != 200:
                errors.append(str(answer.status))
            client.close()
        except (OSError, http.client.HTTPException) as error:
            errors.append(f"{type(error).__name__}: {error}")
        waits.append(time.monotonic() - begin)
        time.sleep(max(0.0, 0.25 - waits[-1]))
    half, most = (round(float(value), 3) for value in np.percentile(waits, (50, 95)))
    return {"n": len(waits), "p50_s": half, "p95_s": most, "max_s": round(max(waits), 3), "errors": errors}


def besieged(settings: Settings) -> list[dict]:
    """Return a row for each siege, the first without any."""
    file = io.BytesIO()
    drawn = Image.new("L", (120, 120), 255)
    ImageDraw.Draw(drawn).line([(35, 25), (85, 25), (55, 100)], 0, 9)
    drawn.save(file, "PNG")
    rows = []
    command = [sys.executable, "-m", "digits", "serve", "--port=0", f"--model={settings.model}"]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            where = urlsplit(
                next(word for word in process.stdout.readline().split() if word.startswith("http"))
            )
            address = (where.hostname, where.port)
            while not _is_ready(where.geturl()):
                time.sleep(0.2)
            nothing = list(pictures_of_nothing(settings.parts).values())
            sieges: dict[str, Callable] = {
                "nothing": contextlib.nullcontext,
                **{
                    kind: lambda both=both: Crowd(address, settings.connections, *both)
                    for kind, both in KINDS.items()
                },
                "pictures of empty parts": lambda: bombarded(address, nothing, settings.pictures),
            }
            for kind, siege in sieges.items():
                before = log.seek(0, 2)
                with siege() as crowd:
                    time.sleep(min(5.0, settings.seconds))
                    row = {"kind": kind} | asked(address, file.getvalue(), settings.seconds)
                row["log_kb"] = round((log.seek(0, 2) - before) / 1000, 1)
                if isinstance(crowd, Crowd):
                    row |= {"open": crowd.most, "opened": crowd.opened}
                rows.append(row)
                print(json.dumps(row))
        finally:
            process.terminate()
    return rows


def main(settings: Settings) -> None:
    """Besiege, write."""
    config.need("fastapi", "serve", "The server")
    path = checkpoints.find(settings.model)
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    rows = besieged(settings)
    result = {
        "data": "a drawn seven, asked for while others leave their requests half done",
        "n": sum(row["n"] for row in rows),
        "seed": None,
        "machine": config.hardware(),
        "asked": ASKED,
        "connections": settings.connections,
        "seconds": settings.seconds,
        "parts": settings.parts,
        "rows": rows,
    }
    part = "" if settings == Settings(model=settings.model) else ".some"
    leaderboard.Result(path=path, kind="siege", figures=result, part=part, code=(), of_program=True).write()
    if any(row["errors"] or row["p95_s"] > ASKED["p95_s"] or row["log_kb"] > ASKED["log_kb"] for row in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))

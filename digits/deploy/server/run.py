"""A server's life: what was asked is checked, the port is taken, the app runs until SIGTERM or Ctrl+C.

Without the packages of the extra `serve` it says so in a sentence: they are imported late.
"""

import ipaddress
import logging
import math
import re
import signal
import socket
import sys
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from digits import config
from digits.deploy import lite
from digits.deploy.server.limits import Limits
from digits.deploy.server.readers import MOST, usual_number
from digits.models import checkpoints

NEEDS = ("fastapi", "uvicorn", "jinja2", "python_multipart", "prometheus_client")

ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^/?#@\sA-Z]+")
"""As browsers send it: without a path, not even a slash at its end."""


class Server:
    """Listens from the beginning; clients are answered once it runs."""

    def __init__(
        self,
        model: str | Path,
        limits: Limits,
        host: str,
        port: int,
        origins: Sequence[str] = (),
        memory: Path | None = None,
        readers: int | None = 1,
    ) -> None:
        """Check what was asked, and take the port.

        Args:
            model: a name in models/, or a path.
            limits: what a request may cost.
            host: address to listen on.
            port: 0 for any free one.
            origins: web pages that may ask from a browser, e.g. "https://example.org".
            memory: file of the memory of a hand to read with.
            readers: processes that read digits and numbers, 1 to 60; of 1, this one does. None: as many as
                are usual, see `readers.usual_number`.

        Raises:
            ValueError: a package is missing, there is no such model, or no such port to be had; one sentence.
        """
        for module in NEEDS:
            config.need(module, "serve", "The server")
        from digits.deploy.server.app import create_app
        from digits.deploy.server.service import Service

        for origin in origins:
            good = ORIGIN.fullmatch(origin) is not None
            expected = "scheme and host without a path, as in https://example.org"
            config.check("--allow-origin", origin, good, expected)
        path = checkpoints.find(model)
        number = usual_number(path) if readers is None else readers
        config.check("--readers", number, 1 <= number <= MOST, f"1 to {MOST}")
        self._others = number if number > 1 else 0
        self._listening = _listen(host, port)
        self._limits, self._patience = limits, math.ceil(limits.seconds) + 1
        self._service = Service(partial(lite.load, path, memory), limits, number)
        self._app = create_app(self._service, origins)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self._listening.getsockname()[1]}"
        self.is_open = not _is_this_machine(host)
        """Whether other machines may reach it."""

    def run(self, access_log: bool = False) -> None:
        """Answer clients until a signal ends it, and then what was taken on.

        Args:
            access_log: True to write a line of JSON to the standard error for each request.

        Raises:
            ValueError: the model cannot be loaded; one sentence.
        """
        from digits.deploy.server.connections import Door, OnceAMinute, Uvicorn, room

        # These complain of every broken form and picture: the client is told, and could fill the disk.
        for name in ("python_multipart", "PIL"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", module=r"PIL\.")
        if access_log:
            from digits.deploy.server.metrics import LOG

            LOG.addHandler(logging.StreamHandler())
            LOG.setLevel(logging.INFO)
            LOG.propagate = False
        log = logging.StreamHandler()
        log.addFilter(OnceAMinute())
        logging.basicConfig(level=logging.WARNING, handlers=[log], format="%(levelname)s: %(message)s")
        door = Door(self._limits.seconds, room(self._others), self._service.metrics.dropped)
        server = Uvicorn(self._app, self._listening, door, self._patience)
        self._service.failed = partial(setattr, server, "should_exit", True)
        # uvicorn answers what it has taken on, and then hands the signal on.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            server.serve_until_told()
        except KeyboardInterrupt:
            return
        if self._service.problem:
            raise ValueError(self._service.problem)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port now: one that is in use is a sentence, not a stack of calls."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # Every connection inherits it; else an answer's second packet waits 40 ms for the first's receipt.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"--host {host} --port {port} cannot be listened on ({reason}).") from None


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""`python -m digits serve`: read pictures that other programs send over HTTP."""

import contextlib
import ipaddress
import logging
import math
import re
import signal
import socket
import sys
import warnings
from importlib.util import find_spec

from digits import config
from digits.config import DEFAULT_MODEL
from digits.deploy.server.requests import Limits

NEEDS = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")

ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^/?#@\sA-Z]+")
"""As browsers send it: without a path, not even a slash at its end."""

OPEN = """Whoever reaches this machine can ask it: there is no log-in and no encryption.
Put a proxy before it that has both."""


def add(commands) -> None:
    """Add the command `serve` to the parser's sub commands."""
    serve = commands.add_parser("serve", help="answer pictures that other programs send over HTTP")
    serve.add_argument(
        "--model", default=DEFAULT_MODEL, help="a name in models/ or a path (default: %(default)s)"
    )
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s, this machine alone)"
    )
    serve.add_argument("--port", type=int, default=8600, help="0 for any free one (default: %(default)s)")
    limits = (
        ("megabytes", "most of a request's body"),
        ("megapixels", "most of a picture"),
        ("seconds", "most from a request to its answer"),
        ("at-once", "most requests at once; to one more, it is said to come again"),
        ("together", "most pictures read in one batch"),
    )
    for name, words in limits:
        usual = getattr(Limits, name.replace("-", "_"))
        serve.add_argument(
            f"--{name}", type=type(usual), default=usual, help=f"{words} (default: %(default)g)"
        )
    serve.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages from there ask in a browser, e.g. https://example.org; may be repeated",
    )
    serve.add_argument("--access-log", action="store_true", help="a line of JSON per request, to stderr")
    serve.set_defaults(run=run)


def run(options) -> int:
    """Serve until SIGTERM or Ctrl+C; return the exit status."""
    for module in NEEDS:
        if find_spec(module) is None:
            raise ValueError(f"The server needs {module}, which is not installed: pip install -e '.[serve]'")
    import uvicorn

    from digits.deploy import lite
    from digits.deploy.server.app import create_app
    from digits.deploy.server.service import Service
    from digits.models import checkpoints

    for origin in options.allow_origin:
        good = ORIGIN.fullmatch(origin) is not None
        config.check(
            "--allow-origin", origin, good, "scheme and host without a path, as in https://example.org"
        )
    names = ("megabytes", "megapixels", "seconds", "at_once", "together")
    limits = Limits(**{name: getattr(options, name) for name in names})
    model = checkpoints.find(options.model)  # a wrong name is refused at once
    listening = _listen(options.host, options.port)
    _keep_clients_off_the_log()
    if options.access_log:
        _log_to_stderr()

    def give_up() -> None:
        server.should_exit = True

    service = Service(lambda: lite.reader(model), limits, failed=give_up)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(service, options.allow_origin),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=math.ceil(limits.seconds) + 1,
        )
    )
    _announce(options.host, listening.getsockname()[1])
    # uvicorn answers what it has taken on, and then hands the signal on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if service.problem:
        raise ValueError(service.problem)
    return 0


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


def _announce(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    print(f"Listening on http://{shown}:{port} - its page is at /docs, Ctrl+C ends it.", flush=True)
    if not _is_this_machine(host):
        print(OPEN, file=sys.stderr)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _keep_clients_off_the_log() -> None:
    """Silence who complains of every broken form and picture: the client is told, and could fill the disk."""
    for name in ("python_multipart", "PIL"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"PIL\.")


def _log_to_stderr() -> None:
    from digits.deploy.server.metrics import LOG

    LOG.addHandler(logging.StreamHandler())
    LOG.setLevel(logging.INFO)
    LOG.propagate = False

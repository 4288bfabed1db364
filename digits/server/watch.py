"""Around every request: it is counted, timed and, where that is wanted, written to the log in a line."""

import json
import logging
import time
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digits.server.metrics import Metrics

LOG = logging.getLogger("digits.server.access")
"""Gets a line of JSON for each request: no addresses, no names of files, nothing of the pictures."""

ELSEWHERE = "elsewhere"
"""Stands for every path that there is not: clients shall not invent new rows of the metrics."""


class Watch:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        """Wrap an app."""
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begin, status = time.perf_counter(), 500  # which is what an exception becomes, further out

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._note(scope, status, time.perf_counter() - begin)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", ELSEWHERE)
        self._metrics.requests.labels(route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if LOG.isEnabledFor(logging.INFO):
            line = {
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "method": scope["method"],
                "route": route,
                "status": status,
                "ms": round(1000 * seconds, 1),
            }
            LOG.info(json.dumps(line))

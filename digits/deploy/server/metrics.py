"""What the server counts: every request, timed, in the text form that Prometheus collects from /metrics.

Where that is wanted, each is also written to the log in a line.
"""

import json
import logging
import time
from datetime import UTC, datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
TOGETHER = (1, 2, 4, 8, 16, 32, 64, 128, 256)

LOG = logging.getLogger("digits.deploy.server.access")
"""Gets a line of JSON for each request: no addresses, no names of files, nothing of the pictures."""

ELSEWHERE = "elsewhere"
"""Stands for every path that there is not: clients shall not invent new rows of the metrics."""


class Metrics:
    """One server's counters; it has its own, so that several live in one process."""

    def __init__(self) -> None:
        own = CollectorRegistry()
        ProcessCollector(registry=own)
        self._registry = own
        self.requests = Counter("digits_requests", "Requests answered.", ["route", "status"], registry=own)
        self.seconds = Histogram(
            "digits_request_seconds",
            "From a request to its answer.",
            ["route"],
            buckets=SECONDS,
            registry=own,
        )
        self.inside = Gauge("digits_requests_inside", "Pictures being received or read.", registry=own)
        self.together = Histogram(
            "digits_batch_pictures", "Pictures read in one batch.", buckets=TOGETHER, registry=own
        )
        self.readings = Counter("digits_readings", "Pictures read.", ["kind", "status"], registry=own)
        self.dropped = Counter(
            "digits_connections_dropped", "Connections that were ended.", ["why"], registry=own
        )
        self.ready = Gauge("digits_ready", "1 when the model is loaded.", registry=own)

    def text(self) -> bytes:
        """Return all of it, of the type `prometheus_client.CONTENT_TYPE_LATEST`."""
        return generate_latest(self._registry)


class Watch:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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

"""What the server counts, in the text form that Prometheus collects from /metrics."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
TOGETHER = (1, 2, 4, 8, 16, 32, 64, 128, 256)

FORM = CONTENT_TYPE_LATEST
"""The content type of `Metrics.text`."""


class Metrics:
    """One server's counters; it has its own, so that several live in one process."""

    def __init__(self) -> None:
        """Start at nothing."""
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
        self.ready = Gauge("digits_ready", "1 when the model is loaded.", registry=own)

    def text(self) -> bytes:
        """Return all of it; see `FORM`."""
        return generate_latest(self._registry)

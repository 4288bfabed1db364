"""A server around a tiny reader, asked within this process."""

import io
import time
from collections.abc import Callable, Iterator
from threading import Event

import numpy as np
import pytest
from fastapi.testclient import TestClient
from handwriting import strokes
from PIL import Image

from digits import Recognizer
from digits.data.strokes import draw
from digits.deploy.server.app import create_app
from digits.deploy.server.limits import Limits
from digits.deploy.server.service import Service


class Held:
    """Reads like another reader, but each picture only after `go` is set; `reading` tells that one waits."""

    def __init__(self, reader):
        self.card, self.name, self.temperature = reader.card, reader.name, reader.temperature
        self.thresholds, self._reader = reader.thresholds, reader
        self.go, self.reading, self.sizes = Event(), Event(), []
        self.go.set()

    def hold(self) -> None:
        """From now on, wait; forget what was read."""
        self.go.clear()
        self.reading.clear()
        self.sizes.clear()

    def read_digit(self, picture):
        return self.read_digits([picture])[0]

    def read_digits(self, pictures):
        self.sizes.append(len(pictures))
        self.reading.set()
        assert self.go.wait(60)
        return self._reader.read_digits(pictures)

    def read_number(self, picture, marks=False, field=None):
        return self._reader.read_number(picture, marks, field)


@pytest.fixture(scope="session")
def reader(tiny_data, tiny_card) -> Recognizer:
    """Return a reader that takes no time and no TensorFlow: the nearest mean wins."""
    with np.load(tiny_data / "mnist.npz") as data:
        frames, labels = data["x_train"].reshape(-1, 28 * 28) / 255, data["y_train"]
    means = np.stack([frames[labels == digit].mean(axis=0) for digit in range(10)])

    def logits(batch):
        return (batch.reshape(-1, 28 * 28) @ means.T - (means**2).sum(axis=1) / 2).astype(np.float32)

    return Recognizer(logits, "tiny", tiny_card)


@pytest.fixture
def held(reader) -> Held:
    """Return the same reader, which can be made to wait."""
    return Held(reader)


@pytest.fixture(scope="session")
def pictures() -> list[bytes]:
    """Return PNG files: the digits 0 to 9, each on a canvas."""
    return [png(255 - draw(strokes(digit, 60, 10, 10), 80, 6)) for digit in range(10)]


@pytest.fixture
def serving(reader) -> Iterator[Callable[..., TestClient]]:
    """Return what starts a server with some limits, and another reader if need be, and returns its client."""
    clients = []

    def start(reader=reader, **limits) -> TestClient:
        client = TestClient(
            create_app(Service(lambda: reader, Limits(**{"seconds": 300.0} | limits))),
            raise_server_exceptions=False,
        )
        clients.append(client.__enter__())
        while client.get("/readyz").status_code != 200:
            time.sleep(0.01)
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serving) -> TestClient:
    """Return the client of a server with the usual limits."""
    return serving()


def png(array: np.ndarray) -> bytes:
    """Return an array as a PNG."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()

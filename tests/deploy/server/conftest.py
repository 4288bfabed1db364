"""A server around a tiny reader, asked within this process."""

import io
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from fastapi.testclient import TestClient
from handwriting import strokes
from PIL import Image

from digits import Recognizer
from digits.data.strokes import draw
from digits.deploy.server.app import create_app
from digits.deploy.server.requests import Limits
from digits.deploy.server.service import Service
from digits.models.runtimes import keras_runtime


@pytest.fixture(scope="session")
def reader(linear_model, tiny_card) -> Recognizer:
    """Return a reader that takes no time."""
    return Recognizer(keras_runtime(linear_model), "tiny", tiny_card)


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
            create_app(Service(lambda: reader, Limits(**limits))), raise_server_exceptions=False
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


def png(array: np.ndarray, kind: str = "PNG") -> bytes:
    """Return an array as a file."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind)
    return file.getvalue()

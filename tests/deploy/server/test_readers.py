"""Readers in processes of their own, which may be killed."""

import io
import multiprocessing
import time
from functools import partial

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from digits import Recognizer
from digits.config import ROOT
from digits.deploy.server.app import create_app
from digits.deploy.server.limits import Limits
from digits.deploy.server.service import Service

MODEL = ROOT / "models" / "mnist_tiny.tflite"


@pytest.fixture(scope="module")
def client():
    """Return the client of a server with two readers."""
    limits = Limits(seconds=300.0, together=2)
    with TestClient(create_app(Service(partial(Recognizer.load, MODEL), limits, readers=2))) as client:
        while client.get("/readyz").status_code != 200:
            time.sleep(0.01)
        yield client


def test_they_answer_as_one_reader_in_this_process_does_even_when_some_were_killed(client, pictures):
    reader, made = Recognizer.load(MODEL), [Image.open(io.BytesIO(data)) for data in pictures]
    expected = [reader.read_digit(one) for one in made]
    for kill in (False, True):
        if kill:
            readers = multiprocessing.active_children()
            assert len(readers) == 2
            readers[0].kill()
        for data, alone in zip(pictures[:4], expected, strict=False):
            answer = client.post("/v1/digit", content=data, headers={"Content-Type": "image/png"}).json()
            assert (answer["digit"], answer["box"]) == (alone.digit, list(alone.box))
            assert answer["probabilities"] == pytest.approx(alone.probabilities, abs=2e-4)
    answer = client.post("/v1/number", content=pictures[7], headers={"Content-Type": "image/png"}).json()
    assert answer["text"] == reader.read_number(made[7]).text


def test_what_is_wrong_with_a_picture_is_told_by_them_too(client):
    file = io.BytesIO()
    Image.new("F", (40, 40), float("nan")).save(file, "TIFF")
    answer = client.post("/v1/digit", content=file.getvalue(), headers={"Content-Type": "image/tiff"})
    assert answer.status_code == 422
    assert "NaN" in answer.json()["error"]

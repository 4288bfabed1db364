"""Readers in processes of their own, which may be killed."""

import io
import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from digits import Recognizer
from digits.config import ROOT
from digits.deploy.question import Question
from digits.deploy.server.app import create_app
from digits.deploy.server.limits import Limits
from digits.deploy.server.readers import Readers
from digits.deploy.server.service import Service

MODEL = ROOT / "models" / "mnist_tiny.tflite"

DEADLY, TAUGHT = (77, 77), "taught"
"""The size of a picture that kills who reads it; and what is no file."""


class Frail(Recognizer):
    """Dies of a picture."""

    def read_digits(self, images, steps=False):
        if any(image.size == DEADLY for image in images):
            os._exit(1)
        return super().read_digits(images, steps)


def load(path):
    """Load a frail reader."""
    if path == TAUGHT:
        raise ValueError("It is no file.")
    return Frail.load(path)


@pytest.fixture(scope="module")
def lost():
    """Return what collects why readers could not be replaced."""
    return []


@pytest.fixture(scope="module")
def two(lost):
    """Return two frail readers."""
    readers = Readers(partial(load, MODEL), 2, 2, Recognizer.load(MODEL).sha256, lost.append)
    yield readers
    readers.close()


@pytest.fixture(scope="module")
def client():
    """Return the client of a server with two readers."""
    service = Service(partial(Recognizer.load, MODEL), Limits(seconds=300.0, together=2), readers=2)
    with TestClient(create_app(service)) as client:
        while client.get("/readyz").status_code != 200:
            assert service.problem is None
            time.sleep(0.01)
        yield client


def asked(client, kind, data, media="image/png"):
    return client.post(f"/v1/{kind}", content=data, headers={"Content-Type": media})


def test_a_server_with_several_answers_as_one_does(client, pictures):
    reader = Recognizer.load(MODEL)
    for data in pictures[:4]:
        alone, answer = reader.read_digit(Image.open(io.BytesIO(data))), asked(client, "digit", data).json()
        assert (answer["digit"], answer["box"]) == (alone.digit, list(alone.box))
        assert answer["probabilities"] == pytest.approx(alone.probabilities, abs=2e-4)
    text = reader.read_number(Image.open(io.BytesIO(pictures[7]))).text
    assert asked(client, "number", pictures[7]).json()["text"] == text


def test_what_is_wrong_with_a_picture_is_told_by_them_too(client):
    file = io.BytesIO()
    Image.new("F", (40, 40), float("nan")).save(file, "TIFF")
    answer = asked(client, "digit", file.getvalue(), "image/tiff")
    assert answer.status_code == 422
    assert "NaN" in answer.json()["error"]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "MPO", "GIF", "WEBP", "BMP", "TIFF"])
def test_pictures_of_every_form_get_there(two, pictures, form):
    file = io.BytesIO()
    Image.open(io.BytesIO(pictures[4])).convert("P" if form == "GIF" else "L").save(file, form)
    picture = Image.open(io.BytesIO(file.getvalue()))
    picture.load()
    picture.info["depth_images"] = [multiprocessing.Lock()]  # as those of phones, which cannot be sent
    (reading,) = two.read_digits([picture])
    assert reading.digit == Recognizer.load(MODEL).read_digit(picture).digit


def test_one_that_dies_is_replaced_and_its_picture_read(two, pictures, lost):
    picture = Image.open(io.BytesIO(pictures[7]))
    for reader in multiprocessing.active_children():
        reader.kill()
    assert two.read_number(picture, Question(True)).text == Recognizer.load(MODEL).read_number(picture).text
    assert two.read_digits([picture])[0].framed.any()
    assert lost == []


def test_a_picture_that_kills_whoever_reads_it_fails_alone(two, pictures):
    good = Image.open(io.BytesIO(pictures[7]))
    good.load()
    with ThreadPoolExecutor(2) as pool:
        deadly = pool.submit(two.read_digits, [Image.new("L", DEADLY)])
        others = [pool.submit(two.read_digits, [good]) for _ in range(20)]
        assert all(len(other.result()) == 1 for other in others)
        assert isinstance(deadly.exception(), BrokenProcessPool)
    assert len(two.read_digits([good])) == 1


def test_readers_that_cannot_be_started_say_why():
    for path, sha256, words in ((TAUGHT, "", "It is no file"), (MODEL, "another", "was replaced")):
        with pytest.raises(ValueError, match=words):
            Readers(partial(load, path), 2, 2, sha256, print)

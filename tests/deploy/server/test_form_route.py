"""POST /v1/form: a picture and the JSON of a form in, its boxes out; what is wrong is told in a sentence."""

import io
import json
import time
from threading import Event

import forms_made
import pytest
from PIL import Image

from digits.deploy import form as forms
from digits.forms import FormReading


@pytest.fixture(scope="module")
def photo() -> bytes:
    """Return the PNG of a photo of an empty form."""
    file = io.BytesIO()
    Image.fromarray(forms_made.empty_photo()[0]).save(file, "PNG")
    return file.getvalue()


def ask(client, photo, template=None):
    template = forms_made.marks().to_json() if template is None else template
    return client.post("/v1/form", files={"file": ("mine.png", photo)}, data={"form": template})


def test_a_form_is_answered_as_the_command_line_writes_it(client, reader, photo):
    reading = reader.read_form(Image.open(io.BytesIO(photo)), forms_made.marks())
    (expected,) = json.loads(forms.to_json([forms.Filled("mine.png", reading)]))
    answer = ask(client, photo)
    assert answer.status_code == 200
    assert answer.json() == expected
    files = {"file": ("mine.png", photo), "form": ("marks.json", forms_made.marks().to_json())}
    assert client.post("/v1/form", files=files).json() == expected


def test_what_is_wrong_is_told_in_a_sentence(client, photo, pictures):
    wrong = {
        "no form": (
            client.post("/v1/form", files={"file": ("mine.png", photo)}),
            "There is no form; expected",
        ),
        "bare": (
            client.post("/v1/form", content=photo, headers={"Content-Type": "image/png"}),
            "There is no form; expected",
        ),
        "nested": (ask(client, photo, "[" * 100_000), "not the JSON of a form"),
        "key": (ask(client, photo, '{"digits_form": 1, "a": 2}'), "has the key 'a'"),
        "no picture": (ask(client, b"no picture"), "is not a picture"),
        "another": (ask(client, pictures[3]), "The form was not found"),
    }
    for name, (answer, words) in wrong.items():
        assert answer.status_code == 422, name
        assert words in answer.json()["error"], name
    assert ask(client, photo, "x" * (2**22 + 10)).status_code in (400, 413, 422)


def test_it_is_described(client):
    description = client.get("/openapi.json").json()
    about = description["paths"]["/v1/form"]["post"]
    schema = about["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["required"] == ["file", "form"]
    ok = about["responses"]["200"]["content"]["application/json"]["schema"]
    assert ok == {"$ref": "#/components/schemas/FormAnswer"}
    assert {"400", "408", "413", "415", "422", "503", "504"} <= about["responses"].keys()


def test_who_does_not_wait_holds_up_nobody(serving, held, photo, monkeypatch):
    stopped = Event()

    def read(grey, form, reader, stop):
        for _ in range(6000):
            if stop():
                stopped.set()
                break
            time.sleep(0.01)
        return FormReading({}, {})

    monkeypatch.setattr("digits.forms.read.read", read)
    answer = ask(serving(held, seconds=2.0), photo)
    assert answer.status_code == 504
    assert stopped.wait(30)

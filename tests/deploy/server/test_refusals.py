"""Every bad request gets its status and one sentence, and the server goes on."""

import asyncio
import io
import json
from concurrent.futures import ThreadPoolExecutor

import documents
import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from PIL import Image

from digits.deploy.server.app import create_app
from digits.deploy.server.limits import Limits
from digits.deploy.server.service import Service

PNG, PDF = {"Content-Type": "image/png"}, {"Content-Type": "application/pdf"}


def file(size=(40, 40), kind="PNG", mode="L", colour=255):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return out.getvalue()


def sentence(answer, status):
    """Return the error of an answer that has this status and nothing but one."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert list(said) == ["error"]
    assert said["error"].endswith(".")
    return said["error"]


PART = b'--a\r\nContent-Disposition: form-data; name="file"\r\n\r\n\\ud800\xff\r\n--a--\r\n'

BAD_BODIES = [
    (b"seven", PNG, 422, "The picture is not a picture; expected PNG, JPEG"),
    (b"P2 9 9 255" + b" 7" * 81, PNG, 415, "format PPM; expected PNG, JPEG"),
    (b"", PNG, 422, "An empty body"),
    (file((5, 40)), PNG, 422, "5 x 40 pixels; expected 8 to 8000"),
    (file((1100, 1000)), PNG, 422, "1100 x 1000 pixels; expected at most 1 million"),
    (file((600, 600))[:300], PNG, 422, "cannot be read as a picture"),
    (file(kind="EPS"), {"Content-Type": "image/x-eps"}, 422, "not a picture"),
    (file(mode="F", kind="TIFF", colour=np.nan), {"Content-Type": "image/tiff"}, 422, "not numbers"),
    (bytes(200_000), PNG, 413, "200000 bytes or more; expected at most 104857"),
    (documents.encrypted_pdf(), PDF, 422, "encrypted"),
    (documents.blank_pdf(pages=2), PDF, 422, "It has 2 pages; expected one"),
    (documents.blank_pdf(pages=1001), PDF, 422, "more than 1,000"),
    (documents.HEIC[:-40], {"Content-Type": "image/heic"}, 422, "end of file"),
    (b"7", {"Content-Type": "text/plain"}, 415, "type text/plain; expected multipart"),
    (b"7", {}, 415, "A body of type none"),
    (file(), PNG | {"Content-Encoding": "gzip"}, 415, "Content-Encoding gzip"),
    (b"7", {"Content-Type": "multipart/form-data"}, 400, "Missing boundary"),
    (b"7", {"Content-Type": "multipart/form-data; boundary=a"}, 400, "The form cannot be read"),
    *(
        (PART, {"Content-Type": f"multipart/form-data; boundary=a; charset={codec}"}, status, words)
        for codec, status, words in [
            ("undefined", 400, "its charset"),
            ("unicode_escape", 422, "holds text"),
        ]
    ),
]


@pytest.mark.parametrize(("route", "good"), [("/v1/digit", 200), ("/v1/number", 200), ("/v1/table", 422)])
def test_a_bad_body_is_told_in_a_sentence(serving, route, good):
    client = serving(megabytes=0.1, megapixels=1)
    for data, headers, status, words in BAD_BODIES:
        assert words in sentence(client.post(route, content=data, headers=headers), status)
    assert client.post(route, content=file(), headers=PNG).status_code == good  # blank paper holds no table


def test_a_page_that_is_not_there_is_told_in_a_sentence(client):
    two = documents.blank_pdf(pages=2)
    ask = [client.post(f"/v1/digit?page={page}", content=two, headers=PDF) for page in (0, 1, 2, 3)]
    assert "page is '0'" in sentence(ask[0], 422)
    assert [answer.json()["status"] for answer in ask[1:3]] == ["blank", "blank"]
    assert "The page is 3; expected 1 to 2." in sentence(ask[3], 422)


def test_a_bad_form_is_told_in_a_sentence(serving, pictures):
    client = serving(megabytes=0.1)
    send = client.post
    wrong = send("/v1/digit", files={"picture": ("7.png", pictures[7])})
    assert "fields 'picture'; expected a file in 'file'" in sentence(wrong, 422)
    text = send("/v1/digit", files={"file": (None, "7")})
    expected = "The field 'file' holds text; expected a file (curl: file=@photo.jpg)."
    assert sentence(text, 422) == expected
    two = [("file", ("a.png", pictures[1])), ("file", ("b.png", pictures[2]))]
    assert "Too many files" in sentence(send("/v1/digit", files=two), 400)
    assert "expected at most" in sentence(send("/v1/digit", files={"file": ("7.png", bytes(110_000))}), 413)
    assert "7\ufffd.png is not" in sentence(send("/v1/digit", files={"file": ("7\x7f.png", b"seven")}), 422)


def test_wrong_paths_methods_and_parameters_are_told_in_a_sentence(client):
    assert "nothing at /v2/digit; see /docs" in sentence(client.get("/v2/digit"), 404)
    slash = client.post("/v1/digit/", content=file(), headers=PNG, follow_redirects=False)
    assert "nothing at /v1/digit/" in sentence(slash, 404)
    answer = client.get("/v1/digit")
    assert "GET /v1/digit is not possible; expected POST" in sentence(answer, 405)
    assert answer.headers["Allow"] == "POST"
    answer = client.post("/v1/number?marks=perhaps", content=file(), headers=PNG)
    assert "marks is 'perhaps'" in sentence(answer, 422)
    answer = client.post("/v1/number?field=length=none", content=file(), headers=PNG)
    assert "The field 'length=none' is not understood" in sentence(answer, 422)


def test_whatever_breaks_inside_is_no_stack_of_calls(serving, held):
    def broken(picture, marks=False, field=None):
        raise KeyError("secret")

    client = serving(held)
    held.read_number = broken
    said = sentence(client.post("/v1/number", content=file(), headers=PNG), 500)
    assert "its log says what" in said
    assert "secret" not in said
    del held.read_number
    assert client.post("/v1/number", content=file(), headers=PNG).status_code == 200


def test_a_full_house_sends_others_away_and_says_when_to_come_back(serving, held, pictures):
    client = serving(held, at_once=1)
    held.hold()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/v1/digit", content=pictures[4], headers=PNG)
        assert held.reading.wait(60)
        for route in ("/v1/digit", "/v1/number"):
            answer = client.post(route, content=pictures[5], headers=PNG)
            assert "1 pictures are being read already" in sentence(answer, 503)
            assert answer.headers["Retry-After"] == "1"
        assert client.get("/healthz").status_code == 200
        held.go.set()
        assert first.result().status_code == 200
    assert client.post("/v1/digit", content=pictures[5], headers=PNG).status_code == 200


def test_what_takes_too_long_is_given_up(serving, held, pictures):
    client = serving(held, seconds=0.5)
    held.hold()
    answer = client.post("/v1/digit", content=pictures[6], headers=PNG)
    assert "not read after 0.5 seconds" in sentence(answer, 504)
    held.go.set()


def asked(reader, receive, **limits):
    """Ask a server for a digit, whose body is what `receive` returns; return status, headers and error."""
    service, sent = Service(lambda: reader, Limits(**limits)), []
    service.start()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/digit", "query_string": b""}
    headers = [(b"content-type", b"image/png")]
    with start_blocking_portal() as portal:  # a loop of its own: Playwright's may run in this thread
        portal.call(create_app(service), scope | {"headers": headers}, receive, send)
    service.close()
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])["error"]


def test_a_picture_that_does_not_come_is_given_up(reader):
    async def never():
        await asyncio.sleep(3600)

    async def gone():
        return {"type": "http.disconnect"}

    status, headers, said = asked(reader, never, seconds=0.2)
    assert (status, headers[b"connection"]) == (408, b"close")
    assert "not all here after 0.2 seconds" in said
    assert asked(reader, gone)[0] == 400  # no failure of the server


def test_a_body_without_end_is_counted_while_it_comes(reader):
    pieces = []

    async def receive():
        pieces.append(60_000)
        return {"type": "http.request", "body": bytes(60_000), "more_body": True}

    status, headers, said = asked(reader, receive, megabytes=0.1)
    assert (status, headers[b"connection"]) == (413, b"close")
    assert said == "A body of 120000 bytes or more; expected at most 104857."
    assert len(pieces) == 4  # as much again is dropped, for a client that reads only when it has sent all

"""What the server answers, and what it says about itself."""

import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fastapi.testclient import TestClient
from handwriting import strokes
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from ruled import ROWS, by_hand, drawn

from digits.data.strokes import draw
from digits.deploy import table
from digits.deploy.server.app import create_app
from digits.deploy.server.limits import Limits
from digits.deploy.server.service import Service
from digits.reading import Row, to_json


def raw(client, route, data, kind="image/png"):
    return client.post(route, content=data, headers={"Content-Type": kind})


def measure(client, name, **labels):
    """Return a figure from /metrics."""
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return 0


def test_a_digit_is_answered_as_the_command_line_writes_it(client, reader, pictures):
    for data in pictures[:4]:
        reading = reader.read_digit(Image.open(io.BytesIO(data)))
        (expected,) = json.loads(to_json([Row("mine.png", reading)]))
        answer = client.post("/v1/digit", files={"file": ("mine.png", data)})
        assert answer.status_code == 200
        assert list(answer.json().items()) == list(expected.items())
        assert raw(client, "/v1/digit", data).json() == expected | {"file": "picture"}
        assert raw(client, "/v1/digit", data, "application/octet-stream").status_code == 200


@pytest.mark.parametrize("marks", [False, True])
def test_a_number_is_answered_as_the_command_line_writes_it(client, reader, marks):
    picture = Image.fromarray(255 - np.hstack([draw(strokes(d, 60, 20, 20), 100, 6) for d in (3, 0, 7)]))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95)
    reading = reader.read_number(Image.open(file), marks)
    (expected,) = json.loads(to_json([Row("picture", reading)]))
    answer = raw(client, f"/v1/number?marks={marks}", file.getvalue(), "image/jpeg").json()
    assert list(answer.items()) == list(expected.items())
    assert len(answer["digits"]) == 3
    known = raw(client, "/v1/number?field=pattern=d.dd&field=step=307", file.getvalue(), "image/jpeg").json()
    assert (known["text"], known["value"], known["unbound"]) == ("3.07", "3.07", None)


def test_a_table_is_answered_as_the_command_line_writes_it(client, reader):
    picture = Image.fromarray(drawn())
    file = io.BytesIO()
    picture.save(file, "PNG")
    (expected,) = json.loads(table.to_json([table.Sheet("mine.png", reader.read_table(picture))]))
    answer = client.post("/v1/table?marks=false", files={"file": ("mine.png", file.getvalue())}).json()
    assert answer == expected
    assert (answer["shape"], len(answer["cells"]), answer["others"]) == ([3, 3], 9, [])
    assert [cell["text"] for cell in answer["cells"]] == sum(ROWS, [])
    assert measure(client, "digits_readings_total", kind="table") == 1


def test_merged_cells_and_smaller_tables_are_answered_too(serving, held, monkeypatch):
    blank = io.BytesIO()
    Image.new("L", (50, 50), 255).save(blank, "PNG")
    monkeypatch.setattr("digits.tables.read.read", lambda grey, reader, marks, stop: by_hand())
    answer = raw(serving(held), "/v1/table", blank.getvalue()).json()
    assert answer["status"] == "not_a_digit"
    assert [(cell["row"], cell["column"]) for cell in answer["cells"] if cell["columns"] == 2] == [(2, 0)]
    assert [[cell["text"] for cell in other["cells"]] for other in answer["others"]] == [["8", "9"]]


def test_a_picture_without_a_table_is_told_so(client, pictures):
    answer = raw(client, "/v1/table", pictures[7])
    assert answer.status_code == 422
    assert answer.json().keys() == {"error"}
    assert "No table was found" in answer.json()["error"]


def test_pictures_that_wait_are_read_together_and_each_gets_its_own_answer(serving, held, reader, pictures):
    client = serving(held)
    held.hold()
    with ThreadPoolExecutor(len(pictures)) as pool:
        first = pool.submit(raw, client, "/v1/digit", pictures[0])
        assert held.reading.wait(60)
        rest = [pool.submit(raw, client, "/v1/digit", data) for data in pictures[1:]]
        while measure(client, "digits_requests_inside") < len(pictures):
            time.sleep(0.01)
        held.go.set()
        answers = [future.result().json() for future in (first, *rest)]
    for data, answer in zip(pictures, answers, strict=True):
        alone = reader.read_digit(Image.open(io.BytesIO(data)))
        assert (answer["digit"], answer["status"], answer["box"]) == (
            alone.digit,
            alone.status,
            list(alone.box),
        )
        assert answer["probabilities"] == pytest.approx(alone.probabilities, abs=2e-4)
    assert sum(held.sizes) == len(pictures)
    assert len(held.sizes) < len(pictures)


@pytest.mark.parametrize(("size", "more"), [((1100, 1000), {}), ((900, 900), {"progressive": True})])
def test_a_picture_that_takes_long_holds_up_no_quick_one(serving, held, reader, pictures, size, more):
    client, waits = serving(held), held.read_digits

    def read_digits(pictures):
        return waits(pictures) if pictures[0].size == size else reader.read_digits(pictures)

    held.read_digits = read_digits
    held.hold()
    slow = io.BytesIO()
    Image.new("L", size, 255).save(slow, "JPEG", **more)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(raw, client, "/v1/digit", slow.getvalue())
        assert held.reading.wait(60)
        quick = raw(client, "/v1/digit", pictures[7]).status_code
        held.go.set()
        assert (quick, first.result().status_code) == (200, 200)


def test_it_is_live_before_it_is_ready(reader, pictures):
    service = Service(lambda: reader, Limits())
    client = TestClient(create_app(service))  # not entered: nothing is started
    assert client.get("/healthz").json() == {"status": "live"}
    for answer in (client.get("/readyz"), client.get("/v1/model"), raw(client, "/v1/digit", pictures[0])):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert "not loaded yet" in answer.json()["error"]
    service.start()
    assert client.get("/readyz").json() == {"status": "ready"}
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert client.head(path).status_code == 200, path
    said, card = client.get("/v1/model").json(), reader.card
    assert (said["name"], said["frame_version"]) == ("tiny", card.frame_version)
    assert (said["thresholds"], said["temperature"]) == (card.thresholds, 2.0)
    service.close()


def test_it_counts_what_it_does(client, pictures):
    for data in (pictures[7], pictures[1], b"no picture"):
        raw(client, "/v1/digit", data)
    number = raw(client, "/v1/number", pictures[7]).json()
    for path in ("/a", "/b"):
        client.get(path)
    count = "digits_requests_total"
    assert measure(client, count, route="/v1/digit", status="200") == 2
    assert measure(client, count, route="/v1/digit", status="422") == 1
    assert measure(client, count, route="elsewhere", status="404") == 2
    assert measure(client, "digits_request_seconds_count", route="/v1/digit") == 3
    assert measure(client, "digits_batch_pictures_sum") == 2
    assert measure(client, "digits_readings_total", kind="number", status=number["status"]) == 1
    assert measure(client, "digits_requests_inside") == 0
    assert measure(client, "digits_ready") == 1


def test_the_log_has_a_line_per_request_that_tells_nothing_about_the_picture(client, pictures, caplog):
    with caplog.at_level("INFO", logger="digits.deploy.server.access"):
        client.post("/v1/digit?key=secret", files={"file": ("private.png", pictures[2])})
        client.get("/nowhere")
    first, second = (json.loads(record.message) for record in caplog.records)
    assert set(first) == {"time", "method", "route", "status", "ms"}
    assert (first["method"], first["route"], first["status"]) == ("POST", "/v1/digit", 200)
    assert (second["route"], second["status"]) == ("elsewhere", 404)


def test_its_description_names_every_answer(client):
    description = client.get("/openapi.json").json()
    names = {"digit": "DigitAnswer", "number": "NumberAnswer", "table": "TableAnswer"}
    for route, answer in ((f"/v1/{route}", answer) for route, answer in names.items()):
        about = description["paths"][route]["post"]
        ok = about["responses"]["200"]["content"]["application/json"]["schema"]
        assert ok == {"$ref": f"#/components/schemas/{answer}"}
        for status in ("400", "408", "413", "415", "422", "503", "504"):
            problem = about["responses"][status]["content"]["application/json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}
        assert {"multipart/form-data", "image/png"} <= about["requestBody"]["content"].keys()
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_the_page_about_it_needs_no_other_address(client):
    answer = client.get("/docs")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert set(re.findall(r"https?://[^/:]+", answer.text)) == {"http://testserver"}


@pytest.mark.parametrize(("origins", "allowed"), [((), None), (("https://a.example",), "https://a.example")])
def test_other_pages_may_ask_only_if_they_were_named(reader, origins, allowed):
    client = TestClient(create_app(Service(lambda: reader, Limits()), origins))
    for origin, expected in (("https://a.example", allowed), ("https://b.example", None)):
        answer = client.get("/healthz", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == expected

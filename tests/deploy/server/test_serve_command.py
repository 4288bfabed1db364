"""`python -m digits serve`, as a person starts and ends it."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from digits import config
from digits.__main__ import main
from digits.deploy.server import run


def begun(*flags) -> tuple[subprocess.Popen, int]:
    """Start a server; return its process and port."""
    command = [sys.executable, "-m", "digits", "serve", "--port", "0", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith("Listening on http://127.0.0.1:"), process.communicate()
    return process, int(line.split(":")[2].split()[0])


def asked(port, method, path, body=None, kind="image/png") -> tuple[int, str]:
    """Send all of a body, then look at the answer; one that is an iterator goes without its length."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_it_answers_what_it_has_taken_on_before_it_ends(pictures):
    process, port = begun("--model", "mnist_tiny", "--access-log", "--seconds", "120")
    while asked(port, "GET", "/readyz")[0] != 200:
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    assert asked(port, "POST", "/v1/digit", "broken", "multipart/form-data; boundary=a")[0] == 400
    assert "at most 10485760" in asked(port, "POST", "/v1/digit", iter([bytes(2**20)] * 15))[1]
    half = len(pictures[7]) // 2
    with socket.create_connection(("127.0.0.1", port)) as client:
        head = "POST /v1/digit HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"
        head += f"Content-Length: {2 * half}\r\n\r\n"
        client.sendall(head.encode() + pictures[7][:half])
        while "digits_requests_inside 1.0" not in asked(port, "GET", "/metrics")[1]:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(ConnectionError):  # which says that nobody new is let in
            while asked(port, "GET", "/healthz"):
                time.sleep(0.1)
        client.sendall(pictures[7][half : 2 * half])
        answer = client.makefile("rb").read().decode()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert answer.startswith("HTTP/1.1 200")
    assert json.loads(answer.split("\r\n\r\n")[1])["status"] in ("digit", "unsure")
    assert "oundary" not in errors  # a client writes nothing there
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert (lines[-1]["route"], lines[-1]["status"]) == ("/v1/digit", 200)


def test_its_readers_end_with_it_however_it_ends():
    for sign, status in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 0)):
        process, port = begun("--model", "mnist_tiny", "--readers", "2")
        while asked(port, "GET", "/readyz")[0] != 200:
            assert process.poll() is None, process.communicate()
            time.sleep(0.2)
        process.send_signal(sign)
        process.communicate()  # which ends when nobody holds the other end of its streams any more
        assert process.returncode == status


def test_a_model_that_cannot_be_loaded_ends_it_with_a_sentence(surroundings):
    (surroundings / "models" / "bad.keras").write_text("no model")
    process, _ = begun("--model", "bad")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith("bad.keras: It ")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--model", "no_such"], "There is no model 'no_such'"),
        (["--megabytes", "0"], "--megabytes is 0.0; expected more than 0, up to 1000"),
        (["--megapixels", "100"], "--megapixels is 100.0; expected more than 0, up to 64"),
        (["--seconds", "nan"], "--seconds is nan; expected more than 0, up to 3600"),
        (["--at-once", "0"], "--at-once is 0; expected 1 to 10000"),
        (["--together", "257"], "--together is 257; expected 1 to 256"),
        (["--readers", "0"], "--readers is 0; expected 1 to 60"),
        (["--readers", "61"], "--readers is 61; expected 1 to 60"),
        (["--allow-origin", "https://a.example/"], "--allow-origin is https://a.example/; expected scheme"),
        (["--allow-origin", "a.example"], "--allow-origin is a.example; expected scheme"),
        (["--port", "70000"], "--port 70000 cannot be listened on"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid"),
    ],
)
def test_bad_flags_end_with_two_and_one_sentence(capsys, flags, words):
    assert main(["serve", *flags]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert said.err.count("\n") == 1


def test_a_missing_package_is_told_with_the_line_that_installs_it(capsys, monkeypatch):
    monkeypatch.setattr(config, "find_spec", lambda name: None)
    assert main(["serve"]) == 2
    assert "needs fastapi, which is not installed: pip install -e '.[serve]'" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named_and_one_that_is_open_to_others_too(capsys, monkeypatch):
    with run._listen("127.0.0.1", 0) as taken:
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)  # answers are not held back
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"--port {port} cannot be listened on" in capsys.readouterr().err
    monkeypatch.setattr(run.Server, "run", lambda *_: None)
    for host, is_open in (("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True)):
        assert main(["serve", "--host", host, "--port", "0"]) == 0
        assert ("no log-in" in capsys.readouterr().err) is is_open, host

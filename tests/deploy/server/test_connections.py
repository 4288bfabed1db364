"""Clients who leave things half done: they are sent away, and hold up nobody."""

import asyncio
import contextlib
import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from digits.deploy.server import connections
from digits.deploy.server.app import create_app
from digits.deploy.server.connections import Door, OnceAMinute, Uvicorn, room
from digits.deploy.server.limits import Limits
from digits.deploy.server.requests import Intake, Refused
from digits.deploy.server.run import _listen
from digits.deploy.server.service import Service

HALF = b"POST /v1/digit HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"
PATIENCE = 60


class Live:
    """A server that listens on a port of this machine."""

    def __init__(self, reader, most: int, seconds: float, limits: Limits):
        self.listening = _listen("127.0.0.1", 0)
        self.port = self.listening.getsockname()[1]
        self.service = Service(lambda: reader, limits)
        self.door = Door(seconds, most, self.service.metrics.dropped)
        self.server = Uvicorn(create_app(self.service), self.listening, self.door, 1)
        self.thread = threading.Thread(target=self.server.serve_until_told)
        self.thread.start()
        while self.ask("GET", "/readyz")[0] != 200:
            time.sleep(0.01)

    def open(self, *data: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        for part in data:
            client.sendall(part)
        return client

    def ask(self, method, path, body=None) -> tuple[int, bytes]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        client.request(method, path, body, {"Content-Type": "image/png"})
        answer = client.getresponse()
        said = answer.status, answer.read()
        client.close()
        return said

    def dropped(self, why: str) -> float:
        return self.service.metrics.dropped.labels(why)._value.get()


@pytest.fixture
def live(reader) -> Iterator[Callable[..., Live]]:
    """Return what starts a server with a door of so many connections and seconds."""
    started = []

    def start(most=100, seconds=300.0, reader=reader, **limits) -> Live:
        started.append(Live(reader, most, seconds, Limits(**{"seconds": 300.0} | limits)))
        return started[-1]

    yield start
    for one in started:
        one.server.should_exit = True
        one.thread.join(PATIENCE)


def ended(client: socket.socket) -> bytes:
    """Return what came until the connection's end."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65536):
            said += part
    return said


def eventually(true: Callable[[], bool]) -> bool:
    """Wait until something is so; that is judged, not how long it takes."""
    for _ in range(100 * PATIENCE):
        if true():
            return True
        time.sleep(0.01)
    return False


def test_half_sent_heads_fill_no_house(live, pictures):
    server = live(most=12)
    halves = [server.open(HALF) for _ in range(40)]
    assert server.ask("POST", "/v1/digit", pictures[3])[0] == 200
    assert eventually(lambda: server.dropped("no room") >= 28)
    assert [ended(one) for one in halves[:28]] == [b""] * 28, "those that were waited for longest"
    halves[-1].sendall(b"Content-Length: %d\r\n\r\n" % len(pictures[4]) + pictures[4])
    assert halves[-1].recv(15) == b"HTTP/1.1 200 OK"
    assert len(server.server.server_state.connections) <= 12


@pytest.mark.parametrize(
    "sent", [b"", HALF, HALF + b"Content-Length: 1000\r\n\r\nhalf", b"GET /docs HTTP/1.1\r\nHo"]
)
def test_who_does_not_end_a_request_is_told_and_sent_away(live, sent):
    server = live(seconds=0.3)
    said = ended(server.open(sent))
    assert said.startswith(b"HTTP/1.1 408")
    assert b"not all here after 0.3 seconds" in said
    assert server.dropped("late") == 1


def test_who_sends_on_and_on_byte_by_byte_is_sent_away_too(live):
    server = live(seconds=0.3)
    client = server.open(HALF)

    def sent() -> bool:
        with contextlib.suppress(ConnectionError):
            client.sendall(b"X: 1\r\n")
            return False
        return True

    assert eventually(sent)


def test_a_connection_may_be_used_for_long_if_each_request_is_soon_here(live):
    server = live(seconds=0.5)
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    for _ in range(8):
        client.request("GET", "/healthz")
        assert client.getresponse().read() == b'{"status":"live"}'
        time.sleep(0.1)
    assert server.dropped("late") == 0


def test_slow_bodies_take_no_place_in_the_house(live, pictures):
    server = live(at_once=2)
    slow = [server.open(HALF + b"Content-Length: 100000\r\n\r\n" + bytes(5000)) for _ in range(10)]
    assert eventually(lambda: server.service.metrics.inside._value.get() == 10)
    assert server.ask("POST", "/v1/digit", pictures[5])[0] == 200
    for one in slow:
        one.close()


def test_who_does_not_take_the_answer_is_sent_away(live):
    server = live(seconds=0.5)
    server.listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)  # which connections inherit
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.connect(("127.0.0.1", server.port))
    client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n")
    assert eventually(lambda: server.dropped("late") == 1)
    assert len(ended(client)) < 20_000
    assert server.ask("GET", "/healthz")[0] == 200


def test_requests_before_the_answer_to_the_last_get_none(live):
    client = live().open(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
    assert ended(client).count(b"live") == 1


def test_a_body_in_too_many_pieces_is_refused(live, monkeypatch):
    monkeypatch.setattr(connections, "MOST_LINES", 1000)
    server = live()
    client = server.open(HALF + b"Transfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        client.sendall(b"1\r\nx\r\n" * 2000)
    assert eventually(lambda: server.dropped("pieces") == 1)
    assert server.ask("GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    "sent", [b"no HTTP at all\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"]
)
def test_what_is_no_request_is_told_in_a_sentence(live, sent):
    head, _, body = ended(live().open(sent)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["error"].startswith("This is no HTTP request")


def test_of_bodies_on_their_way_the_first_gives_way_to_others():
    async def run() -> list[str]:
        intake, said = Intake(100), []

        async def send(name: str, pieces: list[int], wait: float) -> None:
            try:
                async with intake.body() as took:
                    for size in pieces:
                        took(size)
                        await asyncio.sleep(0)
                    await asyncio.sleep(wait)
                said.append(f"{name} whole")
            except Refused as error:
                said.append(f"{name} {error.status}")

        async with asyncio.TaskGroup() as group:
            group.create_task(send("slow", [60], 3600))
            await asyncio.sleep(0)
            group.create_task(send("small", [10], 0.05))
            group.create_task(send("quick", [30, 30, 20], 0))
        return said

    with ThreadPoolExecutor() as pool:  # in this one a browser of another test may keep a loop
        said = pool.submit(asyncio.run, run()).result()
    assert sorted(said) == ["quick whole", "slow 503", "small whole"]


def test_what_repeats_is_logged_once_a_minute_and_counted():
    now, said = [0.0], []
    seen = OnceAMinute(lambda: now[0])

    def log(words: str, *values: object) -> None:
        record = logging.LogRecord("a", logging.WARNING, "", 1, words, values, None)
        if seen.filter(record):
            said.append(record.getMessage())

    for second in range(130):
        now[0] = float(second)
        log("Broken: %s", second)
    log("Another")
    assert said == [
        "Broken: 0",
        "Broken: 60 (59 more like this since)",
        "Broken: 120 (59 more like this since)",
        "Another",
    ]


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [(1024, 4096, 1000), (256, 256, 128), (64, 64, 16), (1024, -1, 1000), (-1, -1, 1000), (1024, 1024, 896)],
)
def test_there_are_fewer_connections_than_files(monkeypatch, soft, hard, expected):
    resource = pytest.importorskip("resource")
    limits = [soft, hard]
    monkeypatch.setattr(resource, "getrlimit", lambda kind: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, both: limits.__setitem__(slice(None), both))
    assert room() == expected
    assert limits[0] < 0 or room() < limits[0]

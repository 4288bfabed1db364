"""Who is let in: at most so many connections, each with a deadline to ask and to take the answer.

uvicorn waits for ever for the rest of a head, for a body that nobody reads, and for a client that does not
take its answer; and it accepts until the system has no more files. Here a connection whose client is waited
for has a deadline, and when there is no room for one more, that which has been waited for longest goes: who
sends a request as clients do is answered whatever others leave half done.
"""

import asyncio
import logging
import math
import re
import socket
import time
from collections.abc import Callable
from typing import Any

import h11
import uvicorn
from prometheus_client import Counter
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from digits.files import to_json

MOST_CONNECTIONS = 1000
"""At once; less where the system allows fewer open files."""

RESERVE = 128
"""Files that are left for models, child processes, the log, and `BURST`."""

OF_READER = 8
"""More files for each process that reads."""

BURST = 64
"""Connections that are accepted before the others are looked after."""

QUEUE = 2048
"""Connections that the system keeps until they are accepted."""

MOST_LINES = 50_000
"""Of a request, whose headers and chunks end with one each: a small piece costs as much as a large one."""

MOST_HEAD = 65536
"""Bytes of a request's head."""

END = re.compile(rb"\r?\n\r?\n")
"""Of a head."""

LATE = "The request was not all here after {:g} seconds."
BROKEN = "This is no HTTP request, or one in too many pieces."


def room(readers: int = 0) -> int:
    """Return how many connections there may be beside so many other processes that read; as many files are
    allowed as the system grants."""
    try:
        import resource
    except ImportError:  # Windows, where sockets are no files
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    reserve = RESERVE + OF_READER * readers
    wanted = MOST_CONNECTIONS + reserve
    if 0 <= soft < wanted:
        soft = wanted if hard < 0 else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft < 0 else max(16, min(MOST_CONNECTIONS, soft - reserve))


class Door:
    """All connections, and since when each of those is waited for that have something to do themselves."""

    def __init__(self, seconds: float, most: int, dropped: Counter):
        """Remember the limits.

        Args:
            seconds: from accept, or the last answer, to a whole request; and for taking an answer.
            most: connections at once.
            dropped: counts those that were dropped, by the reason.
        """
        self.seconds, self.most, self._dropped = seconds, most, dropped
        self._there: set[Connection] = set()
        self._since: dict[Connection, float] = {}  # the longest first

    def protocol(self, **about: Any) -> "Connection":
        """Make the protocol of a connection, as uvicorn asks for it."""
        return Connection(self, **about)

    def enter(self, connection: "Connection") -> None:
        """Let a connection in, and another one go where there is no room."""
        if len(self._there) >= self.most:
            self.drop(next(iter(self._since), connection), "no room")
        self._there.add(connection)

    def leave(self, connection: "Connection") -> None:
        """Forget a connection that has ended."""
        self._there.discard(connection)
        self._since.pop(connection, None)

    def wait_for(self, connection: "Connection", anew: bool = False) -> None:
        """Note that a connection's client has something to do, `anew` from now on."""
        if connection in self._there:
            since = None if anew else self._since.get(connection)
            if since is None:
                self._since.pop(connection, None)
                self._since[connection] = asyncio.get_running_loop().time()

    def work_for(self, connection: "Connection") -> None:
        """Note that the server has something to do for a connection."""
        self._since.pop(connection, None)

    def drop(self, connection: "Connection", why: str) -> None:
        """End a connection at once."""
        self.leave(connection)
        self._dropped.labels(why).inc()
        connection.transport.abort()

    async def watch(self) -> None:
        """Drop those whose time is over, for as long as the server runs."""
        while True:
            over = asyncio.get_running_loop().time() - self.seconds
            for connection in [one for one, since in self._since.items() if since <= over]:
                connection.tell(408, LATE.format(self.seconds))
                self.drop(connection, "late")
            await asyncio.sleep(min(1.0, self.seconds / 4))


class Connection(H11Protocol):
    """uvicorn's connection, which knows whose turn it is: the client's or the server's."""

    def __init__(self, door: Door, **about: Any) -> None:
        super().__init__(**about)
        self._door, self._lines, self._begun, self._head = door, 0, True, bytearray()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Come in."""
        super().connection_made(transport)
        self._door.enter(self)
        self._door.wait_for(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Go."""
        self._door.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it comes in too many pieces."""
        if not self._begun:
            self._begun = True
            self._door.wait_for(self, anew=True)
        self._lines += data.count(b"\r\n")
        if self._lines > MOST_LINES:
            self.tell(400, BROKEN)
            self._door.drop(self, "pieces")
            return
        if self.conn.their_state is h11.IDLE:  # half a head costs no more than to be kept
            before = max(0, len(self._head) - 3)
            self._head += data
            if not END.search(self._head, before) and len(self._head) <= MOST_HEAD:
                return
            data = bytes(self._head)
            self._head.clear()
        if self.cycle and not self.cycle.response_complete and not self.cycle.more_body:
            self.cycle.keep_alive = False  # the next request before this one's answer: no client needs that
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Begin anew with whatever comes next."""
        self._lines, self._begun = 0, False
        self._door.wait_for(self, anew=True)
        if self.conn.trailing_data[0]:  # it came with this one
            self.transport.close()
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """Wait for a client that does not take its answer."""
        super().pause_writing()
        self._door.wait_for(self)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._look()

    def send_400_response(self, msg: str) -> None:
        """Tell that something is no HTTP, as all errors are told."""
        self.tell(400, BROKEN)
        self.transport.close()

    def tell(self, status: int, sentence: str) -> None:
        """Write an error, if no answer has begun; and let go of the request."""
        if self.cycle and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                return
        elif self.conn.our_state is not h11.IDLE or not self._begun:
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = to_json({"error": sentence}).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            self.transport.write(self.conn.send(h11.Response(status_code=status, headers=headers)) or b"")
            self.transport.write(self.conn.send(h11.Data(data=body)) or b"")

    def _look(self) -> None:
        """See whose turn it is."""
        cycle = self.cycle
        is_whole = cycle is not None and not cycle.response_complete and not cycle.more_body
        if is_whole and not self.flow.write_paused:
            self._door.work_for(self)
        else:
            self._door.wait_for(self)


class Uvicorn(uvicorn.Server):
    """uvicorn with a door."""

    def __init__(self, app: ASGIApp, listening: socket.socket, door: Door, patience: int):
        """Remember the app, the socket that it is asked by, and the seconds to end what was begun."""
        settings = uvicorn.Config(
            app,
            http=door.protocol,  # type: ignore[arg-type]  # it is called, as a class would be
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BURST,
            timeout_graceful_shutdown=patience,
        )
        super().__init__(settings)
        self._door, self._listening = door, listening

    def serve_until_told(self) -> None:
        """Answer until `should_exit` is set, or a signal comes."""
        self.run(sockets=[self._listening])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, `BURST` at a time, from a longer queue than that; and to watch."""
        await super().startup(sockets)
        self._listening.listen(QUEUE)
        self._watching = asyncio.create_task(self._door.watch())


class OnceAMinute(logging.Filter):
    """Lets what repeats into the log once a minute, and says how often it came."""

    SECONDS = 60.0

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        super().__init__()
        self._clock, self._seen = clock, dict[tuple[Any, ...], tuple[float, int]]()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written; it is told apart by its words before values are put in."""
        kind = record.exc_info[0] if record.exc_info else None
        key = record.name, record.levelno, str(record.msg)[:200], kind
        last, more = self._seen.get(key, (-math.inf, 0))
        now = self._clock()
        if now - last < self.SECONDS:
            self._seen[key] = last, more + 1
            return False
        if len(self._seen) >= 1000:
            self._seen.clear()
        self._seen[key] = now, 0
        if more:
            record.msg, record.args = f"{record.getMessage()} ({more:,} more like this since)", None
        return True

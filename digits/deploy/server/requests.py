"""What comes in and what is refused: a picture out of a request's body, and every error as one sentence.

Bytes are counted while they come, a body is parted once it is whole, the head of the picture is looked at,
nothing is unpacked. A refusal is
JSON, {"error": "..."}; FastAPI's own are put that way too.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from PIL import Image
from prometheus_client import Gauge
from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digits.deploy.batch.archives import plain
from digits.deploy.server.limits import Limits
from digits.forms.template import MOST_BYTES
from digits.preprocessing.decode import look_at

FIELD, TEMPLATE = "file", "form"
"""Of a form, with the picture; and with the JSON of a form that is to be read on it."""

BINARY = ("application/pdf", "application/octet-stream")
"""Kinds of bodies that are the picture itself, beside image/*."""

REFUSED = "PPM"
"""Pillow's name of a format that may be written in plain text, which is unpacked in Python, slowly."""

SOON = {"Retry-After": "1"}
"""Seconds after which a client that was sent away may ask again."""

CLOSE = {"Connection": "close"}
"""With a refusal before the whole body was read: what else comes is not the next request."""


class Refused(Exception):
    """A request that gets no reading."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None):
        """Say why: `status` is that of HTTP, `headers` go along with it."""
        super().__init__(sentence)
        self.status, self.headers = status, headers


def install(app: FastAPI) -> None:
    """Let the app answer every error in this way."""

    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> JSONResponse:
        return _answer(error.status, str(error), error.headers)

    @app.exception_handler(HTTPException)
    def not_routed(request: Request, error: HTTPException) -> JSONResponse:
        path, expected = request.url.path, (error.headers or {}).get("Allow", "another method")
        sentences = {
            404: f"There is nothing at {path}; see /docs for what there is.",
            405: f"{request.method} {path} is not possible; expected {expected}.",
        }
        return _answer(error.status_code, sentences.get(error.status_code, str(error.detail)), error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        name = next((part for part in reversed(first["loc"]) if isinstance(part, str)), "It")
        reason = first["msg"][:1].lower() + first["msg"][1:]
        return _answer(422, f"{name} is {first.get('input')!r}: {reason}.")

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return _answer(500, "Something went wrong inside the server; its log says what.")


def _answer(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers)


class Intake:
    """Bodies on their way: together they hold no more than a bound, or that which began first is given up.

    So it is the slow ones that go, and a client that sends all at once comes through.
    """

    def __init__(self, most: int):
        """Remember how many bytes there may be."""
        self._most, self._held = most, 0
        self._open: dict[asyncio.Timeout, int] = {}  # the first to begin first

    @asynccontextmanager
    async def body(self) -> AsyncIterator[Callable[[int], None]]:
        """Yield what is told of each piece how many bytes it has.

        Raises:
            Refused: 503, there is no room for the rest of it.
        """
        try:
            async with asyncio.timeout(None) as mine:
                self._open[mine] = 0
                try:
                    yield partial(self._took, mine)
                finally:
                    self._held -= self._open.pop(mine)
        except TimeoutError:
            raise Refused(
                503, "Too much is being sent at once; try again in a moment.", SOON | CLOSE
            ) from None

    def _took(self, mine: asyncio.Timeout, size: int) -> None:
        self._open[mine] += size
        self._held += size
        over = self._held - self._most
        for first, held in self._open.items():
            if over <= 0:
                break
            over -= held
            if not first.expired():
                first.reschedule(0)


class Whole:
    """ASGI middleware: the app hears of a request once all of its body is here, and it is not too large.

    It is the outermost, and costs little: of clients who never end there may be many.
    """

    def __init__(self, app: ASGIApp, limits: Limits, bodies: int, inside: Gauge):
        """Remember the limits.

        Args:
            app: what answers.
            limits: of a body's bytes, and of the seconds until it is here.
            bodies: of the largest kind that there may be on their way, or more small ones.
            inside: counts those on their way.
        """
        self._app, self._limits, self._inside = app, limits, inside
        self._intake = Intake(bodies * limits.bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            return await self._app(scope, receive, send)
        try:
            with self._inside.track_inprogress():
                body = await self._arrived(Headers(scope=scope), receive)
        except Refused as error:
            return await _answer(error.status, str(error), error.headers)(scope, receive, send)
        given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return given.pop() if given else await receive()

        await self._app(scope, again, send)

    async def _arrived(self, headers: Headers, receive: Receive) -> bytes:
        seconds = self._limits.seconds
        try:
            async with asyncio.timeout(seconds), self._intake.body() as took:
                return await self._counted(headers, receive, took)
        except TimeoutError:
            words = f"The picture was not all here after {seconds:g} seconds."
            raise Refused(408, words, CLOSE) from None

    async def _counted(self, headers: Headers, receive: Receive, took: Callable[[int], None]) -> bytes:
        """Return the body, up to the limit: what Content-Length says is only a claim."""
        claimed = headers.get("content-length", "")
        received = int(claimed) if claimed.isascii() and claimed.isdecimal() and len(claimed) < 20 else 0
        most, parts = self._limits.bytes, list[bytes]()
        if received <= most:
            received = 0
            async for part in _stream(receive):
                received += len(part)
                if received > most:
                    break
                took(len(part))
                parts.append(part)
            else:
                return b"".join(parts)
        if "expect" not in headers:  # else the client asked first, and has sent nothing yet
            parts.clear()
            async for part in _stream(receive):  # who is cut off while sending does not get to see the answer
                most -= len(part)
                if most <= 0:
                    break
        raise Refused(
            413, f"A body of {received} bytes or more; expected at most {self._limits.bytes}.", CLOSE
        )


async def _stream(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The connection ended before the whole body was here.")
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def picture_in(request: Request) -> tuple[str, bytes, bytes]:
    """Read a body: a form with the picture in its field `file`, or the picture itself.

    Returns:
        The picture's name, as the form says ("": it has none), its bytes, and those in the field `form`
        (b"": there is none).

    Raises:
        Refused: 400 for a broken form, 415 for another kind of body, 422 for none.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise Refused(415, f"A body in Content-Encoding {encoding}; expected it as it is.", CLOSE)
    try:
        if kind == "multipart/form-data":
            name, data, template = await _of_form(request)
        elif kind.startswith("image/") or kind in BINARY:
            name, data, template = "", await request.body(), b""
        else:
            raise Refused(
                415,
                f"A body of type {kind or 'none'}; expected multipart/form-data with the picture "
                f"in the field {FIELD!r}, or the picture itself as image/* or {BINARY[0]}.",
                CLOSE,
            )
    except ClientDisconnect:
        raise Refused(400, "The connection ended before the whole body was here.") from None
    if not data:
        raise Refused(422, "An empty body; expected a picture.")
    return name, data, template


def open_head(name: str, data: bytes, limits: Limits, page: int | None) -> Image.Image:
    """Look at a picture's head; of a document with several pages, at that of one. Its pixels are unpacked by
    whoever needs them.

    Raises:
        Refused: 415 for a format that is not taken, 422 for what is no picture or of another size; the
            sentence says why.
    """
    file = io.BytesIO(data)
    file.name = name or "The picture"
    try:
        picture = look_at(file, page)
    except ValueError as error:
        raise Refused(422, str(error)) from None
    if picture.format == REFUSED:
        raise Refused(415, f"A picture of format {REFUSED}; expected PNG, JPEG or another common format.")
    width, height = picture.size
    if width * height > limits.pixels:
        most = f"{limits.megapixels:g} million"
        raise Refused(422, f"A picture of {width} x {height} pixels; expected at most {most} of them.")
    return picture


async def _of_form(request: Request) -> tuple[str, bytes, bytes]:
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=2, max_fields=8, max_part_size=MOST_BYTES
    )
    parser.spool_max_size = 0  # no limit: nothing that was sent touches the disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Refused(400, f"The form cannot be read ({error.message.rstrip('.')}).", CLOSE) from None
    except UnicodeError:  # its header may name any of Python's codecs
        raise Refused(400, "The form cannot be read (its charset); expected UTF-8.", CLOSE) from None
    twice = next((name for name in (FIELD, TEMPLATE) if len(form.getlist(name)) > 1), None)
    if twice:
        raise Refused(400, f"Too many files in {twice!r}; expected one.")
    file = form.get(FIELD)
    if isinstance(file, str):
        raise Refused(422, f"The field {FIELD!r} holds text; expected a file (curl: {FIELD}=@photo.jpg).")
    if not isinstance(file, UploadFile):
        given = ", ".join(map(repr, form)) or "none"
        raise Refused(422, f"A form with the fields {given}; expected a file in {FIELD!r}.")
    template = form.get(TEMPLATE)
    said = (
        await template.read()
        if isinstance(template, UploadFile)
        else (template or "").encode(errors="replace")
    )
    return plain((file.filename or "")[-200:]), await file.read(), said  # a name may be endless

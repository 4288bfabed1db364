"""The routes of the server, and what they answer, for its description; `service` does the work.

`as_dict` of `digits.reading`, `digits.deploy.table` and `digits.deploy.form` makes the answers; a test holds
them against what is described here.
"""

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal, TypeVar

from fastapi import FastAPI, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from PIL import Image
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict, Field

from digits import reading as rows
from digits.config import CLASSES
from digits.deploy import table as tables
from digits.deploy.form import Filled, as_dict
from digits.deploy.question import Question
from digits.deploy.server import docs, requests
from digits.deploy.server.metrics import Watch
from digits.deploy.server.requests import CLOSE, FIELD, TEMPLATE, Refused, Whole, picture_in
from digits.deploy.server.service import Service
from digits.forms import Form
from digits.models import alphabet
from digits.reading import NumberReading, Reading, Way
from digits.tables.known import Known

Share = Annotated[float, Field(ge=0, le=1)]
Probabilities = Annotated[list[Share], Field(min_length=2, max_length=len(alphabet.KNOWN))]
Digit = Annotated[int, Field(ge=0, lt=CLASSES)]
Status = Literal["digit", "unsure", "not_a_digit", "blank"]
Box = tuple[int, int, int, int]

VALUE = "The number as its field writes it; null where none fits."
UNBOUND = "What would be read without field or sums, if something else."
PLACE = "Where it stands: x, y, width, height in pixels of the upright picture."


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Seen(_Answer):
    digit: Digit | None = Field(description="What it is, or null where no digit was read.")
    label: str | None = Field(description="The same as text, a letter too; null where nothing was read.")
    labels: list[str] | None = Field(
        None, description="What the probabilities are of, where that is not 0 to 9; left out otherwise."
    )
    untaught: Digit | None = Field(description="What it is without the memory of a hand, if something else.")
    status: str
    confidence: Share = Field(description="How sure, calibrated; 0 where no digit was read.")
    probabilities: Probabilities = Field(description="Of 0 to 9, or of labels, calibrated; they add up to 1.")
    box: Box | None = Field(description=PLACE)


class _Row(_Answer):
    file: str = Field(description="The picture's name, as it was sent.")
    text: str = Field(description='What was read; "?" for what is no digit, empty for blank paper.')
    status: str
    doubt: Share = Field(description="How much the answer deserves a look.")


class DigitAnswer(_Seen, _Row):
    """One digit."""

    status: Literal["digit", "unsure", "blank", "not_a_digit", "several"]


class DigitInNumber(_Seen):
    """A digit of a number."""

    status: Literal["digit", "unsure", "not_a_digit"]


class NumberAnswer(_Row):
    """All digits on a picture."""

    status: Status = Field(description="That of the gravest digit.")
    confidence: Share = Field(description="Of the least sure digit.")
    value: str | None = Field(description=VALUE)
    unbound: str | None = Field(description=UNBOUND)
    digits: list[DigitInNumber] = Field(description="In reading order.")


class _Cell(_Answer):
    text: str = Field(description='What was read; "?" for what is no digit, empty for what is blank.')
    status: Status = Field(description="That of the gravest digit.")
    confidence: Share = Field(description="That all of it is right; of a blank one, that nothing is written.")
    box: Box = Field(description=PLACE)
    value: str | None = Field(description=VALUE)
    unbound: str | None = Field(description=UNBOUND)
    digits: list[DigitInNumber] = Field(description="In reading order.")


class _Place(_Answer):
    row: int = Field(ge=0, description="Counted from 0, as `column` is.")
    column: int = Field(ge=0)
    rows: int = Field(ge=1, description="How many it takes, as `columns`: several if merged.")
    columns: int = Field(ge=1)


class TableCell(_Cell, _Place):
    """A cell of a table."""


class SumOfTable(_Answer):
    """A sum in a table."""

    way: Way = Field(description="Whether it is the sum of a row or a column.")
    line: int = Field(ge=0, description="Which, counted from 0.")
    holds: bool | None = Field(description="Whether it adds up; null where that cannot be told.")


class SmallerTable(_Answer):
    """A table."""

    shape: tuple[int, int] = Field(description="Rows and columns.")
    ruled: bool = Field(description="Whether lines are drawn; otherwise told from blank strips.")
    status: Status = Field(description="That of the gravest cell.")
    confidence: Share = Field(description="That all of it is right, were its cells independent.")
    first: tuple[int, int] = Field(description="Row and column where its numbers begin, behind headings.")
    sums: list[SumOfTable] = Field(description="The sums that were asked for.")
    cells: list[TableCell] = Field(description="In reading order.")


class TableAnswer(SmallerTable):
    """The largest table on a picture, and the others."""

    file: str = Field(description="The picture's name, as it was sent.")
    others: list[SmallerTable] = Field(description="The smaller tables on the picture, the largest first.")


class _Named(_Answer):
    name: str


class FormBox(_Cell, _Named):
    """A box of a form."""

    corners: list[tuple[float, float]] = Field(
        min_length=4, max_length=4, description="From the upper left with the clock, in pixels."
    )


class FormAnswer(_Answer):
    """A filled-in form."""

    file: str = Field(description="The picture's name, as it was sent.")
    status: Status = Field(description="That of the gravest box.")
    confidence: Share = Field(description="That all of it is right, were its boxes independent.")
    doubtful: list[str] = Field(description="The names of boxes to look at, the most doubtful first.")
    boxes: list[FormBox] = Field(description="In the order of the form.")


class ModelAnswer(_Answer):
    """The model that reads, and what its card says."""

    name: str
    memory: str | None = Field(description="The hand whose memory helps to read, or null.")
    sha256: str | None = Field(description="Of the .keras file; null, like all below, without a card.")
    architecture: str | None
    parameters: int | None
    frame_version: int | None = Field(description="Of the way a digit becomes 28 x 28 pixels.")
    input: dict[str, Any] | None
    temperature: float = Field(description="By which its logits are divided.")
    thresholds: dict[str, float] = Field(description='Below them it says "unsure" or "not_a_digit".')
    trained_on: list[dict[str, str]] | None
    created: str | None


class State(_Answer):
    """All is well."""

    status: Literal["live", "ready"]


class Problem(_Answer):
    """Why there is no answer."""

    error: str = Field(description="One sentence.")


Responses = dict[int | str, dict[str, Any]]
Found = TypeVar("Found")
Read = Callable[[Image.Image], Awaitable[Found]]

BODIES = 4
"""Of so many places one body may be on its way, or smaller ones that are as large together."""

ABOUT = """Send a picture of handwritten digits, of a table of them or of a form, get what they say as JSON:
the same that `python -m digits read --json` writes. Nothing that is sent is kept."""

PICTURES = ("image/png", "image/jpeg", "image/*", "application/pdf")
BINARY = {"schema": {"type": "string", "format": "binary"}}
FORM_BODY = {"schema": {"type": "object", "required": [FIELD], "properties": {FIELD: BINARY["schema"]}}}
PICTURE = {
    "requestBody": {
        "required": True,
        "description": "A picture of 8 to 8000 pixels on each side, any polarity: in a form, or as it is.",
        "content": {"multipart/form-data": FORM_BODY} | dict.fromkeys(PICTURES, BINARY),
    }
}
FORM = {
    "requestBody": {
        "required": True,
        "description": "The picture, and the JSON of the form, as `python -m digits form` writes it.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD, TEMPLATE],
                    "properties": {
                        FIELD: BINARY["schema"],
                        TEMPLATE: {"type": "string", "contentMediaType": "application/json"},
                    },
                }
            }
        },
    }
}
UNREADY: Responses = {503: {"model": Problem, "description": "The model is not loaded yet."}}
REFUSALS: Responses = {
    200: {"description": "What was read."},
    400: {"model": Problem, "description": "The form cannot be read."},
    408: {"model": Problem, "description": "The picture did not arrive in time."},
    413: {"model": Problem, "description": "The body has too many bytes."},
    415: {"model": Problem, "description": "A body of another kind."},
    422: {"model": Problem, "description": "What was sent is no picture of an accepted size."},
    503: {"model": Problem, "description": "Too many requests at once, or the model is not loaded yet."},
    504: {"model": Problem, "description": "Reading took too long."},
}
KNOWN = Query(
    default=[],
    description="What is known of the number, e.g. length=8, pattern=dd.dd or DD.MM.YYYY, values=12,15, "
    "between=0,60, step=5, check=luhn.",
)
PAGE = Query(default=None, description="Which page of a PDF or TIFF that has several, counted from 1.", ge=1)
KNOWN_COLUMNS = Query(
    default=[],
    description="What is known of the numbers in a column, counted from 1, e.g. 2:length=4, 3:between=0,100.",
)
SUMS = Query(
    default=[],
    description="rows: the last column has the sum of each row; columns: the last row that of each column.",
)
MARKS = Query(default=False, description="Also read decimal points, commas, minus signs, spaces and lines.")


def create_app(service: Service, origins: Sequence[str] = ()) -> FastAPI:
    """Return the ASGI app.

    Args:
        service: not started yet; the app starts and closes it.
        origins: web pages that may ask from a browser, e.g. "https://example.org" (none: no other page).
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(asyncio.to_thread(service.start))
        yield
        await starting
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="Digits",
        description=ABOUT,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # a redirect is neither an answer nor a sentence
    )
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(origins), allow_methods=["GET", "POST"])
    app.add_middleware(Watch, metrics=service.metrics)
    bodies = max(1, service.limits.at_once // BODIES)
    app.add_middleware(Whole, limits=service.limits, bodies=bodies, inside=service.metrics.inside)
    requests.install(app)
    _add_reading(app, service)
    _add_about(app, service)
    return app


def _add_reading(app: FastAPI, service: Service) -> None:
    # What is not said is left out: the labels of models that read digits alone.
    post = functools.partial(app.post, responses=REFUSALS, tags=["read"], response_model_exclude_unset=True)

    @post("/v1/digit", openapi_extra=PICTURE, response_model=DigitAnswer)
    async def digit(request: Request, page: int | None = PAGE) -> dict[str, Any]:
        """Read a picture of one digit."""
        return await _row(request, service, service.digit, page)

    @post("/v1/number", openapi_extra=PICTURE, response_model=NumberAnswer)
    async def number(
        request: Request, marks: bool = MARKS, field: list[str] = KNOWN, page: int | None = PAGE
    ) -> dict[str, Any]:
        """Read all digits on a picture, in reading order."""
        try:
            question = Question(True, marks, tuple(field))
        except ValueError as error:
            raise Refused(422, str(error), CLOSE) from None
        return await _row(request, service, functools.partial(service.number, question=question), page)

    @post("/v1/table", openapi_extra=PICTURE, response_model=TableAnswer)
    async def table(
        request: Request,
        marks: bool = MARKS,
        field: list[str] = KNOWN_COLUMNS,
        sum: list[Way] = SUMS,
        page: int | None = PAGE,
    ) -> dict[str, Any]:
        """Read every cell of a table with ruled lines, and of smaller ones on the same picture."""
        try:
            known = Known.parse(field, sum)
        except ValueError as error:
            raise Refused(422, str(error), CLOSE) from None
        read = functools.partial(service.table, marks=marks, known=known)
        sheet = tables.Sheet(*await _read(request, service, read, page))
        service.metrics.readings.labels("table", sheet.status).inc()
        return tables.as_dict(sheet)

    @post("/v1/form", openapi_extra=FORM, response_model=FormAnswer)
    async def form(request: Request, page: int | None = PAGE) -> dict[str, Any]:
        """Read every box of a filled-in form."""
        filled = Filled(*await _read(request, service, service.form, page, Form.load))
        service.metrics.readings.labels("form", filled.sheet.status).inc()
        return as_dict(filled)


async def _row(
    request: Request, service: Service, read: Read[Reading | NumberReading], page: int | None
) -> dict[str, Any]:
    """Answer a request for a digit or a number."""
    row = rows.Row(*await _read(request, service, read, page))
    kind = "digit" if isinstance(row.reading, Reading) else "number"
    service.metrics.readings.labels(kind, row.status).inc()
    return rows.as_dict(row)


async def _read(
    request: Request,
    service: Service,
    read: Callable[..., Awaitable[Found]],
    page: int | None,
    load: Callable[[bytes], Any] | None = None,
) -> tuple[str, Found]:
    """Return the picture's name in a request, and its reading, within the limits; `load` makes what `read`
    needs besides of the form that comes with it."""
    limits = service.limits
    loop = asyncio.get_running_loop()
    with service.place():
        service.ready()
        name, data, template = await picture_in(request)
        if load and not template:
            raise Refused(422, f"There is no form; expected its JSON in the field {TEMPLATE!r}.")
        try:
            async with asyncio.timeout(limits.seconds):
                more = [await loop.run_in_executor(service.heads, load, template)] if load else []
                async with service.opened(name, data, page) as picture:
                    return name or "picture", await read(picture, *more)
        except TimeoutError:
            raise Refused(504, f"The picture was not read after {limits.seconds:g} seconds.") from None
        except ValueError as error:
            raise Refused(422, str(error)) from None


def _add_about(app: FastAPI, service: Service) -> None:
    get = functools.partial(app.get, tags=["about"])

    @get("/v1/model", response_description="The model.", response_model=ModelAnswer, responses=UNREADY)
    async def model() -> dict[str, Any]:
        """Return which model reads, and what its card says."""
        reader = service.ready()
        said = {"name": reader.name, "temperature": reader.temperature, "thresholds": reader.thresholds}
        said["memory"] = reader.memory.name if reader.memory is not None else None
        others = ModelAnswer.model_fields.keys() - said.keys()
        return said | {key: getattr(reader.card, key, None) for key in others}

    @app.head("/healthz", include_in_schema=False)
    @get("/healthz", response_description="It is up.", response_model=State)
    async def live() -> dict[str, str]:
        """Tell that the server is up."""
        return {"status": "live"}

    @app.head("/readyz", include_in_schema=False)
    @get("/readyz", response_description="The model is loaded.", response_model=State, responses=UNREADY)
    async def ready() -> dict[str, str]:
        """Tell that the model is loaded."""
        service.ready()
        return {"status": "ready"}

    @get("/metrics", response_description="The figures.", response_class=Response)
    async def metrics() -> Response:
        """Return counters and times in the text form of Prometheus."""
        return Response(service.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @functools.cache
    def description() -> bytes:
        return json.dumps(app.openapi()).encode()

    @functools.lru_cache(maxsize=8)
    def page(base: str) -> str:
        return docs.page(app.openapi(), base)

    @app.head("/openapi.json", include_in_schema=False)
    @app.get("/openapi.json", include_in_schema=False)
    async def schema() -> Response:
        return Response(description(), media_type="application/json")

    @app.head("/docs", include_in_schema=False)
    @app.get("/docs", include_in_schema=False)
    async def described(request: Request) -> HTMLResponse:
        return HTMLResponse(page(str(request.base_url)), headers=docs.HEADERS)

"""Every refusal is JSON with one sentence: {"error": "..."}; FastAPI's own ones too."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


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
        wrong = f"{first['loc'][-1]} is {first.get('input')!r}"
        return _answer(422, f"{wrong}: {_lower(first['msg'])}.")

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return _answer(500, "Something went wrong inside the server; its log says what.")


def _answer(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]

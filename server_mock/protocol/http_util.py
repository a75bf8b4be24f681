"""What every HTTP handler needs: bodies that are bounded and checked, errors as JSON, foreign origins refused."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from hearth.core import json_text
from server_mock.directus.client import DirectusError

_log = logging.getLogger(__name__)

MAX_BODY_BYTES = 16 * 1024
LINES = "application/x-ndjson"
"""The media type of frames and answers that travel line by line."""
NO_STORE = {"Cache-Control": "no-store"}
FOREIGN = "This request does not come from a page of Hearth."
NO_CONNECTION = "There is no such connection."
UNAVAILABLE = "The server cannot reach its data at the moment. Try again in a little while."

Handler = Callable[[Request], Awaitable[Response]]


class ApiError(Exception):
    """An answer that is an error; the message is fit to be shown."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.response = JSONResponse(
            {"error": {"code": code, "message": message}}, status, {**NO_STORE, **(headers or {})}
        )


def same_origin(connection: HTTPConnection) -> bool | None:
    """Whether a request comes from a page of ours; None when it does not say where it comes from."""
    origin = connection.headers.get("origin")
    if origin is None:
        return None
    host = connection.headers.get("host", "")
    return bool(host) and origin.lower() in {f"http://{host}".lower(), f"https://{host}".lower()}


def answering(handler: Handler) -> Handler:
    """Refuse foreign origins, and turn what a handler raises into an answer."""

    async def answer(request: Request) -> Response:
        try:
            _refuse_foreign(request)
            return await handler(request)
        except ApiError as error:
            return error.response
        except ClientDisconnect:
            return ApiError(400, "incomplete", "The body of this request ended too early.").response  # nobody hears it
        except DirectusError as error:
            _log.warning("%s could not be answered: %s", request.scope["path"], error)
            return ApiError(503, "unavailable", UNAVAILABLE, {"Retry-After": "5"}).response

    return answer


def _refuse_foreign(request: Request) -> None:
    if same_origin(request) is False:
        raise ApiError(403, "foreign-origin", "This request comes from another site.")


def refuse_unnamed_origin(request: Request) -> None:
    """For what only a page of ours asks for: it names its origin. Raises `ApiError`."""
    if not same_origin(request):
        raise ApiError(403, "foreign-origin", FOREIGN)


async def read_body(request: Request, kind: str, limit: int) -> bytes:
    """The body of a request, which has to be of a media type. Raises `ApiError`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != kind:
        raise ApiError(415, "not-json", f"The body of this request must be {kind}.")
    return await _body(request, limit)


async def refuse_bad_json(request: Request, limit: int = MAX_BODY_BYTES) -> None:
    """For a route that has no use for a body: there need not be one, but it has to be text. Raises `ApiError`."""
    if body := await _body(request, limit):
        object_of(body)


async def _body(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ApiError(413, "too-large", f"The body of this request is longer than {limit} bytes.")
    return bytes(body)


async def read_json(request: Request, limit: int = MAX_BODY_BYTES) -> dict[str, Any]:
    """The body of a request, a JSON object. Raises `ApiError`."""
    return object_of(await read_body(request, "application/json", limit))


def object_of(text: bytes) -> dict[str, Any]:
    """The JSON object that a body, or a line of it, is. Raises `ApiError`."""
    try:
        content = json_text.read_json(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ApiError(400, "not-json", "The body of this request is not JSON.") from None
    if not isinstance(content, dict):
        raise ApiError(400, "not-an-object", "The body of this request must be a JSON object.")
    return content


def text_of(body: dict[str, Any], name: str, limit: int) -> str:
    """A text field of a body. Raises `ApiError`."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        sentence = f'The field "{name}" must be text of 1 to {limit} characters.'
        raise ApiError(400, "bad-field", sentence)
    return value


def number_of(body: dict[str, Any], name: str) -> int:
    """A field of a body that is a whole number from 0. Raises `ApiError`."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ApiError(400, "bad-field", f'The field "{name}" must be a whole number from 0.')
    return value

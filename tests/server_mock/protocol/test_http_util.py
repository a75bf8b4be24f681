"""What every handler needs: bodies bounded and checked, foreign origins refused, errors as JSON without a secret."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server_mock.directus.errors import DirectusUnavailable
from server_mock.protocol.http_util import ApiError, answering, number_of, read_json, refuse_unnamed_origin, text_of

HOST = "http://testserver"


async def echo(request: Request) -> Response:
    return JSONResponse(await read_json(request, limit=100))


async def own(request: Request) -> Response:
    refuse_unnamed_origin(request)
    return JSONResponse({})


async def away(request: Request) -> Response:
    raise DirectusUnavailable("the address of the disk")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    routes = [Route(f"/{each.__name__}", answering(each), methods=["POST"]) for each in (echo, own, away)]
    transport = httpx.ASGITransport(app=Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        yield client


def code_of(response: Any) -> tuple[int, str]:
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"{}", "text/plain", (415, "not-json")),
        (b"{}", "", (415, "not-json")),
        (b"{", "application/json", (400, "not-json")),
        (b"\xff", "application/json", (400, "not-json")),
        (b"[" * 90, "application/json", (400, "not-json")),
        (b"[]", "application/json", (400, "not-an-object")),
        (b'{"a": "' + b"a" * 100 + b'"}', "application/json", (413, "too-large")),
    ],
)
async def test_bad_bodies(client: httpx.AsyncClient, body: bytes, kind: str, code: tuple[int, str]) -> None:
    assert code_of(await client.post("/echo", content=body, headers={"Content-Type": kind})) == code


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
async def test_an_object_is_read(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/echo", content=b'\xef\xbb\xbf{"a": 1}', headers={"Content-Type": kind})
    assert answer.json() == {"a": 1}


@pytest.mark.parametrize(
    ("origin", "echoes", "owns"),
    [
        (None, 200, 403),
        (HOST, 200, 200),
        ("https://testserver", 200, 200),
        ("http://evil.example", 403, 403),
        ("null", 403, 403),
    ],
)
async def test_where_a_request_may_come_from(
    client: httpx.AsyncClient, origin: str | None, echoes: int, owns: int
) -> None:
    headers = {"Content-Type": "application/json", **({"Origin": origin} if origin else {})}
    assert (await client.post("/echo", content=b"{}", headers=headers)).status_code == echoes
    assert (await client.post("/own", headers=headers)).status_code == owns


async def test_a_disk_that_is_away_is_told_without_a_word_of_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/away")
    assert code_of(answer) == (503, "unavailable")
    assert "address" not in answer.text
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("value", [None, "", 5, "aaaa"])
def test_what_is_no_text_of_a_length_is_refused(value: object) -> None:
    with pytest.raises(ApiError) as caught:
        text_of({"name": value}, "name", 3)
    assert json.loads(bytes(caught.value.response.body))["error"]["code"] == "bad-field"
    assert text_of({"name": "aaa"}, "name", 3) == "aaa"


@pytest.mark.parametrize("value", [None, -1, True, 1.5, "1"])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ApiError):
        number_of({"n": value}, "n")
    assert number_of({"n": 0}, "n") == 0

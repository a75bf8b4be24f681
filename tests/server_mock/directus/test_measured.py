"""Requests to Directus are noted with their time and their end, whatever that is."""

from __future__ import annotations

import httpx
import pytest

from server_mock.directus.measured import MeasuredTransport


async def test_each_request_is_noted() -> None:
    noted: list[tuple[float, str, str]] = []
    moments = iter([1.0, 1.5, 2.0, 4.0, 5.0, 5.0])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/broken":
            raise httpx.ConnectError("no")
        return httpx.Response(503 if request.method == "SEARCH" else 204)

    transport = MeasuredTransport(httpx.MockTransport(answer), lambda *each: noted.append(each), lambda: next(moments))
    async with httpx.AsyncClient(transport=transport, base_url="http://directus") as http:
        await http.request("SEARCH", "/items/chats")
        with pytest.raises(httpx.ConnectError):
            await http.post("/broken")
        await http.request("BREW", "/")
    assert noted == [(0.5, "SEARCH", "503"), (2.0, "POST", "none"), (0.0, "OTHER", "204")]

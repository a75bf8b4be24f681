"""The assistant behind the chat completions, against a local server: odd pieces, refusals, silence, hang-ups."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from typing import Any

import httpx
import pytest

from server_mock.assistant import openai
from server_mock.assistant.openai import OpenAiAssistant, Patience, endpoint
from server_mock.assistant.port import MAX_ANSWER_CHARS, TOO_LONG, AssistantError, Turn
from tests.server_mock.assistant.model_server import DONE, OK, event, model_server

KEY, SECRET = "sk-a-key-of-the-tests", "What nobody else may read"
TURNS = [Turn("user", "Hello"), Turn("assistant", "Hi"), Turn("user", SECRET)]


async def answer_of(url: str, patience: Patience | None = None) -> tuple[str, str]:
    """What came, and the sentence with which it ended, if it was not at its end."""
    assistant, came = OpenAiAssistant(url, "large", KEY, patience=patience), ""
    try:
        async for piece in assistant.answer(TURNS):
            came += piece
    except AssistantError as error:
        told = "".join(traceback.format_exception(error))
        assert KEY not in told
        assert SECRET not in told
        return came, str(error)
    finally:
        await assistant.close()
    return came, ""


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
async def test_an_answer_comes_in_pieces_of_any_size(size: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    first = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}\n\n'
    usage = b'data: {"choices":[],"usage":{"total_tokens":9}}\r\n\r\n'
    whole = b": ping\n\n" + first + event("Grüße") + b"event: x\n" + event(", 🙂") + usage + DONE + event("late")
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    async with model_server(pieces=pieces) as model:
        assert await answer_of(f"{model.url}/v1") == ("Grüße, 🙂", "")
    ((line, headers, body),) = model.requests
    assert line == "POST /v1/chat/completions HTTP/1.1"
    assert headers["authorization"] == f"Bearer {KEY}"
    messages = [{"role": each.role, "content": each.content} for each in TURNS]
    assert body == {"model": "large", "stream": True, "messages": messages}
    assert KEY not in caplog.text
    assert SECRET not in caplog.text


async def test_a_reason_to_finish_is_an_end_too() -> None:
    last = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
    async with model_server(pieces=[event("All"), last]) as model:
        assert await answer_of(model.url) == ("All", "")
    async with model_server(pieces=[event("All"), b"data: [DONE]"]) as model:
        assert await answer_of(model.url) == ("All", "")


def status(line: str, **headers: str) -> dict[str, Any]:
    lines = [f"HTTP/1.1 {line}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return {"head": "\r\n".join([*lines, "Content-Length: 2", "Connection: close", "", ""]), "pieces": [b"{}"]}


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (status("401 Unauthorized"), openai.BAD_KEY),
        (status("403 Forbidden"), openai.BAD_KEY),
        (status("404 Not Found"), openai.NOT_FOUND),
        (status("413 Too Large"), openai.TOO_MUCH),
        (status("400 Bad Request"), openai.REFUSED),
        (status("500 Broken"), openai.FAILING),
        (status("503 Busy", Retry_After="3"), openai.FAILING),
        (status("429 Slow", Retry_After="20"), "Try again in 20 seconds."),
        (status("429 Slow", Retry_After="600"), "Try again in 10 minutes."),
        (status("429 Slow", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), "Try again in 1 second."),
        (status("429 Slow", Retry_After="soon"), "Try again in a little while."),
        (status("429 Slow"), "Try again in a little while."),
        (status("200 OK", Content_Type="text/html"), openai.UNREADABLE),
        (status("200 OK", Content_Type="application/json"), openai.UNREADABLE),
        (status("204 No Content"), openai.UNREADABLE),
    ],
)
async def test_each_refusal_has_its_sentence(script: dict[str, Any], sentence: str) -> None:
    async with model_server(**script) as model:
        came, said = await answer_of(model.url)
    assert came == ""
    assert said.endswith(sentence)


@pytest.mark.parametrize("line", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_no_redirect_is_followed(line: str) -> None:
    async with model_server(pieces=[event("stolen"), DONE]) as other:
        script = status(line, Location=f"{other.url}/v1/chat/completions")
        async with model_server(**script) as model:
            assert await answer_of(model.url) == ("", openai.REDIRECTED)
        assert other.requests == []


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        ([event("half")], openai.HUNG_UP),
        ([event("half"), b"data: {not json\n\n"], openai.UNREADABLE),
        ([event("half"), b"data: [1]\n\n"], openai.UNREADABLE),
        ([event("half"), b'data: {"choices":[3]}\n\n'], openai.UNREADABLE),
        ([event("half"), b"data: \xff\n\n"], openai.UNREADABLE),
        ([event("half"), b'data: {"error":{"message":"you said ' + SECRET.encode() + b'"}}\n\n'], openai.FAILING),
    ],
)
async def test_what_came_before_it_broke_stays(pieces: list[bytes], sentence: str) -> None:
    async with model_server(pieces=pieces) as model:
        assert await answer_of(model.url) == ("half", sentence)


async def test_a_hang_up_within_a_chunk() -> None:
    chunked = OK.replace("Connection: close", "Transfer-Encoding: chunked")
    piece = event("half")
    async with model_server(head=chunked, pieces=[f"{len(piece):x}\r\n".encode() + piece + b"\r\nff\r\ndata"]) as model:
        assert await answer_of(model.url) == ("half", openai.HUNG_UP)


async def test_silence_ends_in_time() -> None:
    patience = Patience(silent_s=0.05)
    async with model_server(pieces=[event("half")], hangs=True) as model:
        assert await answer_of(model.url, patience) == ("half", openai.SILENT)
    async with model_server(head="", hangs=True) as model:
        assert await answer_of(model.url, patience) == ("", openai.SILENT)
    async with model_server(pieces=[event("half")], hangs=True) as model:
        assert await answer_of(model.url, Patience(whole_s=0.1)) == ("half", openai.SILENT)


async def test_nobody_listens() -> None:
    async with model_server() as model:
        url = model.url
    assert await answer_of(url) == ("", openai.NO_CONNECTION)


async def test_who_stops_listening_ends_the_request() -> None:
    async with model_server(pieces=[event("half")], hangs=True) as model:
        assistant = OpenAiAssistant(model.url, "large")
        pieces = assistant.answer(TURNS)
        assert await anext(pieces) == "half"
        await pieces.aclose()
        async with asyncio.timeout(10):
            await model.left.wait()
        await assistant.close()
    assert "authorization" not in model.requests[0][1]


async def test_an_answer_without_end_is_cut_off() -> None:
    async with model_server(pieces=[event("x" * 40_000)] * 5, hangs=True) as model:
        came, said = await answer_of(model.url)
    assert (len(came), said) == (MAX_ANSWER_CHARS, TOO_LONG)


async def test_proxies_of_the_environment_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with model_server(pieces=[event("stolen"), DONE]) as proxy, model_server(pieces=[DONE]) as model:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert await answer_of(model.url) == ("", "")
        assert proxy.requests == []


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://models.example", "https://models.example/v1/chat/completions"),
        ("https://models.example/", "https://models.example/v1/chat/completions"),
        ("https://models.example:8443/v1/", "https://models.example:8443/v1/chat/completions"),
        ("http://[::1]:1234/api/v1/chat/completions", "http://[::1]:1234/api/v1/chat/completions"),
    ],
)
def test_the_address_may_be_named_in_several_ways(url: str, asked: str) -> None:
    assert endpoint(url) == asked


def test_a_request_is_ascii_whatever_is_asked() -> None:
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(500)

    async def ask() -> None:
        assistant = OpenAiAssistant("http://models.example", "m", transport=httpx.MockTransport(answer))
        with pytest.raises(AssistantError):
            await anext(assistant.answer([Turn("user", "Grüße 🙂")]))
        await assistant.close()

    asyncio.run(ask())
    assert json.loads(sent[0])["messages"][0]["content"] == "Grüße 🙂"

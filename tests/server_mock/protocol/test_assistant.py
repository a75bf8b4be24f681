"""The routes of the assistant: who is told of it, what is taken, how often, and what becomes of an answer half-way."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from starlette.types import Message

from hearth.core.protocol.server_events import WarmingComplete
from server_mock.assistant.port import AssistantError, Turn
from server_mock.protocol import answers, rate_limit
from tests.server_mock.world import HOST, Device, World, a_world

SECRET = "What nobody else may read"


class FakeAssistant:
    """`server_mock.assistant.port.Assistant` by script: pieces, and an error at the end; `None` waits for ever."""

    host = "models.example"

    def __init__(self, *script: str | Exception | None) -> None:
        self.script = script
        self.asked: list[Sequence[Turn]] = []
        self.ended = asyncio.Event()
        self.closed = False

    async def answer(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """Follow the script."""
        self.asked.append(turns)
        try:
            for each in self.script:
                if each is None:
                    await asyncio.Event().wait()
                elif isinstance(each, Exception):
                    raise each
                else:
                    yield each
        finally:
            self.ended.set()

    async def close(self) -> None:
        """Remember."""
        self.closed = True


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world(assistant=FakeAssistant("One ", "two")) as world:
        await world.seed(chats=1)
        yield world


async def warmed(world: World) -> Device:
    """A device that has everything: the server asks its disk nothing more by itself."""
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    return device


def question(device: Device, *turns: tuple[str, str], **changed: Any) -> dict[str, Any]:
    messages = [{"role": role, "content": content} for role, content in turns or [("user", SECRET)]]
    return {"account": device.account, "host": "models.example", "messages": messages, **changed}


async def ask(device: Device, *turns: tuple[str, str], **changed: Any) -> httpx.Response:
    body = json.dumps(question(device, *turns, **changed))
    return await device.http.post("/api/assistant", content=body, headers={"Content-Type": "application/json"})


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines() if line]


async def test_a_device_is_told_where_text_goes(world: World) -> None:
    device = await warmed(world)
    requests = world.requests.count
    answer = await device.http.get("/api/assistant", params={"account": device.account})
    assert (answer.status_code, answer.json()) == (200, {"host": "models.example"})
    assert world.requests.count == requests
    world.assistant = None
    await world.restart()
    notebook = await world.sign_in()
    assert (await notebook.http.get("/api/assistant", params={"account": notebook.account})).status_code == 204
    refused = await ask(notebook)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "no-assistant")


async def test_an_answer_comes_in_lines_and_leaves_no_trace(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    device = await warmed(world)
    requests = world.requests.count
    answer = await ask(device, ("user", "Hello"), ("assistant", "Hi"), ("user", SECRET))
    assert lines_of(answer) == [{"text": "One "}, {"text": "two"}, {"end": True}]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["cache-control"] == "no-store"
    assert isinstance(world.assistant, FakeAssistant)
    assert [each.content for each in world.assistant.asked[0]] == ["Hello", "Hi", SECRET]
    assert world.requests.count == requests, "nothing of it reaches the disk"
    assert SECRET not in caplog.text + repr(world.assistant.asked)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AssistantError("It is tired.", 7), {"code": "assistant", "message": "It is tired.", "retry_after_s": 7}),
        (ValueError(SECRET), {"code": "assistant", "message": answers.UNEXPECTED}),
    ],
)
async def test_what_goes_wrong_is_the_last_line(
    world: World, error: Exception, told: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(world.assistant, FakeAssistant)
    world.assistant.script = ("Half", error)
    answer = await ask(await world.sign_in())
    assert lines_of(answer) == [{"text": "Half"}, {"error": told}]
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"host": "other.example"}, 409, "another-host"),
        ({"host": None}, 409, "another-host"),
        ({"messages": []}, 400, "bad-field"),
        ({"messages": "text"}, 400, "bad-field"),
        ({"messages": [3]}, 400, "bad-field"),
        ({"messages": [{"role": "user", "content": "x"}] * 101}, 400, "bad-field"),
        ({"messages": [{"role": "system", "content": "x"}]}, 400, "bad-field"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 400, "bad-field"),
        ({"messages": [{"role": "user", "content": ""}]}, 400, "bad-field"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, 400, "bad-field"),
        ({"messages": [{"role": "user", "content": "x" * 600_000}]}, 413, "too-large"),
        ({"messages": [{"role": "user", "content": "half of \ud83d"}]}, 400, "not-json"),
        ({"account": ""}, 400, "bad-field"),
        ({"account": "somebody else"}, 401, "revoked"),
    ],
)
async def test_what_is_not_taken(world: World, changed: dict[str, Any], status: int, code: str) -> None:
    answer = await ask(await world.sign_in(), **changed)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert isinstance(world.assistant, FakeAssistant)
    assert world.assistant.asked == []


async def test_a_question_names_its_origin(world: World) -> None:
    device = await world.sign_in()
    del device.http.headers["Origin"]
    assert (await ask(device)).status_code == 403


async def test_an_account_asks_so_often_in_an_hour(world: World) -> None:
    device = await world.sign_in()
    for _ in range(rate_limit.QUESTIONS.times):
        assert (await ask(device)).status_code == 200
    refused = await ask(await world.sign_in())
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too-many-questions")
    wait = int(refused.headers["retry-after"])
    assert f"Try again in {wait} seconds" in refused.json()["error"]["message"]
    world.time.now_s += wait
    assert (await ask(device)).status_code == 200


class Stream:
    """One request of a device, answered as it comes."""

    def __init__(self, world: World, device: Device) -> None:
        body = json.dumps(question(device)).encode()
        names = {**device.headers(), "Content-Type": "application/json"}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/api/assistant",
            "raw_path": b"/api/assistant",
            "root_path": "",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in names.items()],
            "client": ("127.0.0.1", 50_002),
            "server": (HOST, 80),
            "state": {},
        }
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        self.outgoing: asyncio.Queue[Message] = asyncio.Queue()
        self.incoming.put_nowait({"type": "http.request", "body": body, "more_body": False})

        async def send(message: Message) -> None:
            self.outgoing.put_nowait(message)

        async def run() -> None:
            await world.app(scope, self.incoming.get, send)

        self.task = asyncio.create_task(run())

    async def next(self) -> Message:
        """What the server sends next."""
        async with asyncio.timeout(10):
            return await self.outgoing.get()

    async def leave(self) -> None:
        """The device closes the connection."""
        self.incoming.put_nowait({"type": "http.disconnect"})
        async with asyncio.timeout(10):
            await asyncio.gather(self.task, return_exceptions=True)


async def test_words_are_passed_on_as_they_come_and_who_leaves_ends_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "QUIET_S", 0.01)
    assistant = world.assistant
    assert isinstance(assistant, FakeAssistant)
    assistant.script = ("One ", None)
    device = await world.sign_in()
    streams = [Stream(world, device) for _ in range(answers.AT_ONCE)]
    for stream in streams:
        assert (await stream.next())["status"] == 200
        assert json.loads((await stream.next())["body"]) == {"text": "One "}
        assert (await stream.next())["body"] == b"\n", "it says that it is still there"
    refused = await ask(device)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "busy")
    assistant.ended.clear()
    await streams[0].leave()
    async with asyncio.timeout(10):
        await assistant.ended.wait()
    await asyncio.sleep(0)
    assistant.script = ("two",)
    assert lines_of(await ask(device)) == [{"text": "two"}, {"end": True}]
    for stream in streams[1:]:
        await stream.leave()


async def test_the_server_ends_what_is_under_way_when_it_stops(world: World) -> None:
    assistant = world.assistant
    assert isinstance(assistant, FakeAssistant)
    assistant.script = ("One ", None)
    stream = Stream(world, await world.sign_in())
    assert (await stream.next())["status"] == 200
    await stream.next()
    await world.services.close()
    assert assistant.closed
    assert assistant.ended.is_set()
    await stream.leave()

"""What tests can have go wrong with an answer of the assistant, and what a device makes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from hearth.core.assistant.answer_lines import CUT_OFF, AnswerLines
from hearth.core.errors import AssistantError
from server_mock.testing.assistant_faults import AssistantFault
from tests.server_mock.protocol.test_assistant import FakeAssistant, ask, warmed
from tests.server_mock.world import Device, World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world(assistant=FakeAssistant("One ", "two ", "three, süß")) as world:
        await world.seed(chats=1)
        yield world


async def asked(world: World, device: Device, kind: AssistantFault, times: int = 1) -> httpx.Response:
    await world.control("faults", {"assistant": kind.value, "times": times})
    return await ask(device)


def read(answer: httpx.Response) -> str:
    """The text of an answer, as a device reads it."""
    lines = AnswerLines()
    text = "".join(piece for piece in lines.feed(answer.content.decode(errors="replace")))
    lines.end()
    return text


async def test_a_question_is_refused_as_one_of_too_many_and_says_when_to_come_back(world: World) -> None:
    device = await warmed(world)
    answer = await asked(world, device, AssistantFault.BUSY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert "Try again in 30 seconds" in answer.json()["error"]["message"]
    assert read(await ask(device)) == "One two three, süß", "it was to be once"


async def test_an_answer_breaks_off_in_the_middle_of_a_word(world: World) -> None:
    device = await warmed(world)
    answer = await asked(world, device, AssistantFault.CUT)
    assert answer.status_code == 200
    assert not answer.content.endswith(b"\n")
    lines = AnswerLines()
    assert list(lines.feed(answer.text)) == ["One ", "two "]
    with pytest.raises(AssistantError, match=CUT_OFF):
        lines.end()
    assert isinstance(world.assistant, FakeAssistant)
    async with asyncio.timeout(5):
        await world.assistant.ended.wait()


async def test_an_answer_comes_in_odd_pieces_and_is_the_same(world: World) -> None:
    device = await warmed(world)
    answer = await asked(world, device, AssistantFault.ODD)
    assert {"thought": "Grüße"} in [json.loads(line) for line in answer.text.splitlines() if line]
    assert read(answer) == "One two three, süß"


async def test_nothing_comes_of_an_answer_until_the_fault_is_cleared(world: World) -> None:
    device = await warmed(world)
    await world.control("faults", {"assistant": "silent"})
    asking = asyncio.create_task(ask(device))
    done, _ = await asyncio.wait([asking], timeout=0.2)
    assert not done
    await world.control("faults", {})
    async with asyncio.timeout(5):
        assert read(await asking) == "One two three, süß"


async def test_there_is_no_other_such_fault(world: World) -> None:
    answer = await world.http.post("/control/faults", json={"assistant": "rude"})
    assert answer.status_code == 400
    assert "busy, silent, cut, odd" in answer.text

"""The headless client on a real server, over a real WebSocket, and over HTTP where none gets through."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from hearth.core.errors import FrameTooLarge, MalformedFrame
from hearth.core.protocol import codec
from hearth.core.view.screen import Phase
from hearth.engine.intents import OpenChat, SendMessage, SignIn, SignOut
from hearth.headless.client import Client
from hearth.headless.network import WebSocket, read_frame
from hearth.ports.network import SocketClosed
from runtime.paths import ROOT
from server_mock.demo.accounts import EMAIL, PASSWORD


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server with a small demo account."""
    command = [sys.executable, "-m", "server_mock", "--port", "0", "--chats", "12", "--messages", "4"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'app'}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout
        for line in server.stdout:
            if found := re.search(r"http://\S+", line):
                yield found[0]
                break
        server.terminate()


async def signed_in(client: Client) -> None:
    """Sign in, and wait until everything is here."""
    await client.until(lambda screen: screen.phase is Phase.SIGNED_OUT)
    client.post(SignIn(EMAIL, PASSWORD))
    await client.until(lambda screen: screen.status.sentence == "Up to date")


def titles(client: Client) -> list[str]:
    """The chat list."""
    return [item.title for group in client.screen.groups for item in group.items]


async def test_a_condition_that_fails_is_raised_where_it_was_given(url: str) -> None:
    async with Client(url) as client:
        await client.until(lambda screen: screen.phase is Phase.SIGNED_OUT)
        client.post(SignIn(EMAIL, "another password"))
        with pytest.raises(ZeroDivisionError):
            await client.until(lambda screen: screen.phase is Phase.SIGNING_IN and 1 / 0)
        await client.until(lambda screen: screen.notice)


async def test_two_clients_read_and_write_live(url: str) -> None:
    async with Client(url) as one, Client(url) as other:
        await signed_in(one)
        await signed_in(other)
        assert titles(one) == titles(other)
        chat = one.screen.groups[0].items[0].id
        for client in (one, other):
            client.post(OpenChat(chat))
            await client.until(lambda screen: screen.chat and screen.chat.id == chat and screen.chat.messages)
        one.post(SendMessage(chat, "From a script"))
        await other.until(
            lambda screen: screen.chat and "From a script" in [each.text for each in screen.chat.messages]
        )
        await one.until(lambda screen: not screen.unsent)
        one.post(SignOut())
        await one.until(lambda screen: screen.phase is Phase.SIGNED_OUT)
        assert one.screen.groups == ()


async def test_where_no_websocket_gets_through_it_polls(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_client: object, _account: str) -> WebSocket:
        raise SocketClosed

    monkeypatch.setattr("hearth.headless.device.open_websocket", refused)
    async with Client(url) as client:
        await client.until(lambda screen: screen.phase is Phase.SIGNED_OUT)
        client.post(SignIn(EMAIL, PASSWORD))
        await client.until(lambda screen: screen.synced)
        assert sum(len(group.items) for group in client.screen.groups) == 12


def example() -> ModuleType:
    """The example, as a module."""
    spec = importlib.util.spec_from_file_location("headless_example", ROOT / "examples/headless/main.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_example_prints_the_warming_as_it_arrives(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await example().main(url, EMAIL, PASSWORD) == 0
    said = capsys.readouterr().out
    marks = ["[first-chat-shown]", "[recent-chats-stored]", "[settings-stored]", "[up-to-date]"]
    assert [mark for mark in re.findall(r"\[[\w-]+\]", said) if mark in marks] == marks
    assert re.search(r"^12 chats, the newest: .+, .+, .+$", said, re.MULTILINE)


async def test_the_example_says_why_it_is_not_signed_in(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await example().main(url, EMAIL, "another password") == 1
    assert "The e-mail address or the password is wrong." in capsys.readouterr().out


async def test_a_server_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert await example().main("http://127.0.0.1:1", EMAIL, PASSWORD) == 1
    assert "The server does not answer." in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{", '{"records": []}', '{"records": {"strangers": []}}'])
def test_what_is_no_frame_is_refused(text: str) -> None:
    with pytest.raises(MalformedFrame):
        read_frame(text)


def test_a_frame_may_not_be_too_long() -> None:
    with pytest.raises(FrameTooLarge):
        read_frame(" " * (codec.MAX_FRAME_CHARS + 1))

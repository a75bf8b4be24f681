"""The HTTP side of the server: what is asked, and what becomes of every kind of answer."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hearth.browser.network.http import HttpAnswer, HttpApi
from hearth.browser.network.polling import NoAnswer
from hearth.core.errors import Rejected, SignInError, TooManyAttempts, Unreachable
from hearth.core.records.envelope import MIN_ITERATIONS

SALT = b"s" * 32


class Server:
    """Answers each request the same way, and remembers what was asked."""

    def __init__(self, status: int = 200, body: Any = None, retry_after: str = "") -> None:
        text = body if isinstance(body, str) else json.dumps({} if body is None else body)
        self.answer: HttpAnswer | None = HttpAnswer(status, text, retry_after)
        self.asked: list[tuple[str, Any]] = []

    async def request(self, path: str, body: str | None, within_s: float) -> HttpAnswer:
        assert within_s > 0
        self.asked.append((path, None if body is None else json.loads(body)))
        if self.answer is None:
            raise NoAnswer
        return self.answer

    @property
    def api(self) -> HttpApi:
        return HttpApi(self.request)


def challenge(salt: bytes = SALT, iterations: object = MIN_ITERATIONS) -> dict[str, Any]:
    return {"salt": base64.b64encode(salt).decode(), "iterations": iterations}


async def test_a_challenge_is_read() -> None:
    server = Server(body=challenge())
    assert await server.api.challenge("me@hearth.example") == (SALT, MIN_ITERATIONS)
    assert server.asked == [("/api/challenge", {"email": "me@hearth.example"})]


@pytest.mark.parametrize("body", [{}, [], "not JSON", {"salt": "?", "iterations": 1}, {"salt": 1, "iterations": 1}])
async def test_a_challenge_that_is_none_is_refused(body: Any) -> None:
    with pytest.raises(SignInError, match="cannot read"):
        await Server(body=body).api.challenge("me@hearth.example")


@pytest.mark.parametrize("weak", [challenge(iterations=1), challenge(iterations="many"), challenge(salt=b"short")])
async def test_a_challenge_that_weakens_the_password_is_refused(weak: Any) -> None:
    with pytest.raises(SignInError, match="not safe"):
        await Server(body=weak).api.challenge("me@hearth.example")


async def test_a_sign_in_brings_the_account() -> None:
    server = Server(body={"account": "a", "wrapped_master_key": "key"})
    assert (await server.api.sign_in("me@hearth.example", "hash", stay=True)).id == "a"
    assert server.asked[0][1] == {"email": "me@hearth.example", "lookup_hash": "hash", "stay": True}
    with pytest.raises(SignInError, match="cannot read"):
        await Server(body={"account": ""}).api.sign_in("me@hearth.example", "hash", stay=False)


async def test_an_accounts_name_is_quoted_in_an_address() -> None:
    server = Server()
    assert await server.api.knows_session("a&b=c/d")
    assert server.asked == [("/api/session?account=a%26b%3Dc%2Fd", None)]


async def test_only_a_clear_no_says_that_a_session_is_unknown() -> None:
    assert not await Server(401).api.knows_session("a")
    assert await Server(503).api.knows_session("a")
    silent = Server()
    silent.answer = None
    assert await silent.api.knows_session("a")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Rejected), (429, TooManyAttempts), (500, Unreachable), (503, Unreachable), (400, SignInError)],
)
async def test_an_error_is_one_of_the_tree_with_the_servers_sentence(status: int, kind: type[SignInError]) -> None:
    said = {"error": {"message": "Because of this.", "code": "this"}}
    with pytest.raises(kind, match="Because of this") as raised:
        await Server(status, said).api.sign_out()
    assert type(raised.value) is kind
    for odd in ({}, {"error": "text"}, {"error": {"message": 7}}, {"error": {"message": "x" * 301}}, "<html>"):
        with pytest.raises(kind) as raised:
            await Server(status, odd).api.sign_out()
        assert 10 < len(str(raised.value)) < 200


async def test_how_long_to_wait_is_the_servers_word_or_a_minute() -> None:
    for header, seconds in (("7", 7), ("", 60), ("soon", 60)):
        with pytest.raises(TooManyAttempts) as raised:
            await Server(429, retry_after=header).api.sign_out()
        assert raised.value.retry_after_s == seconds


async def test_no_answer_is_a_server_that_cannot_be_reached() -> None:
    server = Server()
    server.answer = None
    with pytest.raises(Unreachable, match="does not answer"):
        await server.api.devices("a")


async def test_devices_are_ended_one_by_one_or_all_others() -> None:
    server = Server(204, "")
    await server.api.end_device("a", "d")
    await server.api.end_device("a", None)
    assert [body for _, body in server.asked] == [{"account": "a", "device": "d"}, {"account": "a", "others": True}]

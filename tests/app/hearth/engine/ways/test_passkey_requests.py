"""What a device believes of the server's answers about passkeys, and what it refuses."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hearth.core.errors import SignInError
from hearth.engine.ways.requests import STRANGE, UNSAFE, AccountRequests
from hearth.testing.network import FakeApi

SALT = base64.b64encode(b"s" * 32).decode()
WAY: dict[str, Any] = {"id": "w", "salt": SALT, "created_at": 5, "name": "sealed", "credential": "AAAA"}


def requests(answer: dict[str, Any]) -> AccountRequests:
    api = FakeApi()
    api.answer = lambda _path, _body: answer
    return AccountRequests(api)


async def test_a_passkey_is_listed_with_its_name_and_its_credential_and_costs_nothing() -> None:
    (way,) = await requests({"ways": [{**WAY, "kind": "passkey", "iterations": 0}]}).ways("account")
    assert (way.kind, way.cost.iterations, way.name, way.credential) == ("passkey", 0, "sealed", "AAAA")


async def test_a_password_that_costs_nothing_is_refused() -> None:
    with pytest.raises(SignInError, match=UNSAFE):
        await requests({"ways": [{**WAY, "kind": "password", "iterations": 0}]}).ways("account")


@pytest.mark.parametrize("challenge", [None, 5, "", "short", "x" * 401, "a b" * 20, "=" * 40])
async def test_a_challenge_that_is_none_is_refused(challenge: object) -> None:
    with pytest.raises(SignInError, match=STRANGE):
        await requests({"challenge": challenge}).passkey_challenge()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"salt": SALT}, STRANGE),
        ({"salt": SALT, "ticket": ""}, STRANGE),
        ({"ticket": "t"}, STRANGE),
        ({"salt": "?", "ticket": "t"}, STRANGE),
        ({"salt": base64.b64encode(b"short").decode(), "ticket": "t"}, UNSAFE),
    ],
)
async def test_an_answer_to_a_signature_that_is_none_is_refused(answer: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SignInError, match=sentence):
        await requests(answer).verify_passkey({})

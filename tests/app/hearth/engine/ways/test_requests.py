"""What a device asks about accounts: answers that it cannot read, or that are not safe, are refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hearth.core.errors import SignInError
from hearth.core.records.envelope import MAX_ITERATIONS, MIN_ITERATIONS
from hearth.engine.ways import requests
from hearth.engine.ways.requests import AccountRequests, Cost
from hearth.testing.network import FakeApi

SALT = base64.b64encode(b"s" * 32).decode()


class Asked:
    """Requests whose answers the test gives."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.asked: list[tuple[str, Any]] = []
        api = FakeApi()

        def answered(path: str, body: Any) -> dict[str, Any]:
            self.asked.append((path, body))
            return answer

        api.answer = answered
        self.requests = AccountRequests(api)


async def test_a_cost_is_read() -> None:
    asked = Asked({"salt": SALT, "iterations": MIN_ITERATIONS})
    assert await asked.requests.challenge("a@b", "password") == Cost(b"s" * 32, MIN_ITERATIONS)
    assert asked.asked == [("challenge", {"email": "a@b", "kind": "password"})]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({}, requests.STRANGE),
        ({"salt": "?", "iterations": MIN_ITERATIONS}, requests.STRANGE),
        ({"salt": SALT, "iterations": MIN_ITERATIONS - 1}, requests.UNSAFE),
        ({"salt": SALT, "iterations": MAX_ITERATIONS + 1}, requests.UNSAFE),
        ({"salt": "", "iterations": MIN_ITERATIONS}, requests.UNSAFE),
    ],
)
async def test_a_cost_that_is_none_or_not_safe_is_refused(answer: dict[str, Any], says: str) -> None:
    with pytest.raises(SignInError) as caught:
        await Asked(answer).requests.challenge("a@b", "password")
    assert str(caught.value) == says


async def test_a_number_of_iterations_that_is_none_is_refused() -> None:
    with pytest.raises(SignInError):
        await Asked({"salt": SALT, "iterations": True}).requests.challenge("a@b", "password")


@pytest.mark.parametrize("answer", [{}, {"ways": 3}, {"ways": [{}]}, {"ways": ["x"]}])
async def test_a_list_of_ways_that_is_none_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(SignInError):
        await Asked(answer).requests.ways("account")


async def test_ways_are_listed() -> None:
    way = {"id": "w", "kind": "password", "salt": SALT, "iterations": MIN_ITERATIONS, "created_at": 5}
    (listed,) = await Asked({"ways": [way]}).requests.ways("account")
    assert (listed.id, listed.kind, listed.created_at) == ("w", "password", 5)


async def test_an_invitation_is_sent_only_where_there_is_one() -> None:
    asked = Asked({})
    await asked.requests.sign_up("a@b", {"ways": []}, "")
    await asked.requests.sign_up("a@b", {"ways": []}, "code")
    assert [body.get("invite") for _, body in asked.asked] == [None, "code"]

"""A password protected by less than today's cost: a way with the same password takes its place, and ends nothing."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hearth.core.errors import SignInError
from hearth.core.records.envelope import MIN_ITERATIONS
from hearth.core.records.ways import master_place
from hearth.engine.ways import new_way as making
from hearth.engine.ways.cost import raise_cost
from hearth.testing.device import FakeDevice

PASSWORD = "correct horse"


class Server:
    """An account with one way, which the test's server lets be replaced."""

    def __init__(self, wrapped: str) -> None:
        self.wrapped = wrapped
        self.puts: list[dict[str, Any]] = []
        self.refuses = False

    def answer(self, path: str, body: Any) -> dict[str, Any]:
        if path == "ways/proof":
            return {"wrapped_master_key": self.wrapped}
        if path == "ways" and self.refuses:
            raise SignInError("No.")
        if path == "ways":
            self.puts.append(body)
            return {}
        way = self.puts[-1]["way"]
        return {"ways": [{**way, "iterations": MIN_ITERATIONS, "created_at": 1}]}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PBKDF2_ITERATIONS", 2)


async def account() -> tuple[FakeDevice, Server, Any]:
    device = FakeDevice()
    credentials = await device.cipher.derive(PASSWORD.encode(), b"s" * 32, 1)
    _, wrapped = await device.cipher.create_key(credentials.wrapping, master_place("account"))
    server = Server(wrapped)
    device.api.answer = server.answer
    return device, server, credentials


async def test_the_same_password_opens_the_same_key_at_a_higher_cost_and_no_session_ends() -> None:
    device, server, credentials = await account()
    noted = await raise_cost(device, "account", PASSWORD, credentials)
    (put,) = server.puts
    way = put["way"]
    assert noted == {way["id"]}
    assert (put["end_sessions"], put["proof"], way["kind"]) == (False, credentials.lookup_hash, "password")
    derived = await device.cipher.derive(PASSWORD.encode(), base64.b64decode(way["salt"]), way["iterations"])
    assert way["iterations"] == 2
    assert derived.lookup_hash == way["lookup_hash"]
    await device.cipher.unwrap_key(derived.wrapping, way["wrapped_master_key"], master_place("account"))


async def test_a_server_that_refuses_changes_nothing() -> None:
    device, server, credentials = await account()
    server.refuses = True
    with pytest.raises(SignInError):
        await raise_cost(device, "account", PASSWORD, credentials)
    assert server.puts == []

"""The secret that lies with the data: made once, whoever asks first, and the same for every token afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from server_mock.directus.client import DirectusBroken, DirectusClient
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.server_secret import COLLECTION, ROW_ID, kept_secret

TOKEN = "a-token-of-the-tests"
FIRST, SECOND = b"1" * 32, b"2" * 32


@pytest.fixture
def client() -> Iterator[DirectusClient]:
    standin = StandIn(TOKEN)
    yield DirectusClient("http://directus", TOKEN, app=standin)
    standin.close()


async def test_the_first_one_stays(client: DirectusClient) -> None:
    assert await kept_secret(client, FIRST) == FIRST
    assert await kept_secret(client, SECOND) == FIRST


async def test_of_two_servers_that_make_one_at_once_both_have_the_same(client: DirectusClient) -> None:
    found = await asyncio.gather(*(kept_secret(client, each) for each in (FIRST, SECOND, FIRST, SECOND)))
    assert len(set(found)) == 1


@pytest.mark.parametrize("broken", ["", "no hex", "00", "0" * 63])
async def test_one_that_cannot_be_read_is_no_secret(client: DirectusClient, broken: str) -> None:
    await client.create(COLLECTION, [{"id": ROW_ID, "secret": broken}])
    with pytest.raises(DirectusBroken):
        await kept_secret(client, FIRST)

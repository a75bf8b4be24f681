"""A Directus to test against: the stand-in in this process, or a real one named by the environment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import httpx
import pytest

from server_mock.directus_standin.app import StandIn
from tests.server_mock.directus_probe import Collection, Directus

TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="session")
def directus() -> Iterator[Directus]:
    """The Directus that the conformance suite runs against."""
    url, token = os.environ.get("DIRECTUS_URL"), os.environ.get("DIRECTUS_TOKEN")
    if bool(url) != bool(token):
        pytest.fail("DIRECTUS_URL and DIRECTUS_TOKEN go together: one of them is not set.")
    with asyncio.Runner() as runner:
        if url and token:
            http = httpx.AsyncClient(base_url=url, timeout=30, trust_env=False)
            yield Directus(http, runner, token)
            runner.run(http.aclose())
        else:
            stand_in = StandIn(TOKEN)
            transport = httpx.ASGITransport(app=stand_in)
            yield Directus(httpx.AsyncClient(base_url="http://directus", transport=transport), runner, TOKEN)
            stand_in.close()


@pytest.fixture(scope="module")
def made_collection(directus: Directus) -> Iterator[Collection]:
    name = directus.make("rows")
    yield Collection(directus, name)
    directus.drop(name)


@pytest.fixture
def collection(made_collection: Collection) -> Iterator[Collection]:
    """An empty collection; making one is slow on a real Directus, so it is emptied and used again."""
    yield made_collection
    made_collection.clear()

"""A Directus over HTTP, for servers that are processes of their own."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from server_mock.__main__ import main
from server_mock.directus.permissions import SERVER
from server_mock.directus_standin.app import StandIn
from tests.server_mock.directus_policy import LimitedUser

TOKEN, ROTATED_TOKEN = "a-token", "another-token"
ADMIN_TOKEN = "an-administrators-token"


def administrator(environment: dict[str, str]) -> dict[str, str]:
    """The environment with the token of who may change collections."""
    return {**environment, "DIRECTUS_TOKEN": os.environ.get("DIRECTUS_TOKEN", ADMIN_TOKEN)}


@pytest.fixture
def directus_process(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment that names a Directus over HTTP: the real one of the tests, or a stand-in.

    The token may do what the documented policy allows, and nothing else; that of the tests makes one on the real one. A
    parameter is the stand-in's `QUERY_LIMIT_MAX`.
    """
    url, token = os.environ.get("DIRECTUS_URL"), os.environ.get("DIRECTUS_TOKEN")
    if url and token:
        assert main(["migrate"]) == 0
        with LimitedUser(url, token, SERVER) as limited:
            yield {"DIRECTUS_URL": url, "DIRECTUS_TOKEN": limited}
        return
    listener = socket.create_server(("127.0.0.1", 0))
    limit = getattr(request, "param", -1)
    standin = StandIn(ADMIN_TOKEN, query_limit=limit, grants=dict.fromkeys((TOKEN, ROTATED_TOKEN), SERVER))
    server = uvicorn.Server(uvicorn.Config(standin, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield {"DIRECTUS_URL": f"http://127.0.0.1:{listener.getsockname()[1]}", "DIRECTUS_TOKEN": TOKEN}
    server.should_exit = True
    thread.join()
    listener.close()
    standin.close()

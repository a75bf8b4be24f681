"""A Directus over HTTP, for servers that are processes of their own."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from server_mock.directus_standin.app import StandIn

ROTATED_TOKEN = "another-token"


class Rotating:
    """A Directus whose user has either of two tokens."""

    def __init__(self, standin: StandIn) -> None:
        self._standin = standin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rotated = f"Bearer {ROTATED_TOKEN}".encode()
        headers = [(n, b"Bearer a-token" if value == rotated else value) for n, value in scope.get("headers", ())]
        await self._standin({**scope, "headers": headers}, receive, send)


@pytest.fixture
def directus_process() -> Iterator[dict[str, str]]:
    """The environment that names a Directus over HTTP: the real one of the tests, or a stand-in."""
    url, token = os.environ.get("DIRECTUS_URL"), os.environ.get("DIRECTUS_TOKEN")
    if url and token:
        yield {"DIRECTUS_URL": url, "DIRECTUS_TOKEN": token}
        return
    listener = socket.create_server(("127.0.0.1", 0))
    standin = StandIn("a-token")
    server = uvicorn.Server(uvicorn.Config(Rotating(standin), lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield {"DIRECTUS_URL": f"http://127.0.0.1:{listener.getsockname()[1]}", "DIRECTUS_TOKEN": "a-token"}
    server.should_exit = True
    thread.join()
    listener.close()
    standin.close()

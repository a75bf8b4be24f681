"""Serves the built page without the API, counts what is asked for, goes away and comes back with another version."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from runtime.build import read_manifest
from server_mock.protocol.static import StaticFiles


@dataclass(slots=True)
class PageServer:
    """A server of `dist`; `paths` lists what has been asked for since it was last cleared."""

    dist: Path
    paths: list[str] = field(default_factory=list)
    policy: bool = True
    """Whether its answers have Hearth's Content Security Policy; other people's pages may need more than it allows."""
    _files: StaticFiles | None = None
    _port: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is; the same after a restart."""
        return f"http://127.0.0.1:{self._port}/"

    def start(self) -> PageServer:
        """Start, on the port it had before if it had one, with the version that lies in `dist` now."""
        self.load()
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(self._answer, interface="asgi3", log_level="error", lifespan="off")
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Stop; every connection is closed."""
        if self._server and self._thread:
            self._server.force_exit = True
            self._server.should_exit = True
            self._thread.join(10)

    def load(self) -> None:
        """Serve the version that lies in `dist` from now on."""
        manifest = read_manifest(self.dist)
        assert manifest, "the page has not been built: run `make build`"
        self._files = StaticFiles(self.dist, manifest)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        assert self._files
        answer = Response(status_code=204) if scope["path"].startswith("/api/") else self._files
        await answer(scope, receive, send if self.policy else _without_policy(send))


def _without_policy(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [each for each in message["headers"] if each[0] != b"content-security-policy"]
            message = {**message, "headers": headers}
        await send(message)

    return sending


def copy_of(dist: Path, target: Path) -> Path:
    """A copy of a built page, to be changed."""
    shutil.copytree(dist, target)
    return target

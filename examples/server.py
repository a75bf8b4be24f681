"""Serves a folder of pages beside stock PyScript and Pyodide, with the engine's wheel built anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.paths import NODE_MODULES, WHEELS
from runtime.vendor import lock, package_folder

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.parent.name for path in HERE.glob("*/index.html")))

OPEN_POLICY = b"default-src * data: blob: 'unsafe-inline' 'unsafe-eval'"
"""Stock PyScript runs under no strict policy: it evaluates code, and the wheel's kernels are `blob:` modules."""


def make_app(wheel: Path, folder: Path = HERE) -> Starlette:
    """The pages of a folder, and what their settings name; a folder without `index.html` is listed."""
    pyodide = package_folder(NODE_MODULES, "pyodide")
    packages = lock(pyodide, WHEELS)  # micropip comes from here, not from another host
    listed = [Route("/", _list_of(folder))] if not (folder / "index.html").exists() else []
    routes: list[BaseRoute] = [
        *listed,
        Route("/pyodide/pyodide-lock.json", lambda _request: JSONResponse(packages)),
        *(Route(f"/pyodide/{path.name}", _file(path)) for path in WHEELS.glob("*.whl")),
        Mount("/pyodide", StaticFiles(directory=pyodide)),
        Mount("/pyscript", StaticFiles(directory=package_folder(NODE_MODULES, "@pyscript/core") / "dist")),
        Route(f"/wheels/{wheel.name}", _file(wheel)),
        Mount("/", StaticFiles(directory=folder, html=True)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(OpenPolicy)])


class OpenPolicy:
    """ASGI middleware that puts a policy on every answer under which stock PyScript runs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    *message["headers"],
                    (b"content-security-policy", OPEN_POLICY),
                    (b"cache-control", b"no-cache"),
                ]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_with_policy)


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return FileResponse(path)

    return answer


def _list_of(folder: Path) -> Callable[[Request], Response]:
    def answer(_request: Request) -> Response:
        names = sorted(path.parent.name for path in folder.glob("*/index.html"))
        items = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in names)
        return HTMLResponse(f'<!doctype html><html lang="en"><title>Examples</title><h1>Examples</h1><ul>{items}</ul>')

    return answer

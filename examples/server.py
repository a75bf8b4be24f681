"""Serves the examples beside stock PyScript and Pyodide, with the engine's wheel built anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from runtime.paths import NODE_MODULES, WHEELS
from runtime.vendor import lock, package_folder

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.parent.name for path in HERE.glob("*/index.html")))


def make_app(wheel: Path) -> Starlette:
    """The app: each example under its name, and what the examples' settings name."""
    pyodide = package_folder(NODE_MODULES, "pyodide")
    packages = lock(pyodide, WHEELS)  # micropip comes from here, not from another host
    routes: list[BaseRoute] = [
        Route("/", list_examples),
        Route("/pyodide/pyodide-lock.json", lambda _request: JSONResponse(packages)),
        *(Route(f"/pyodide/{path.name}", file_of(path)) for path in WHEELS.glob("*.whl")),
        Mount("/pyodide", StaticFiles(directory=pyodide)),
        Mount("/pyscript", StaticFiles(directory=package_folder(NODE_MODULES, "@pyscript/core") / "dist")),
        Route(f"/wheels/{wheel.name}", file_of(wheel)),
        Mount("/", StaticFiles(directory=HERE, html=True)),
    ]
    return Starlette(routes=routes)


def file_of(path: Path) -> Callable[[Request], Awaitable[Response]]:
    """A handler that answers with one file."""

    async def answer(_request: Request) -> Response:
        return FileResponse(path)

    return answer


async def list_examples(_request: Request) -> Response:
    """The page that names them."""
    items = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in NAMES)
    return HTMLResponse(f'<!doctype html><html lang="en"><title>Examples</title><h1>Examples</h1><ul>{items}</ul>')

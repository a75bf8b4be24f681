"""The server of the benchmarks: Hearth's own, with the twin beside the page, on the same origin.

`python -m e2e.bench.serve` takes the options of `server_mock`. One chat of the demo account is made `LONG_CHAT`
messages long.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from e2e.bench.bundles import BUNDLES
from server_mock.__main__ import main as serve
from server_mock.cli import run
from server_mock.demo import accounts
from server_mock.protocol.static import IMMUTABLE, REVALIDATED

ROOT = Path(__file__).parent.parent.parent
TWIN = Path(__file__).parent / "twin"
LONG_CHAT = 1_000
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class WithTwin:
    """The built page, the twin under `/twin/`, and an empty page of this origin for measuring in."""

    page: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = str(scope["path"])
        answer = self.page
        if path == "/twin/":
            answer = _answer(twin_page().encode(), ".html")
        elif path == "/empty.html":
            answer = _answer(b"<!doctype html><title>Bench</title>", ".html")
        elif path.startswith("/twin/") and (file := find(path.removeprefix("/twin/"))):
            answer = _answer(file.read_bytes(), file.suffix)
        await answer(scope, receive, send)


def _answer(content: bytes, suffix: str) -> ASGIApp:
    lasting = REVALIDATED if suffix == ".html" else IMMUTABLE
    return Response(content, headers={"Content-Type": TYPES[suffix], "Cache-Control": lasting})


def find(name: str) -> Path | None:
    """The file behind a name of the twin's: its own modules, the bundles, and Hearth's styles and icons."""
    for folder, pattern in (
        (TWIN, r"\w+\.js"),
        (BUNDLES, r"[\w-]+\.js"),
        (ROOT, r"app/page/(?:styles|icons)/\w+\.\w+"),
    ):
        path = folder / name
        if re.fullmatch(pattern, name) and path.suffix in TYPES and path.is_file():
            return path
    return None


def twin_page() -> str:
    """Hearth's index.html with the twin's script in place of Python and its helpers."""
    text = (ROOT / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"<script\b[^>]*>.*?</script>\n?|<link rel=\"modulepreload\"[^>]*>\n?", "", text)
    modules = "".join(f'<link rel="modulepreload" href="{path.name}">' for path in sorted(TWIN.glob("*.js")))
    return text.replace("</head>", f'{modules}<script type="module" src="main.js"></script></head>')


def main(arguments: list[str]) -> int:
    """Run the server with the twin beside the page; the exit code."""
    accounts.LONG_CHAT = LONG_CHAT
    original = run.load_page

    def load_page(dist: Path) -> ASGIApp | None:
        """The page with the twin beside it."""
        page = original(dist)
        return page and WithTwin(page)

    run.load_page = load_page
    return serve(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Rewrites index.html and what it refers to: plain relative addresses become content-addressed ones."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.assets import Assets
from runtime.errors import BuildError

ATTRIBUTE = re.compile(r'(?P<before>\b(?:src|href)=")(?P<url>[^":#?]+)(?=")')
MODULE = re.compile(r"""(?P<before>\b(?:from|import)\s*\(?\s*["'])(?P<url>\.{1,2}/[^"']+)(?=["'])""")
STYLE = re.compile(r"""(?P<before>(?:\burl\(|@import )["']?)(?P<url>[^"':#?)]+)(?=["']?\)?)""")
PATTERNS = {".css": STYLE, ".html": ATTRIBUTE, ".js": MODULE, ".mjs": MODULE}
VOUCHED = re.compile(r'<(?:script\b[^>]*\bsrc|link rel="stylesheet" href)="(?P<url>/-/[^"]+)"')
SOURCES = ("app", "runtime")  # what the page may refer to, and what the build watches for changes
HELD_BACK = "runtime"  # the id of the template that `boot.js` looks for
PYTHON_SCRIPT = re.compile(r'<script\s+type="py"(?P<rest>[^>]*)>')


@dataclass(slots=True)
class Linker:
    """Adds files to the assets together with what they refer to.

    `replacements` are tokens of the sources, quotes included, that become JSON values.
    """

    root: Path
    assets: Assets
    replacements: dict[str, Any]
    _addresses: dict[Path, str] = field(default_factory=dict)
    _open: list[Path] = field(default_factory=list)

    def link(self, path: Path) -> str:
        """Return the address of the file at `path`; its own references are linked first."""
        if path in self._open:
            cycle = " -> ".join(part.relative_to(self.root).as_posix() for part in [*self._open, path])
            raise BuildError(f"these files import each other in a circle, so none can be named first: {cycle}.")
        if path not in self._addresses:
            self._open.append(path)
            self._addresses[path] = self.assets.add(path.name, self.rewritten(path))
            self._open.pop()
        return self._addresses[path]

    def addresses(self) -> list[str]:
        """Return the addresses of all files linked so far."""
        return list(self._addresses.values())

    def rewritten(self, path: Path) -> bytes:
        """Return the content of `path` with its references and tokens replaced."""
        content = path.read_bytes()
        pattern = PATTERNS.get(path.suffix)
        if pattern is None:
            return content
        text = content.decode()
        for token, value in self.replacements.items():
            text = text.replace(json.dumps(token), in_script(value))
        return pattern.sub(lambda match: match["before"] + self._resolve(match["url"], path), text).encode()

    def _resolve(self, url: str, referrer: Path) -> str:
        if url.startswith("/"):
            return url  # an address of the server, such as /sw.js
        target = (referrer.parent / url).resolve()
        if not target.is_file() or not any(target.is_relative_to(self.root / folder) for folder in SOURCES):
            where = referrer.relative_to(self.root).as_posix()
            raise BuildError(f"{where} refers to {url}, which is not in {' or '.join(SOURCES)}.")
        return self.link(target)


def in_script(value: Any) -> str:
    """Return `value` as JSON that is safe inside a script and, escaped once more, inside an attribute."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")


def preload(address: str) -> str:
    """Return the tag that makes the browser fetch `address` before the code that asks for it has loaded."""
    if address.endswith((".js", ".mjs")):
        return f'<link rel="modulepreload" href="{address}">'
    return f'<link rel="preload" as="fetch" crossorigin href="{address}">'


def start_tags(*, early: Iterable[str], preloads: Iterable[str], core: str) -> str:
    """Return the tags that start Python: what is fetched ahead, `early`, and PyScript's `core`.

    `early` are modules that start at once, without waiting for their turn among the page's scripts.
    """
    tags = [preload(address) for address in preloads]
    tags += [f'<script type="module" async src="{address}"></script>' for address in early]
    return "\n".join([*tags, script(core)])


def held_back(tags: str) -> str:
    """Return tags in a template: inert until `boot.js` takes them out.

    A browser parses and compiles modules as soon as they have come, in the thread that draws; a device that has the
    view of its last visit to show would show it later for that.
    """
    return f'<template id="{HELD_BACK}">\n{tags}\n</template>'


def script(address: str) -> str:
    """Return the tag of a module that has its turn after the document is parsed."""
    return f'<script type="module" src="{address}"></script>'


def assemble(text: str, start: str, settings: dict[str, Any]) -> str:
    """Return the page with PyScript in it.

    `start` are the tags that start it, from `start_tags`, put at the end of the head. The settings go to Python's
    script as its `config`, and MicroPython, which PyScript would prepare for as well, is told to leave its plug-ins
    unloaded.
    """
    if len(PYTHON_SCRIPT.findall(text)) != 1:
        raise BuildError('index.html needs exactly one <script type="py">: that is where Python starts.')
    config = html.escape(json.dumps(settings))
    text = PYTHON_SCRIPT.sub(lambda match: f'<script type="py" config="{config}"{match["rest"]}>', text)
    idle = html.escape(json.dumps({"plugins": settings.get("plugins", [])}), quote=False)
    tail = f"<mpy-config hidden>{idle}</mpy-config>"
    for mark, lines in (("</head>", start), ("</body>", tail)):
        if text.count(mark) != 1:
            raise BuildError(f"index.html needs exactly one {mark}.")
        text = text.replace(mark, f"{lines}\n{mark}")
    return text


def vouched(text: str, content: Callable[[str], bytes]) -> str:
    """Return the page with the digest of each script and style sheet that it names (Subresource Integrity).

    Preloads have none: what they are for is fetched without one, and would not be taken from them.
    """

    def with_digest(match: re.Match[str]) -> str:
        sha256 = base64.b64encode(hashlib.sha256(content(match["url"])).digest()).decode()
        return f'{match[0]} integrity="sha256-{sha256}"'

    return VOUCHED.sub(with_digest, text)

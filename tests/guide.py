"""The guide's pages: their blocks of code, and the browser's modules that stand in for those of a page."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hearth.engine.engine import Engine
from hearth.engine.plain_page import PlainPage
from hearth.testing.account import FakeAccount
from hearth.testing.cpython_cipher import CryptographyCipher
from hearth.testing.indexeddb import Disk, MemoryPlatform

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs/guide"
PAGES = sorted(GUIDE.glob("*.md"))
BLOCK = re.compile(r"(?:`(?P<file>[\w.]+)`:\n\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code; `file` is the file of a page that it is, if it is one."""

    file: str
    language: str
    code: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(each["file"] or "", each["language"], each["code"], text.count("\n", 0, each.start("code")))
        for each in BLOCK.finditer(text)
    ]


def page_files(page: Path) -> dict[str, str]:
    """The files of the app that a page of the guide shows."""
    return {block.file: block.code for block in blocks(page) if block.file}


async def run(page: Path) -> int:
    """Run a page's Python from top to bottom, as one module with `await` at its top; how many blocks that were."""
    names: dict[str, Any] = {"__name__": page.stem}
    count = 0
    for block in blocks(page):
        if block.language == "python" and not block.file:
            code = "\n" * block.line + block.code
            compiled = compile(code, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            result = eval(compiled, names)  # noqa: S307 - our own documentation
            if inspect.isawaitable(result):
                await asyncio.wait_for(result, 20)
            count += 1
    return count


def stand_in_for_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put what runs under CPython in the place of what only a page has."""
    platform = MemoryPlatform(Disk())
    monkeypatch.setattr("hearth.browser.idb.database.browser", lambda: platform)
    webcrypto: Any = ModuleType("hearth.browser.crypto.webcrypto")
    webcrypto.WebCipher, webcrypto.random_bytes = CryptographyCipher, os.urandom
    monkeypatch.setitem(sys.modules, webcrypto.__name__, webcrypto)
    client: Any = ModuleType("hearth.browser.client")
    client.start_engine = _start_engine
    monkeypatch.setitem(sys.modules, client.__name__, client)


_tasks: set[asyncio.Task[None]] = set()


async def _start_engine(draw: Any) -> Engine:
    account = FakeAccount()
    account.add_chat("Groceries", "Milk", "Bread")
    account.add_chat("Work", "Ship it")
    engine = Engine(account.device(), PlainPage(draw))
    _tasks.add(asyncio.get_running_loop().create_task(engine.run()))
    return engine

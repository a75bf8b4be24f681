"""What each server of the journeys has in memory when it is forked: its imports, and the demo accounts' keys."""

from __future__ import annotations

from functools import cache

import uvicorn.protocols.http.h11_impl
import uvicorn.protocols.websockets.websockets_sansio_impl  # noqa: F401 - uvicorn imports both by name when it starts

import server_mock.__main__  # noqa: F401 - with all that it imports
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.cli.options import parse
from server_mock.demo.accounts import EMAIL, GUEST_EMAIL, GUEST_PASSWORD, PASSWORD, DemoAccountMaker, Plan

# The seed gives the salts, so each server derives the same keys from the same passwords.
derived = cache(CryptographyCipher().derive_now)
CryptographyCipher.derive_now = lambda _cipher, *arguments: derived(*arguments)  # type: ignore[method-assign]

for email, password in ((EMAIL, PASSWORD), (GUEST_EMAIL, GUEST_PASSWORD)):
    DemoAccountMaker(Plan(email, password, parse([]).seed, chats=0, messages=0, now_ms=0))

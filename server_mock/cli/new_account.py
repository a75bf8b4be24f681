"""Makes an account from the command line, with the keys and the checks of the page's "Create account"."""

from __future__ import annotations

import secrets
import time

import httpx
from starlette.applications import Starlette

from hearth.core.errors import SignInError
from hearth.engine.ways.new_account import NewAccount, make_account
from hearth.engine.ways.secrets import email_of, new_password
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.cli.data_source import SECRET_BYTES, CannotStart
from server_mock.directus.client import DirectusClient
from server_mock.protocol.services import Services
from server_mock.protocol.sessions import Sessions
from server_mock.protocol.sign_up import SignUp, SignUpApi

ORIGIN = "http://accounts.internal"


async def add_account(client: DirectusClient, email: str, password: str) -> NewAccount:
    """Make an account of an address, and write it down. Raises `CannotStart` with what keeps it from being made."""
    try:
        address = email_of(email)
        secret = new_password(password, password, address)
    except SignInError as error:
        raise CannotStart(str(error)) from None
    cipher = CryptographyCipher()
    made = await make_account(cipher, lambda account, master: CryptographyKeyring(cipher, account, master), secret)
    await _sign_up(client, {"email": address, **made.request})
    return made


async def _sign_up(client: DirectusClient, body: dict[str, object]) -> None:
    """Ask for the account as a device does, of a server that takes accounts from this command alone."""
    services = Services(client, Sessions(time.time), secrets.token_bytes(SECRET_BYTES))
    transport = httpx.ASGITransport(app=Starlette(routes=SignUpApi(services, SignUp.OPEN).routes()))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as http:
        answer = await http.post("/api/sign-up", json=body)
    if not answer.is_success:
        raise CannotStart(answer.json()["error"]["message"])

"""A person's own device for tests of the server: it makes an account, and other ways into it, as the page does."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import httpx

from hearth.core.records import recovery_key
from hearth.core.records.envelope import normalise_password
from hearth.core.records.ways import WayKind, master_place
from hearth.engine.ways import new_account, new_way
from hearth.engine.ways.new_account import NewAccount
from hearth.engine.ways.new_way import NewWay, Proof
from hearth.ports.keys import Credentials
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.protocol.app import make_app
from server_mock.protocol.sign_up import SignUp
from tests.server_mock.world import World

EMAIL, PASSWORD = "new@hearth.example", "an ember in the grate"


class QuickCipher(CryptographyCipher):
    """One iteration, whatever is asked for, so that it takes no time."""

    async def derive(self, password: bytes, salt: bytes, iterations: int) -> Credentials:
        """Derive with one iteration."""
        return self.derive_now(password, salt, 1)


CIPHER = QuickCipher()


async def make_account(password: str = PASSWORD) -> NewAccount:
    """What a device makes before it tells the server."""
    return await new_account.make_account(
        CIPHER, lambda account, master: CryptographyKeyring(CIPHER, account, master), normalise_password(password)
    )


@dataclass
class Person:
    """Somebody with an account of their own on a server."""

    world: World
    made: NewAccount
    http: httpx.AsyncClient
    email: str = EMAIL
    password: str = PASSWORD
    more: dict[str, Any] = field(default_factory=dict)

    async def sign_up(self) -> httpx.Response:
        """Tell the server of the account."""
        return await self.http.post("/api/sign-up", json={"email": self.email, **self.made.request, **self.more})

    async def sign_in(self, way: NewWay | None = None, http: httpx.AsyncClient | None = None) -> httpx.Response:
        """Sign in with the first password, or with another way."""
        lookup = (way or self.made).credentials.lookup_hash
        return await (http or self.http).post("/api/sign-in", json={"email": self.email, "lookup_hash": lookup})

    async def recovery(self) -> NewWay:
        """The recovery key that was made with the account, as a way."""
        return await rederived(self.made.request["ways"][1], self.made.recovery_key)

    async def proof(self) -> Proof:
        """That of the first password."""
        return Proof(self.made.credentials, self.made.request["ways"][0]["wrapped_master_key"])

    async def replace(self, new: NewWay, by: Credentials | None = None, **fields: Any) -> httpx.Response:
        """Put a new way in the place of the one of its kind."""
        way = await new_way.wrap(CIPHER, self.made.id, await self.proof(), new)
        shown = (by or self.made.credentials).lookup_hash
        return await self.http.post("/api/ways", json={"account": self.made.id, "proof": shown, "way": way, **fields})


async def rederived(way: dict[str, Any], shown: str) -> NewWay:
    """A recovery key that was typed in, as the way that the server knows."""
    secret = recovery_key.secret_of(recovery_key.read(shown) or "")
    salt, iterations = base64.b64decode(way["salt"]), way["iterations"]
    return NewWay(way["id"], WayKind.RECOVERY, salt, iterations, await CIPHER.derive(secret, salt, iterations))


async def new_password(password: str) -> NewWay:
    """A new password as a way."""
    return await new_way.new_way(CIPHER, WayKind.PASSWORD, normalise_password(password))


async def a_person(world: World, email: str = EMAIL, **more: Any) -> Person:
    """Somebody who has made their keys and not told the server yet."""
    return Person(world, await make_account(), world.browser(), email, more=more)


async def a_member(world: World, email: str = EMAIL) -> Person:
    """Somebody with an account, signed in."""
    person = await a_person(world, email)
    assert (await person.sign_up()).status_code == 201
    assert (await person.sign_in()).status_code == 200
    return person


def opens(person: Person, way: NewWay | NewAccount, wrapped: str) -> bool:
    """Whether a way opens a wrapped master key of the account, and it is the one that it always was."""
    place = master_place(person.made.id)
    first = person.made.request["ways"][0]["wrapped_master_key"]
    master = CIPHER.unwrap_key_now(person.made.credentials.wrapping, first, place)
    return CIPHER.unwrap_key_now(way.credentials.wrapping, wrapped, place).id == master.id


async def listed(person: Person) -> list[dict[str, object]]:
    answer = await person.http.get("/api/ways", params={"account": person.made.id})
    assert answer.status_code == 200
    return list(answer.json()["ways"])


def with_policy(world: World, policy: SignUp) -> None:
    world.app = make_app(world.services, sign_up=policy)

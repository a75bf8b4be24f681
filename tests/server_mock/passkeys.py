"""A person's passkeys for tests of the server: made, shown and used as the page does it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import httpx

from hearth.core import passkeys
from hearth.engine.ways import new_way
from hearth.engine.ways.new_way import NewWay
from hearth.ports.keys import Credentials, Key
from hearth.testing.authenticator import SoftwareAuthenticator, StoredPasskey
from tests.contracts.records import SEALED
from tests.server_mock.accounts import CIPHER, Person
from tests.server_mock.world import ORIGIN


@dataclass
class Keychain:
    """An authenticator, and the person whose passkeys it holds."""

    person: Person
    authenticator: SoftwareAuthenticator = field(default_factory=SoftwareAuthenticator)
    origin: str = ORIGIN
    """The page that the browser shows."""

    async def challenge(self) -> str:
        """Something to sign."""
        answer = await self.person.http.post("/api/passkeys/challenge", json={})
        assert answer.status_code == 200
        return str(answer.json()["challenge"])

    async def make(self) -> tuple[StoredPasskey, NewWay, dict[str, Any]]:
        """Have a passkey made: it, the way that it is, and what the server is told."""
        options = passkeys.creation(await self.challenge(), self.person.made.id, "laptop", ())
        made, credential = self.authenticator.create(self.origin, options)
        way = await new_way.new_passkey(CIPHER, Key(b"", self.authenticator.prf(made, options)))
        told = await new_way.wrap(CIPHER, self.person.made.id, await self.person.proof(), way)
        return made, way, {**told, "name": SEALED, "credential": credential}

    async def tell(self, told: dict[str, Any], **fields: Any) -> httpx.Response:
        """Tell the server of a new passkey."""
        proof = self.person.made.credentials.lookup_hash
        body = {"account": self.person.made.id, "proof": proof, "way": told, **fields}
        return await self.person.http.post("/api/ways", json=body)

    async def add(self) -> tuple[StoredPasskey, NewWay]:
        """Add a passkey."""
        made, way, told = await self.make()
        answer = await self.tell(told)
        assert answer.status_code == 200, answer.text
        return made, way

    async def remove(self, way_id: str, **fields: Any) -> httpx.Response:
        """Remove a passkey."""
        proof = self.person.made.credentials.lookup_hash
        body = {"account": self.person.made.id, "proof": proof, "way": way_id, **fields}
        return await self.person.http.post("/api/ways/remove", json=body)

    async def rename(self, way_id: str, name: str) -> httpx.Response:
        """Give a passkey another name, which is sealed."""
        body = {"account": self.person.made.id, "way": way_id, "name": name}
        return await self.person.http.post("/api/ways/name", json=body)

    async def signed(self, passkey: StoredPasskey) -> dict[str, Any]:
        """What a passkey signs, as the server is shown it."""
        return self.authenticator.sign(self.origin, passkey, passkeys.request(await self.challenge()))

    async def sign_in(self, passkey: StoredPasskey, http: httpx.AsyncClient) -> httpx.Response:
        """Sign in with a passkey, in another browser: the first answer that is a refusal, or the last."""
        answer = await http.post("/api/passkeys/verify", json={"credential": await self.signed(passkey)})
        if answer.status_code != 200:
            return answer
        credentials = await self.credentials(passkey, answer.json()["salt"])
        body = {"ticket": answer.json()["ticket"], "lookup_hash": credentials.lookup_hash}
        return await http.post("/api/sign-in", json=body)

    async def credentials(self, passkey: StoredPasskey, salt: str) -> Credentials:
        """What a passkey's secret derives to."""
        secret = self.authenticator.prf(passkey, passkeys.request(""))
        return await CIPHER.derive_from_secret(Key(b"", secret), base64.b64decode(salt))

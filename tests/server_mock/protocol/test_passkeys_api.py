"""Passkeys over HTTP: added with a proof, used without an address, removed; what is refused; a server that dies."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from hearth.core.passkeys import base64url, from_base64url
from hearth.core.protocol.server_events import WarmingComplete
from hearth.core.records.ways import MAX_WAYS, master_place
from hearth.testing.cpython_cipher import CryptographyKeyring
from server_mock.protocol import passkeys_api, rate_limit
from server_mock.protocol.api import COOKIE, PASSKEY_REJECTED
from server_mock.protocol.passkeys import NOT_A_PASSKEY
from server_mock.protocol.services import CHALLENGE_S, TICKET_S
from server_mock.protocol.ways_api import KNOWN, STAYS, TOO_MANY
from tests.contracts.records import SEALED
from tests.server_mock.accounts import CIPHER, EMAIL, a_member, new_password, opens
from tests.server_mock.passkeys import Keychain
from tests.server_mock.world import ORIGIN, Device, World, a_world

EVIL = "http://evil.example"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


@pytest.fixture
async def keychain(world: World) -> Keychain:
    return Keychain(await a_member(world))


async def ways(keychain: Keychain) -> list[dict[str, Any]]:
    answer = await keychain.person.http.get("/api/ways", params={"account": keychain.person.made.id})
    return list(answer.json()["ways"])


async def test_a_passkey_signs_in_without_an_address_and_opens_the_master_key(world: World, keychain: Keychain) -> None:
    made, way = await keychain.add()
    http = world.browser()
    answer = await keychain.sign_in(made, http)
    assert answer.status_code == 200, answer.text
    assert answer.json()["account"] == keychain.person.made.id
    assert opens(keychain.person, way, answer.json()["wrapped_master_key"])
    assert (await http.get("/api/session", params={"account": keychain.person.made.id})).status_code == 204


async def test_the_list_names_the_passkey_and_holds_no_key_of_it(keychain: Keychain) -> None:
    made, way = await keychain.add()
    listed = (await ways(keychain))[-1]
    assert (listed["id"], listed["kind"], listed["name"]) == (way.id, "passkey", SEALED)
    assert listed["credential"] == base64url(made.id)
    assert "public_key" not in listed
    assert "lookup_hash" not in listed


async def test_several_passkeys_stand_beside_each_other_and_the_password(world: World, keychain: Keychain) -> None:
    first, second = await keychain.add(), await keychain.add()
    assert [way["kind"] for way in await ways(keychain)] == ["password", "recovery", "passkey", "passkey"]
    for made, _way in (first, second):
        assert (await keychain.sign_in(made, world.browser())).status_code == 200
    assert (await keychain.person.replace(await new_password("another ember in the grate"))).status_code == 200
    assert (await keychain.sign_in(first[0], world.browser())).status_code == 200, "it is a way of its own"


async def test_a_removed_passkey_opens_nothing_and_the_others_stay(world: World, keychain: Keychain) -> None:
    (gone, way), (stays, _) = await keychain.add(), await keychain.add()
    for _ in range(2):
        assert (await keychain.remove(way.id)).status_code == 200, "also when it is repeated"
    answer = await keychain.sign_in(gone, world.browser())
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, passkeys_api.REJECTED)
    assert (await keychain.sign_in(stays, world.browser())).status_code == 200
    for each in (await ways(keychain))[:2]:
        answer = await keychain.remove(each["id"])
        assert (answer.status_code, answer.json()["error"]["message"]) == (409, STAYS)


async def test_a_passkey_gets_another_name_and_opens_what_it_opened(world: World, keychain: Keychain) -> None:
    (made, way), other = await keychain.add(), base64.b64encode(b"\x01" + b"n" * 60).decode()
    before = await ways(keychain)
    assert (await keychain.rename(way.id, other)).status_code == 200
    assert await ways(keychain) == [*before[:-1], {**before[-1], "name": other}]
    assert (await keychain.sign_in(made, world.browser())).status_code == 200
    assert (await keychain.rename(way.id, "in the clear")).status_code == 400
    for each in ("nothing", before[0]["id"]):
        assert (await keychain.rename(each, other)).status_code == 404


async def test_nothing_is_added_or_removed_without_a_proof(world: World, keychain: Keychain) -> None:
    made, way = await keychain.add()
    before = await ways(keychain)
    _other, _way, told = await keychain.make()
    used = await keychain.credentials(made, before[-1]["salt"])
    for proof in ("0" * 64, used.lookup_hash):  # a passkey proves no change: who stole it cannot lock the owner out
        assert (await keychain.tell(told, proof=proof)).status_code == 403
        assert (await keychain.remove(way.id, proof=proof)).status_code == 403
        body = {"account": keychain.person.made.id, "proof": proof}
        assert (await keychain.person.http.post("/api/ways/proof", json=body)).status_code == 403
        assert (await keychain.person.http.post("/api/account/delete", json=body)).status_code == 403
    assert await ways(keychain) == before


async def test_the_secret_without_a_signature_signs_nobody_in(world: World, keychain: Keychain) -> None:
    made, _way = await keychain.add()
    used = await keychain.credentials(made, (await ways(keychain))[-1]["salt"])
    body = {"email": EMAIL, "lookup_hash": used.lookup_hash}
    assert (await world.browser().post("/api/sign-in", json=body)).status_code == 401


async def test_the_signature_without_the_secret_signs_nobody_in(world: World, keychain: Keychain) -> None:
    made, _way = await keychain.add()
    http = world.browser()
    password = keychain.person.made.credentials.lookup_hash
    for lookup in ("0" * 64, password):
        answer = await http.post("/api/passkeys/verify", json={"credential": await keychain.signed(made)})
        body = {"ticket": answer.json()["ticket"], "lookup_hash": lookup}
        refused = await http.post("/api/sign-in", json=body)
        assert (refused.status_code, refused.json()["error"]["message"]) == (401, PASSKEY_REJECTED)


async def test_a_ticket_and_a_challenge_hold_once_and_for_a_while(world: World, keychain: Keychain) -> None:
    made, _way = await keychain.add()
    http = world.browser()
    signed = await keychain.signed(made)
    answer = (await http.post("/api/passkeys/verify", json={"credential": signed})).json()
    assert (await http.post("/api/passkeys/verify", json={"credential": signed})).status_code == 401
    used = await keychain.credentials(made, answer["salt"])
    body = {"ticket": answer["ticket"], "lookup_hash": used.lookup_hash}
    assert [(await http.post("/api/sign-in", json=body)).status_code for _ in range(2)] == [200, 401]
    late = await keychain.signed(made)
    world.time.now_s += CHALLENGE_S
    assert (await http.post("/api/passkeys/verify", json={"credential": late})).status_code == 401
    answer = (await http.post("/api/passkeys/verify", json={"credential": await keychain.signed(made)})).json()
    world.time.now_s += TICKET_S
    body = {"ticket": answer["ticket"], "lookup_hash": used.lookup_hash}
    assert (await http.post("/api/sign-in", json=body)).status_code == 401


async def test_a_passkey_that_was_removed_after_its_signature_signs_nobody_in(world: World, keychain: Keychain) -> None:
    made, way = await keychain.add()
    http = world.browser()
    answer = (await http.post("/api/passkeys/verify", json={"credential": await keychain.signed(made)})).json()
    assert (await keychain.remove(way.id)).status_code == 200
    used = await keychain.credentials(made, answer["salt"])
    body = {"ticket": answer["ticket"], "lookup_hash": used.lookup_hash}
    assert (await http.post("/api/sign-in", json=body)).status_code == 401


def with_client_data(credential: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The same, as another page would have had it signed; the signature does not fit any more."""
    data = json.loads(from_base64url(credential["response"]["clientDataJSON"]))
    text = base64url(json.dumps({**data, **changes}).encode())
    return {**credential, "response": {**credential["response"], "clientDataJSON": text}}


def flipped(text: str) -> str:
    raw = bytearray(from_base64url(text))
    raw[-1] ^= 1
    return base64url(bytes(raw))


def changed(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(credential: dict[str, Any]) -> dict[str, Any]:
        response = credential["response"]
        return {**credential, "response": {**response, name: flipped(response[name])}}

    return change


FORGED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "signature": changed("signature"),
    "authenticator data": changed("authenticatorData"),
    "user handle": changed("userHandle"),
    "another passkey": lambda each: {**each, "id": flipped(each["id"]), "rawId": flipped(each["id"])},
    "another id": lambda each: {**each, "id": flipped(each["id"])},
    "another page": lambda each: with_client_data(each, origin=EVIL),
    "another challenge": lambda each: with_client_data(each, challenge=base64url(b"c" * 56)),
    "a creation": lambda each: with_client_data(each, type="webauthn.create"),
    "within another page": lambda each: with_client_data(each, crossOrigin=True),
    "no client data": lambda each: {**each, "response": {**each["response"], "clientDataJSON": base64url(b"[]")}},
}


async def test_what_is_forged_is_refused_like_what_is_not_known(world: World, keychain: Keychain) -> None:
    """One answer for all: whether there is such an account, or such a passkey, cannot be told."""
    made, _way = await keychain.add()
    http, answers = world.browser(), {}
    for name, forge in FORGED.items():
        before = world.requests.count
        answer = await http.post("/api/passkeys/verify", json={"credential": forge(await keychain.signed(made))})
        answers[name] = answer.status_code, answer.content, world.requests.count - before
    assert set(answers.values()) == {(401, answers["signature"][1], 1)}
    assert (await keychain.sign_in(made, world.browser())).status_code == 200


async def test_a_signature_is_checked_for_passkeys_that_are_not_known_too(
    world: World, keychain: Keychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    import webauthn.authentication.verify_authentication_response as library  # noqa: PLC0415 - its own name in it

    made, _way = await keychain.add()
    checked: list[bool] = []
    verify = library.__dict__["verify_signature"]

    def count(**arguments: Any) -> None:
        checked.append(True)
        verify(**arguments)

    monkeypatch.setattr(library, "verify_signature", count)
    for name in ("signature", "user handle", "another passkey"):
        checked.clear()
        forged = FORGED[name](await keychain.signed(made))
        await world.browser().post("/api/passkeys/verify", json={"credential": forged})
        assert checked == [True], name


async def test_another_site_gets_no_passkey_signed_for_here(world: World, keychain: Keychain) -> None:
    """A page elsewhere that passes everything on: what its browser signs names that page."""
    made, _way = await keychain.add()
    there = Keychain(keychain.person, keychain.authenticator, origin=EVIL)
    answer = await world.browser().post("/api/passkeys/verify", json={"credential": await there.signed(made)})
    assert answer.status_code == 401
    headers = {"Host": "evil.example", "Origin": EVIL}
    body = {"credential": await there.signed(made)}
    answer = await world.browser().post("/api/passkeys/verify", json=body, headers=headers)
    assert answer.status_code == 401, "not even if it has its own name believed"
    for origin in ({"Origin": EVIL}, {"Origin": "null"}):
        answer = await world.browser().post("/api/passkeys/verify", json=body, headers=origin)
        assert answer.status_code == 403


async def test_who_was_not_verified_is_refused(world: World, keychain: Keychain) -> None:
    made, _way = await keychain.add()
    keychain.authenticator.verifies = False
    assert (await keychain.sign_in(made, world.browser())).status_code == 401
    _made, _way, told = await keychain.make()
    answer = await keychain.tell(told)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, NOT_A_PASSKEY)


async def test_a_copy_that_counts_by_itself_is_noticed(world: World, keychain: Keychain) -> None:
    made, _way = await keychain.add()
    for _ in range(3):
        assert (await keychain.sign_in(made, world.browser())).status_code == 200
    made.count = 1
    assert (await keychain.sign_in(made, world.browser())).status_code == 401
    await world.restart()
    keychain.person.http = world.browser()
    made.count = 2
    assert (await keychain.sign_in(made, world.browser())).status_code == 401, "the count is on the disk"
    made.count = 3
    assert (await keychain.sign_in(made, world.browser())).status_code == 200


async def test_a_passkey_that_does_not_count_costs_no_write(world: World, keychain: Keychain) -> None:
    keychain.authenticator.counts = False
    made, _way = await keychain.add()
    before = world.requests.count
    answer = await world.browser().post("/api/passkeys/verify", json={"credential": await keychain.signed(made)})
    assert (answer.status_code, world.requests.count - before) == (200, 1)


async def test_a_wrong_signature_counts_as_a_failed_sign_in(world: World, keychain: Keychain) -> None:
    made, _way = await keychain.add()
    http = world.browser()
    for _ in range(rate_limit.ACCOUNT.times):
        forged = FORGED["signature"](await keychain.signed(made))
        assert (await http.post("/api/passkeys/verify", json={"credential": forged})).status_code == 401
    assert (await keychain.sign_in(made, world.browser())).status_code == 429
    assert (await keychain.person.sign_in(http=world.browser())).status_code == 200, "the password is not held up"


@pytest.mark.parametrize(
    "content", [None, 5, [], {}, {"id": "x"}, {"id": "x", "response": 5}, {"id": "x" * 2000, "response": {}}]
)
async def test_what_is_no_signature_is_refused_in_a_sentence(world: World, content: object) -> None:
    answer = await world.http.post("/api/passkeys/verify", json={"credential": content})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-field")


@pytest.mark.parametrize("name", ["another page", "another challenge", "no client data", "another id"])
async def test_no_passkey_is_added_that_was_made_for_something_else(keychain: Keychain, name: str) -> None:
    _made, _way, told = await keychain.make()
    answer = await keychain.tell({**told, "credential": FORGED[name](told["credential"])})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, NOT_A_PASSKEY)
    nothing: list[object] = [None, 5, {}, {"response": {}}]
    for credential in nothing:
        assert (await keychain.tell({**told, "credential": credential})).status_code == 400
    assert len(await ways(keychain)) == 2


@pytest.mark.parametrize("fields", [{"name": None}, {"name": "laptop"}, {"iterations": 600_000}, {"salt": "AA=="}])
async def test_what_is_no_passkey_is_refused(keychain: Keychain, fields: dict[str, Any]) -> None:
    _made, _way, told = await keychain.make()
    assert (await keychain.tell({**told, **fields})).status_code == 400


async def test_the_same_passkey_is_added_once_and_a_repeated_request_is_answered_alike(keychain: Keychain) -> None:
    made, _way, told = await keychain.make()
    assert [(await keychain.tell(told)).status_code for _ in range(3)] == [200, 200, 200]
    assert len(await ways(keychain)) == 3
    again = Keychain(keychain.person, keychain.authenticator)
    _other, _way, second = await again.make()
    answer = await keychain.tell({**second, "id": told["id"]})
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, KNOWN)
    assert base64url(made.id) == (await ways(keychain))[-1]["credential"]


async def test_a_ninth_way_is_refused(keychain: Keychain) -> None:
    for _ in range(MAX_WAYS - 2):
        await keychain.add()
    _made, _way, told = await keychain.make()
    answer = await keychain.tell(told)
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, TOO_MANY)


async def test_adding_and_removing_end_no_session_and_other_accounts_have_none_of_it(
    world: World, keychain: Keychain
) -> None:
    other = world.browser()
    await keychain.person.sign_in(http=other)
    stranger = Keychain(await a_member(world, "other@hearth.example"), keychain.authenticator)
    made, way = await keychain.add()
    assert (await stranger.remove(way.id)).status_code == 200, "it has no such way: nothing is left to do"
    assert (await keychain.sign_in(made, world.browser())).status_code == 200
    assert (await keychain.remove(way.id)).status_code == 200
    assert (await other.get("/api/session")).status_code == 204


async def test_the_session_of_a_passkey_is_like_any_other(world: World, keychain: Keychain) -> None:
    made, way = await keychain.add()
    http = world.browser()
    answer = (await keychain.sign_in(made, http)).json()
    account, wrapped = answer["account"], answer["wrapped_master_key"]
    master = CIPHER.unwrap_key_now(way.credentials.wrapping, wrapped, master_place(account))
    device = Device(world, http, account, http.cookies[COOKIE], CryptographyKeyring(CIPHER, account, master))
    await device.connect()
    await device.take_until(WarmingComplete)
    device.open_all()


async def test_many_sign_in_at_once(world: World, keychain: Keychain) -> None:
    pairs = [await keychain.add() for _ in range(3)]
    answers = await asyncio.gather(*(keychain.sign_in(made, world.browser()) for made, _ in pairs for _ in range(3)))
    assert {answer.status_code for answer in answers} <= {200, 401}, "one that counts is used one after the other"
    assert sum(answer.status_code == 200 for answer in answers) >= 3
    assert len(await ways(keychain)) == 5


@pytest.mark.parametrize("change", ["add", "remove"])
async def test_a_server_that_dies_at_any_request_of_a_change(world: World, change: str) -> None:
    """The passkey opens the account, or it does not; the list says which; the password opens it in either case."""
    steps, finished = 0, False
    while not finished:
        keychain = Keychain(await a_member(world, f"person-{steps}@hearth.example"))
        made, way, told = await keychain.make()
        if change == "remove":
            assert (await keychain.tell(told)).status_code == 200
        await world.die_after(steps)
        answer = await (keychain.tell(told) if change == "add" else keychain.remove(way.id))
        finished = answer.status_code == 200 and world.requests.left != 0
        cookies = keychain.person.http.cookies
        await world.restart()
        keychain.person.http = world.browser()
        keychain.person.http.cookies = cookies
        is_open = (await keychain.sign_in(made, world.browser())).status_code == 200
        assert (way.id in [each["id"] for each in await ways(keychain)]) is is_open, steps
        if answer.status_code == 200:
            assert is_open is (change == "add"), "what was answered holds"
        assert (await keychain.person.sign_in(http=world.browser())).status_code == 200
        steps += 1
    assert steps >= 3


async def test_a_passkey_is_stored_without_anything_that_opens_it(world: World, keychain: Keychain) -> None:
    made, way = await keychain.add()
    row = next(row for row in await world.direct.search("users") if row["id"] == keychain.person.made.id)
    stored = json.dumps(row)
    secret = keychain.authenticator.prf(made, {"extensions": {"prf": {"eval": {"first": "AA"}}}})
    for each in (made.secret, secret, base64.b64decode(way.credentials.lookup_hash)):
        assert each.hex() not in stored
    assert way.credentials.lookup_hash not in stored
    password = next(each for each in row["ways"] if each["kind"] == "password")
    assert password.keys().isdisjoint({"credential", "public_key", "rp_id", "sign_count"}), "as older servers read it"
    assert row["ways"][-1]["rp_id"] == ORIGIN.removeprefix("http://")

"""The contract of the additive schema: a device that knows a field beside one that does not, both ways."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

from hearth.core.records.envelope import Place
from hearth.core.records.schema import KEY_FIELD, SPECS, Collection, FieldKind, Spec
from hearth.ports.keys import Cipher, Key, Keyring
from hearth.ports.records import Records
from hearth.ports.storage import Batch, Store
from tests.contracts import records

CHATS, MESSAGES, ENTRIES = Collection
SECRET = b"s" * 32
SPECIMENS = {CHATS: records.chat("a"), MESSAGES: records.message("a", 1), ENTRIES: records.entry("e")}

NEWER: dict[Collection, dict[str, FieldKind]] = {
    CHATS: {"colour": FieldKind.SEALED_OR_NULL, "archived_at": FieldKind.NUMBER_OR_NULL},
    MESSAGES: {"reactions": FieldKind.SEALED_OR_NULL},
    ENTRIES: {"icon": FieldKind.SEALED_OR_NULL},
}
"""Fields of a registry to come."""

NOT_SEALED: tuple[Any, ...] = (
    True,
    0,
    1.5,
    "",
    "yes",
    {},
    [],
    "plain text that nobody sealed, long enough to pass for it",
    "A note that begins as a sealed value does, and is as long",
    base64.b64encode(b"plain text that was only encoded, not sealed").decode(),
    records.SEALED[:48],
    records.SEALED[:-1],
    records.SEALED + "\n",
    records.SEALED[:-4] + "A===",
    records.SEALED[:-1] + "-",
    "AQ" + "\u00c4" * 62,
)
"""What a field that is not in the registry must not hold."""

BAD_NAMES = ("", "Colour", "__proto__", "1st", "col-our", "colour\n", "p" * 65)


class SchemaEnv(Protocol):
    """What a backend lends the cases."""

    @property
    def cipher(self) -> Cipher:
        """The cipher."""

    async def key(self, raw: bytes, key_id: bytes) -> Key:
        """A key of 32 given bytes that can seal, open, wrap and unwrap."""

    def keyring(self, account: str, master: Key) -> Keyring:
        """A keyring."""

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows as the backend's records."""

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """A backend's records as rows."""

    async def fresh(self) -> Store:
        """An empty store of an account of its own."""

    async def reopened(self, store: Store) -> Store:
        """The same account's store, closed and opened again."""

    def registry_changed(self) -> None:
        """The registry of fields is another one now."""

    def fits(self, collection: Collection, record: Any) -> bool:
        """Whether a record is taken in."""


@contextmanager
def newer_registry(env: SchemaEnv) -> Iterator[None]:
    """A device of later: its registry has the fields of `NEWER`."""
    specs = cast("dict[Collection, Spec]", SPECS)
    before = dict(specs)
    for collection, fields in NEWER.items():
        now = before[collection]
        specs[collection] = Spec(now.base, now.key_space, now.key_owner, {**now.optional, **fields})
    env.registry_changed()
    try:
        yield
    finally:
        specs.update(before)
        env.registry_changed()


async def case_a_sealed_field_that_is_not_known_is_taken_in_and_anything_else_is_not(env: SchemaEnv) -> None:
    for collection, row in SPECIMENS.items():
        for value in (records.SEALED, records.SEALED[:52], "Af" + "+/" * 24 + "A=", None):
            assert env.fits(collection, row | {"later": value}), value
        assert env.fits(collection, row | {"later": records.SEALED, "constructor": records.SEALED, "a_1": None})
        for bad in NOT_SEALED:
            assert not env.fits(collection, row | {"later": bad}), bad
        for name in BAD_NAMES:
            assert not env.fits(collection, row | {name: records.SEALED}), name
            assert not env.fits(collection, row | {name: None}), name


async def case_a_sealed_field_that_is_not_known_does_not_stand_in_for_one_that_is_missing(env: SchemaEnv) -> None:
    for collection, row in SPECIMENS.items():
        for name in row:
            less = {key: value for key, value in row.items() if key != name}
            assert not env.fits(collection, less | {"later": records.SEALED}), name


async def case_an_optional_field_may_be_absent_and_is_held_to_its_kind(env: SchemaEnv) -> None:
    with newer_registry(env):
        assert all(env.fits(collection, row) for collection, row in SPECIMENS.items())
        for value, good in ((5, True), (None, True), (-1, False), ("5", False), (records.SEALED, False)):
            assert env.fits(CHATS, SPECIMENS[CHATS] | {"archived_at": value}) is good
        for value, good in ((records.SEALED, True), (None, True), ("yes", False), (5, False)):
            assert env.fits(CHATS, SPECIMENS[CHATS] | {"colour": value}) is good
    assert not env.fits(CHATS, SPECIMENS[CHATS] | {"archived_at": 5}), "a clear field that is not known"


async def _tags(env: SchemaEnv, rows: dict[Collection, dict[str, Any]]) -> list[int]:
    ring = env.keyring("account", await env.key(b"m" * 32, b"master-1"))
    return [(await ring.fingerprint(SECRET, name, env.records([row]))).digest for name, row in rows.items()]


async def case_a_record_without_a_later_field_has_the_tag_that_it_always_had(env: SchemaEnv) -> None:
    before = await _tags(env, SPECIMENS)
    assert [f"{tag:032x}" for tag in before] == KNOWN
    for later in ({"later": None}, {}):
        assert await _tags(env, {name: row | later for name, row in SPECIMENS.items()}) == before
        with newer_registry(env):
            nulls = {name: row | later | dict.fromkeys(NEWER[name]) for name, row in SPECIMENS.items()}
            assert await _tags(env, nulls) == before


KNOWN = ["0587545ac5c2ed6186beb82a05393cf5", "29f163c053c7a98c1803108a573a02d8", "de45a50e068dd87e50b1777e798c3710"]
"""Computed with the registry of before there were optional fields."""


async def case_a_later_field_has_one_tag_on_a_device_that_knows_it_and_one_that_does_not(env: SchemaEnv) -> None:
    names = {CHATS: "colour", MESSAGES: "reactions", ENTRIES: "icon"}
    rows = {name: row | {"zeta": records.SEALED, names[name]: records.SEALED} for name, row in SPECIMENS.items()}
    older = await _tags(env, rows)
    with newer_registry(env):
        assert await _tags(env, rows) == older
        turned = {name: dict(reversed(row.items())) for name, row in rows.items()}
        assert await _tags(env, turned) == older
    assert await _tags(env, turned) == older


async def case_a_later_field_cannot_be_lost_changed_moved_or_made_up(env: SchemaEnv) -> None:
    other = "AR" + records.SEALED[2:]
    row = SPECIMENS[CHATS] | {"colour": records.SEALED, "zeta": other}
    lies = [
        SPECIMENS[CHATS],
        SPECIMENS[CHATS] | {"colour": records.SEALED},
        row | {"colour": None},
        row | {"colour": other},
        row | {"colour": other, "zeta": records.SEALED},
        row | {"zeta": None, "yeta": other},
        row | {"more": records.SEALED},
    ]
    (true,) = await _tags(env, {CHATS: row})
    for lie in lies:
        assert await _tags(env, {CHATS: lie}) != [true], lie
        with newer_registry(env):
            assert await _tags(env, {CHATS: lie}) != [true], lie


async def _newer_chat(env: SchemaEnv) -> tuple[Keyring, dict[str, Any]]:
    """A keyring, and a chat as a device of later wrote it."""
    master = await env.key(b"m" * 32, b"master-1")
    key, wrapped = await env.cipher.create_key(master, Place("account", CHATS.value, "a", KEY_FIELD))
    sealed = {
        name: await env.cipher.seal(key, f"the {name}", Place("account", CHATS.value, "a", name))
        for name in ("title", "colour")
    }
    return env.keyring("account", master), records.chat("a", 1, wrapped_key=wrapped, **sealed)


async def case_what_an_older_device_stored_opens_when_it_has_learnt_the_field(env: SchemaEnv) -> None:
    ring, chat = await _newer_chat(env)
    store = await env.fresh()
    assert env.fits(CHATS, chat)
    await store.apply(Batch({CHATS: env.records([chat])}))
    store = await env.reopened(store)
    assert env.rows(await store.chats()) == [chat], "as it came"
    (older,) = await ring.open_records(CHATS, await store.chats())
    assert older["texts"] == {"title": "the title", "draft": None, "pinned": None}
    assert older["faults"] == {}
    assert "colour" not in older["clear"]
    with newer_registry(env):
        (newer,) = await ring.open_records(CHATS, await store.chats())
    assert newer["texts"] == {"title": "the title", "draft": None, "pinned": None, "colour": "the colour"}
    assert newer["clear"]["archived_at"] is None


async def case_what_was_stored_before_there_was_the_field_opens_with_null(env: SchemaEnv) -> None:
    ring, chat = await _newer_chat(env)
    before = {name: value for name, value in chat.items() if name != "colour"}
    store = await env.fresh()
    await store.apply(Batch({CHATS: env.records([before])}))
    with newer_registry(env):
        (opened,) = await ring.open_records(CHATS, await store.chats())
        assert opened["texts"] == {"title": "the title", "draft": None, "pinned": None, "colour": None}
        assert opened["faults"] == {}
        assert opened["clear"]["archived_at"] is None


async def case_a_damaged_later_field_hides_no_other(env: SchemaEnv) -> None:
    ring, chat = await _newer_chat(env)
    raw = bytearray(base64.b64decode(chat["colour"]))
    raw[-1] ^= 1
    chat["colour"] = base64.b64encode(bytes(raw)).decode()
    (older,) = await ring.open_records(CHATS, env.records([chat]))
    assert older["faults"] == {}
    with newer_registry(env):
        (newer,) = await ring.open_records(CHATS, env.records([chat]))
    assert (newer["texts"]["title"], newer["faults"]) == ("the title", {"colour": "damaged"})


Case = Callable[[SchemaEnv], Awaitable[None]]
CASES: dict[str, Case] = {name: case for name, case in list(globals().items()) if name.startswith("case_")}

"""The contract of the ports `Cipher` and `Keyring`."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from hearth.core.errors import Damaged, SealError, UnknownFormat, WrongKey
from hearth.core.records import envelope
from hearth.core.records.envelope import Place
from hearth.core.records.schema import Collection
from hearth.ports.keys import Cipher, Key, Keyring
from hearth.ports.records import Records
from tests.contracts import records

CHATS, MESSAGES, ENTRIES = Collection
PLACE = Place("account", "chats", "chat", "title")
TEXTS = ("", "a", "Grüße, 世界 🔥 שלום", "x" * 100_000, "\0\ud7ff\U0010ffff")


class CryptoEnv(Protocol):
    """What a backend lends the cases."""

    @property
    def cipher(self) -> Cipher:
        """The cipher."""

    async def key(self, raw: bytes, key_id: bytes) -> Key:
        """A key of 32 given bytes that can seal, open, wrap and unwrap."""

    async def secret(self, raw: bytes) -> Key:
        """A secret of 32 given bytes, as a passkey's is."""

    def keyring(self, account: str, master: Key) -> Keyring:
        """A keyring."""

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows as the backend's records."""


async def _refused(env: CryptoEnv, key: Key, sealed: str, place: Place) -> type[SealError]:
    try:
        await env.cipher.open(key, sealed, place)
    except SealError as error:
        return type(error)
    raise AssertionError("it opened")


async def case_what_was_sealed_opens(env: CryptoEnv) -> None:
    key = await env.key(b"k" * 32, b"12345678")
    for text in TEXTS:
        assert await env.cipher.open(key, await env.cipher.seal(key, text, PLACE), PLACE) == text


async def case_every_encryption_has_a_nonce_of_its_own(env: CryptoEnv) -> None:
    key = await env.key(b"k" * 32, b"12345678")
    sealed = [envelope.split_sealed(await env.cipher.seal(key, "same", PLACE), key.id) for _ in range(200)]
    assert len({each.nonce for each in sealed}) == 200
    assert len({each.body for each in sealed}) == 200


async def case_a_value_opens_only_in_its_place(env: CryptoEnv) -> None:
    key = await env.key(b"k" * 32, b"12345678")
    sealed = await env.cipher.seal(key, "secret", PLACE)
    for place in (
        Place("other", "chats", "chat", "title"),
        Place("account", "messages", "chat", "title"),
        Place("account", "chats", "other", "title"),
        Place("account", "chats", "chat", "draft"),
        Place("accountc", "hats", "chat", "title"),
    ):
        assert await _refused(env, key, sealed, place) is Damaged


async def case_no_byte_can_be_changed(env: CryptoEnv) -> None:
    key = await env.key(b"k" * 32, b"12345678")
    raw = base64.b64decode(await env.cipher.seal(key, "secret", PLACE))
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        reason = await _refused(env, key, base64.b64encode(changed).decode(), PLACE)
        assert reason is (UnknownFormat if at == 0 else WrongKey if at < 9 else Damaged)
    for end in range(len(raw)):
        assert await _refused(env, key, base64.b64encode(raw[:end]).decode(), PLACE) in (UnknownFormat, Damaged)


async def case_another_key_is_told_from_damage(env: CryptoEnv) -> None:
    key = await env.key(b"k" * 32, b"12345678")
    sealed = await env.cipher.seal(key, "secret", PLACE)
    assert await _refused(env, await env.key(b"k" * 32, b"abcdefgh"), sealed, PLACE) is WrongKey
    assert await _refused(env, await env.key(b"j" * 32, b"12345678"), sealed, PLACE) is Damaged
    assert await _refused(env, key, "not base64!", PLACE) is UnknownFormat


async def case_a_key_is_made_once_and_read_often(env: CryptoEnv) -> None:
    master = await env.key(b"m" * 32, b"master-1")
    place = Place("account", "chats", "chat", "key")
    key, wrapped = await env.cipher.create_key(master, place)
    sealed = await env.cipher.seal(key, "secret", PLACE)
    for _ in range(2):
        again = await env.cipher.unwrap_key(master, wrapped, place)
        assert again.id == key.id
        assert await env.cipher.open(again, sealed, PLACE) == "secret"
    other, _ = await env.cipher.create_key(master, place)
    assert other.id != key.id


async def case_a_wrapped_key_is_bound_to_its_place_and_its_id(env: CryptoEnv) -> None:
    master = await env.key(b"m" * 32, b"master-1")
    place = Place("account", "chats", "chat", "key")
    _, wrapped = await env.cipher.create_key(master, place)
    raw = base64.b64decode(wrapped)
    renamed = base64.b64encode(raw[:9] + b"another1" + raw[17:]).decode()
    elsewhere = Place("account", "chats", "other", "key")
    for text, where, reason in (
        (renamed, place, Damaged),
        (wrapped, elsewhere, Damaged),
        ("AQ==", place, UnknownFormat),
    ):
        try:
            await env.cipher.unwrap_key(master, text, where)
        except SealError as error:
            assert type(error) is reason  # noqa: PT017 - these cases run without pytest, too
        else:
            raise AssertionError("it opened")


async def case_the_derivation_gives_known_answers(env: CryptoEnv) -> None:
    """Computed once with Python's hashlib.pbkdf2_hmac and an HKDF of hmac calls (RFC 5869), not with these adapters."""
    credentials = await env.cipher.derive("pässword".encode(), b"salt" * 8, 1000)
    assert credentials.lookup_hash == KNOWN_LOOKUP
    assert credentials.wrapping.id.hex() == KNOWN_ID
    sealed = await env.cipher.seal(await env.key(bytes.fromhex(KNOWN_WRAPPING), bytes.fromhex(KNOWN_ID)), "x", PLACE)
    assert await env.cipher.open(credentials.wrapping, sealed, PLACE) == "x"


async def case_the_derivation_from_a_secret_gives_known_answers(env: CryptoEnv) -> None:
    """Computed with an HKDF of hmac calls that gives RFC 5869's own answers (A.1), not with these adapters."""
    credentials = await env.cipher.derive_from_secret(await env.secret(bytes(range(32))), b"salt" * 8)
    assert credentials.lookup_hash == SECRET_LOOKUP
    assert credentials.wrapping.id.hex() == SECRET_ID
    key = await env.key(bytes.fromhex(SECRET_WRAPPING), credentials.wrapping.id)
    assert await env.cipher.open(credentials.wrapping, await env.cipher.seal(key, "x", PLACE), PLACE) == "x"
    other = await env.cipher.derive_from_secret(await env.secret(bytes(range(32))), b"other" * 7)
    assert other.lookup_hash != credentials.lookup_hash, "the salt counts"


SECRET_LOOKUP = "a8d6e8f6b95e3781fb5663d2ee417783b252a3b0cbbd4b6b38506b11223442dd"
SECRET_WRAPPING = "61d66663e8cfddb5346aa61774e72bf5a9a5046043d599152887e4eb1e1e517c"
SECRET_ID = "f798a9cc9c930750"

KNOWN_LOOKUP = "460bdf03f47a9da42140c2eba522d2af8752842d4f554efa5353879fd56947ac"
KNOWN_WRAPPING = "2abd8910e8a32ea1d68d306c4cc3d8e0851777c37fc69a85a88b971fa5cf4dc2"
KNOWN_ID = "b2eb64bfa77bde5b"


async def _account(env: CryptoEnv) -> tuple[Keyring, Key, dict[str, Any], list[dict[str, Any]]]:
    """A keyring, a chat's key, the chat's record and two messages."""
    master = await env.key(b"m" * 32, b"master-1")
    key, wrapped = await env.cipher.create_key(master, Place("account", "chats", "a", "key"))

    async def seal(collection: str, record: str, field: str, text: str) -> str:
        return await env.cipher.seal(key, text, Place("account", collection, record, field))

    chat = records.chat("a", wrapped_key=wrapped, title=await seal("chats", "a", "title", "Title"))
    messages = [
        records.message("a", n, content=await seal("messages", f"a-{n}", "content", f"text {n}")) for n in (1, 2)
    ]
    messages[0]["files"] = await seal("messages", "a-1", "files", "[]")
    return env.keyring("account", master), key, chat, messages


async def case_a_keyring_opens_records_in_their_order(env: CryptoEnv) -> None:
    ring, _, chat, messages = await _account(env)
    (opened,) = await ring.open_records(CHATS, env.records([chat]))
    assert opened["texts"] == {"title": "Title", "draft": None, "pinned": None}
    assert opened["clear"] == {
        key: value for key, value in chat.items() if key not in ("wrapped_key", "title", "draft")
    }
    assert opened["faults"] == {}
    both = await ring.open_records(MESSAGES, env.records(messages))
    assert [each["texts"]["content"] for each in both] == ["text 1", "text 2"]
    assert both[0]["texts"]["files"] == "[]"
    assert await ring.open_records(MESSAGES, env.records([])) == []


async def case_one_bad_field_never_stops_the_rest(env: CryptoEnv) -> None:
    ring, _, chat, messages = await _account(env)
    await ring.open_records(CHATS, env.records([chat]))
    swapped = messages[0] | {"content": messages[1]["content"]}
    foreign = messages[1] | {"content": records.SEALED}
    both = await ring.open_records(MESSAGES, env.records([swapped, foreign, messages[1]]))
    assert [each["faults"] for each in both] == [{"content": "damaged"}, {"content": "wrong-key"}, {}]
    assert both[0]["texts"] == {"content": None, "files": "[]", "embeds": None, "interrupted": None}


async def case_a_message_without_its_chats_key_says_so(env: CryptoEnv) -> None:
    ring, _, _, messages = await _account(env)
    (one,) = await ring.open_records(MESSAGES, env.records(messages[:1]))
    assert one["faults"] == {"content": "no-key", "files": "no-key"}


async def case_a_damaged_copy_of_a_key_does_not_take_the_good_one_away(env: CryptoEnv) -> None:
    ring, _, chat, messages = await _account(env)
    await ring.open_records(CHATS, env.records([chat]))
    raw = base64.b64decode(chat["wrapped_key"])
    broken = base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()
    await ring.open_records(CHATS, env.records([chat | {"wrapped_key": broken}]))
    (one,) = await ring.open_records(MESSAGES, env.records(messages[1:]))
    assert one["texts"]["content"] == "text 2"


async def case_a_key_that_does_not_open_is_told(env: CryptoEnv) -> None:
    ring, _, chat, _ = await _account(env)
    raw = base64.b64decode(chat["wrapped_key"])
    broken = base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()
    (opened,) = await ring.open_records(CHATS, env.records([chat | {"wrapped_key": broken}]))
    assert opened["faults"] == {"title": "damaged"}


async def case_settings_open_with_their_apps_key(env: CryptoEnv) -> None:
    master = await env.key(b"m" * 32, b"master-1")
    key, wrapped = await env.cipher.create_key(master, Place("account", ENTRIES.value, "mail", "key"))
    rows = []
    for name in ("e1", "mail"):
        sealed = await env.cipher.seal(key, f"{{{name}}}", Place("account", ENTRIES.value, name, "sealed"))
        rows.append(records.entry(name, app_id="mail", sealed=sealed, wrapped_key=wrapped if name == "mail" else None))
    opened = await env.keyring("account", master).open_records(ENTRIES, env.records(rows))
    assert [each["texts"]["sealed"] for each in opened] == ["{e1}", "{mail}"]


async def case_a_fingerprint_gives_known_answers(env: CryptoEnv) -> None:
    """Computed once with Python's hmac and json modules over literal texts, not with these adapters."""
    ring = env.keyring("account", await env.key(b"m" * 32, b"master-1"))
    rows = [
        records.message("a", 1),
        records.message('ä\u2028\n"\\', 2, content=None),
        records.message("a", 3, deleted_at=5),
    ]
    for count, digest, part in ((1, KNOWN_TAG, rows[:1]), (2, KNOWN_TAGS, rows[:2]), (2, KNOWN_TAGS, rows)):
        held = await ring.fingerprint(b"s" * 32, MESSAGES, env.records(part))
        assert (held.records, f"{held.digest:032x}") == (count, digest)
    assert await ring.fingerprint(b"s" * 32, MESSAGES, env.records([])) == (0, 0)
    other = await ring.fingerprint(b"t" * 32, MESSAGES, env.records(rows[:1]))
    assert f"{other.digest:032x}" != KNOWN_TAG


async def case_a_fingerprint_of_every_collection_is_its_own(env: CryptoEnv) -> None:
    ring = env.keyring("account", await env.key(b"m" * 32, b"master-1"))
    made = {CHATS: records.chat("a"), MESSAGES: records.message("a", 1), ENTRIES: records.entry("a")}
    held = {name: await ring.fingerprint(b"s" * 32, name, env.records([row])) for name, row in made.items()}
    assert {name.value: f"{each.digest:032x}" for name, each in held.items()} == KNOWN_OF_EACH


KNOWN_TAG = "29f163c053c7a98c1803108a573a02d8"
KNOWN_TAGS = "a9e68901b21f24ee207d71b09bb41d00"
KNOWN_OF_EACH = {
    "chats": "0587545ac5c2ed6186beb82a05393cf5",
    "messages": "29f163c053c7a98c1803108a573a02d8",
    "settings_and_memories": "b4642b4934ee9cd7b179997934e4e383",
}


async def case_rows_are_records_as_they_came(env: CryptoEnv) -> None:
    ring = env.keyring("account", await env.key(b"m" * 32, b"master-1"))
    rows = [records.message("ä", 1), records.message("a", 2, deleted_at=2**53 - 1, later=records.SEALED)]
    assert ring.rows(env.records(rows)) == rows
    ring.rows(env.records(rows))[0]["id"] = "changed"
    assert ring.rows(ring.records(rows)[1:2]) == rows[1:]
    assert rows[0]["id"] == "ä-1"


async def case_a_dropped_keyring_opens_nothing(env: CryptoEnv) -> None:
    ring, _, chat, _ = await _account(env)
    ring.drop()
    try:
        (opened,) = await ring.open_records(CHATS, env.records([chat]))
    except Exception:  # noqa: BLE001 - each backend may refuse in its own way
        return
    assert opened["texts"]["title"] is None


async def case_an_entry_is_sealed_with_its_apps_key(env: CryptoEnv) -> None:
    cipher, master = env.cipher, await env.key(b"k" * 32, b"12345678")
    keyring = env.keyring("account", master)
    assert await keyring.seal_field(ENTRIES, "app", "entry", "sealed", "text") is None, "its key is not here"
    _key, wrapped = await cipher.create_key(master, Place("account", ENTRIES.value, "app", "key"))
    app = records.entry("app", app_id="app", wrapped_key=wrapped, sealed=None)
    await keyring.open_records(ENTRIES, env.records([app]))
    for text in TEXTS:
        sealed = await keyring.seal_field(ENTRIES, "app", "entry", "sealed", text)
        entry = records.entry("entry", app_id="app", sealed=sealed)
        (opened,) = await keyring.open_records(ENTRIES, keyring.records([entry]))
        assert (opened["texts"]["sealed"], opened["faults"]) == (text, {})
        (moved,) = await keyring.open_records(ENTRIES, keyring.records([{**entry, "id": "other"}]))
        assert moved["faults"] == {"sealed": "damaged"}


async def case_a_new_chats_key_seals_its_fields_and_its_messages(env: CryptoEnv) -> None:
    master = await env.key(b"k" * 32, b"12345678")
    keyring, other = env.keyring("account", master), env.keyring("account", master)
    wrapped = await keyring.create_key(CHATS, "c1")
    title = await keyring.seal_field(CHATS, "c1", "c1", "title", "Ein Titel ✓")
    content = await keyring.seal_field(MESSAGES, "c1", "c1-1", "content", "Hello")
    assert title != await keyring.seal_field(CHATS, "c1", "c1", "title", "Ein Titel ✓"), "each has a nonce of its own"
    chat = records.chat("c1", title=title, wrapped_key=wrapped)
    message = records.message("c1", 1, content=content)
    for ring in (keyring, other):
        (opened,) = await ring.open_records(CHATS, env.records([chat]))
        assert (opened["texts"]["title"], opened["faults"]) == ("Ein Titel ✓", {})
        (opened,) = await ring.open_records(MESSAGES, env.records([message]))
        assert (opened["texts"]["content"], opened["faults"]) == ("Hello", {})
    assert await keyring.seal_field(MESSAGES, "unknown", "m", "content", "text") is None


async def case_what_is_kept_on_the_device_opens_under_its_name_only(env: CryptoEnv) -> None:
    keyring = env.keyring("account", await env.key(b"k" * 32, b"12345678"))
    content = bytes(range(256)) * 5_000
    sealed = await keyring.seal_kept("1", content)
    assert await keyring.open_kept("1", sealed) == content
    assert await keyring.open_kept("1", await keyring.seal_kept("1", b"")) == b""
    other_account = env.keyring("other", await env.key(b"k" * 32, b"12345678"))
    other_key = env.keyring("account", await env.key(b"l" * 32, b"12345678"))
    other_id = env.keyring("account", await env.key(b"k" * 32, b"87654321"))
    for ring, name in ((keyring, "2"), (other_account, "1"), (other_key, "1"), (other_id, "1")):
        await _does_not_open(ring, name, sealed)
    await _does_not_open(keyring, "1", None)
    keyring.drop()
    await _does_not_open(keyring, "1", sealed)


async def _does_not_open(keyring: Keyring, name: str, sealed: Any) -> None:
    try:
        await keyring.open_kept(name, sealed)
    except SealError:
        return
    raise AssertionError("it opened")


Case = Callable[[CryptoEnv], Awaitable[None]]
CASES: dict[str, Case] = {name: case for name, case in list(globals().items()) if name.startswith("case_")}

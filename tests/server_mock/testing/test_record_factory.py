"""Records as a device writes them: sealed with the account's own keys, whole by the registry, and opened again."""

from __future__ import annotations

import random

import pytest

from hearth.core.errors import SealError
from hearth.core.records.schema import Collection, check_record
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.testing.record_factory import Author

CHATS, MESSAGES, ENTRIES = Collection
SERVER_ONLY = {"hashed_user_id"}


def author(seed: int = 1) -> tuple[Author, dict[str, object]]:
    return Author.sign_up("a@b", "correct horse", random.Random(seed).randbytes, created_at=5, iterations=1)


def test_the_same_seed_makes_the_same_account() -> None:
    assert author()[1] == author()[1]
    assert author()[1] != author(2)[1]


def test_only_the_right_password_opens_an_account() -> None:
    made, row = author()
    again = Author.sign_in(row, "correct horse", random.Random(2).randbytes)
    assert (again.account, again.hashed_id) == (made.account, made.hashed_id)
    with pytest.raises(SealError):
        Author.sign_in(row, "wrong", random.Random(2).randbytes)


async def test_chats_and_messages_open_with_the_accounts_key() -> None:
    writer, _ = author()
    chat, key = writer.chat("Travels", at=1, last_updated=9, draft="to be")
    message = writer.message(key, str(chat["id"]), "Hello", role="user", at=3, files=[{"name": "a"}])
    keyring = CryptographyKeyring(CryptographyCipher(), writer.account, writer.master)
    (of_chat,) = await keyring.open_records(CHATS, [chat])
    (of_message,) = await keyring.open_records(MESSAGES, [message])
    assert (of_chat["texts"]["title"], of_chat["texts"]["draft"]) == ("Travels", "to be")
    assert of_message["texts"]["content"] == "Hello"
    assert (of_chat["faults"], of_message["faults"]) == ({}, {})
    assert "Hello" not in str(message)


def test_every_row_is_whole_by_the_registry() -> None:
    writer, _ = author()
    chat, key = writer.chat("Travels", at=1, last_updated=9)
    app, _ = writer.app("Mail", at=1)
    rows = {CHATS: chat, MESSAGES: writer.message(key, str(chat["id"]), "x", role="user", at=1), ENTRIES: app}
    for collection, row in rows.items():
        seen = {name: value for name, value in row.items() if name not in SERVER_ONLY}
        assert check_record(collection, seen) is None, collection

"""The demo data of the tests: made for a noon that is fixed, and opened."""

from __future__ import annotations

from hearth.core.records.schema import Collection
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.demo import accounts
from server_mock.demo.accounts import DemoAccountMaker, Plan
from server_mock.directus.schema import COLLECTIONS, Row
from server_mock.testing.record_factory import Author

DAY_MS = 24 * 3600 * 1000
NOON_MS = 1_800_000_000_000 // DAY_MS * DAY_MS + DAY_MS // 2
Rows = dict[str, list[Row]]


def made(
    chats: int = 30, messages: int = 40, seed: int = 1, now_ms: int = NOON_MS, email: str = accounts.EMAIL
) -> Rows:
    plan = Plan(email, accounts.PASSWORD, seed, chats, messages, now_ms, iterations=1)
    rows: Rows = {name: [] for name in COLLECTIONS}
    for name, each in DemoAccountMaker(plan).rows():
        rows[name] += each
    return rows


def opened(rows: Rows) -> dict[Collection, list[dict[str, str | None]]]:
    """The texts of every record; nothing may fail to open."""
    user = rows["users"][0]
    author = Author.sign_in(user, accounts.PASSWORD, bytes)
    keyring = CryptographyKeyring(CryptographyCipher(), user["id"], author.master)
    texts = {}
    for collection in Collection:
        answers = keyring.open_records_now(collection, rows[collection.value])
        assert not [each["faults"] for each in answers if each["faults"]]
        texts[collection] = [each["texts"] for each in answers]
    return texts

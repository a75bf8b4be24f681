"""The demo accounts: the same for the same seed, and really sealed."""

from __future__ import annotations

import json

from hearth.core.records.schema import SPECS, Collection, check_record
from server_mock.demo import accounts
from server_mock.directus.schema import COLLECTIONS
from tests.server_mock.demo.made import DAY_MS, made, opened

CHATS, MESSAGES, SETTINGS = Collection


def test_the_same_seed_makes_the_same_data() -> None:
    assert made(chats=5) == made(chats=5)


def test_another_seed_or_address_makes_other_data() -> None:
    ids = [
        {row["id"] for each in made(chats=3, seed=seed, email=email).values() for row in each}
        for seed, email in ((1, accounts.EMAIL), (2, accounts.EMAIL), (1, accounts.GUEST_EMAIL))
    ]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_every_row_fits_the_schema_and_the_registry() -> None:
    for name, rows in made(chats=12).items():
        for row in rows:
            # What the server notes once there is something: mutations that were written, changed ways in, a deletion.
            assert row.keys() == COLLECTIONS[name].keys() - {"answered", "ways", "ending", "deleting"}
            if name != "users":
                collection = Collection(name)
                record = {field: row[field] for field in SPECS[collection].fields}
                assert check_record(collection, record) is None


def test_the_default_account_shows_everything() -> None:
    rows = made(chats=120)
    texts = opened(rows)
    assert 4_000 < len(rows["messages"]) < 6_000
    newest_first = sorted(rows["chats"], key=lambda row: -row["last_updated"])
    assert rows["users"][0]["last_opened"] == newest_first[3]["id"]
    assert newest_first[0]["last_updated"] - newest_first[-1]["last_updated"] > 150 * DAY_MS
    assert len({each["title"] for each in texts[CHATS]}) == 120
    assert sum(each["draft"] is not None for each in texts[CHATS]) > 10
    contents = [each["content"] or "" for each in texts[MESSAGES]]
    assert max(map(len, contents)) > 20_000
    assert "" in contents
    everything = "\n".join(contents)
    for part in ("## ", "\n- ", "\n  - ", "- [x] ", "\n1. ", "| --- |", "```python", "```sql", "> ", "](https://"):
        assert part in everything
    for part in ("**", "*", "🍲", "السوق", "סבתא", "京都", "谢谢"):
        assert part in everything
    assert '"title"' not in everything
    files = [json.loads(each["files"]) for each in texts[MESSAGES] if each["files"]]
    embeds = [json.loads(each["embeds"]) for each in texts[MESSAGES] if each["embeds"]]
    assert len(files) > 20
    assert len(embeds) > 20
    assert all(each.keys() == {"name", "type", "size", "text"} for row in files for each in row)
    assert all(each.keys() == {"url", "title", "description"} for row in embeds for each in row)
    entries = [json.loads(each["sealed"] or "") for each in texts[SETTINGS]]
    assert len([each for each in entries if each.keys() == {"name"}]) >= 8
    assert {each["kind"] for each in entries if "kind" in each} == {"setting", "memory"}


def test_nothing_on_the_disk_can_be_read() -> None:
    rows = made(chats=12)
    disk = json.dumps(rows)
    shown = [text for each in opened(rows).values() for texts in each for text in texts.values() if text]
    assert not [text for text in shown if len(text) > 3 and text in disk]
    assert accounts.EMAIL not in disk
    assert accounts.PASSWORD not in disk

"""Changes as another device makes them: each opens on a device, and bad ones are refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from hearth.core.protocol.server_events import WarmingComplete
from hearth.core.records.drafts import draft_id
from hearth.core.records.schema import Collection
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.directus.client import DirectusBroken
from tests.server_mock.testing.test_control import BAD
from tests.server_mock.world import World, a_world, warm

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=4)
        await world.seed(chats=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
        yield world


async def test_every_change_opens_on_a_device(world: World) -> None:
    device = await warm(world)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    await world.change(
        add_message={"chat_id": chats[1], "text": "an answer", "role": "assistant"},
        rename_chat={"chat_id": chats[1], "title": "a new title"},
        set_draft={"chat_id": chats[2], "text": "half a thought"},
        add_chat={"title": "a new chat", "messages": ["first", "second"]},
        set_setting={"app": "A new app", "name": "a name", "value": "a value", "kind": "memory"},
    )
    await world.change(set_setting={"app": "A new app", "name": "a name", "value": "another value"})
    await world.change(delete_chat={"chat_id": chats[0]})
    await world.change(delete_setting={"app": "Mail", "name": "Signature"})
    for _ in range(8):
        await device.take()
    await device.assert_equals_server()
    texts = device.open_all()
    assert {"a new title", "a new chat"} <= set(texts[CHATS])
    assert {"an answer", "first", "second", "half a thought"} <= set(texts[MESSAGES])
    entries = [json.loads(text) for text in texts[SETTINGS]]
    assert {"name": "A new app"} in entries
    assert {"kind": "setting", "name": "a name", "value": "another value"} in entries
    assert "Signature" not in {entry["name"] for entry in entries}
    await world.change(set_draft={"chat_id": chats[2], "text": None})
    await device.take()
    assert "half a thought" not in device.open_all()[MESSAGES]


async def test_a_draft_is_a_record_of_its_own_and_no_message(world: World) -> None:
    device = await warm(world)
    before = await world.account()
    chat = before["chats"][0]
    for text in ("half a thought", "a whole one"):
        touched = await world.change(set_draft={"chat_id": chat["id"], "text": text})
        assert touched == {"chats": [chat["id"]], "messages": [draft_id(chat["id"])]}
        await device.take()
        assert text in device.open_all()[MESSAGES]
    assert await world.account() == before
    row = device.records(MESSAGES)[draft_id(chat["id"])]
    assert (row["role"], row["created_at"], row["version"]) == ("draft", 0, 2)
    assert device.records(CHATS)[chat["id"]]["changed_at"] == row["changed_at"]
    response = await world.http.post("/control/changes", json={"delete_message": {"message_id": row["id"]}})
    assert response.status_code == 400
    await device.assert_equals_server()


async def test_a_draft_of_an_older_device_is_cleared_with_the_next_one(world: World) -> None:
    device = await warm(world)
    (chat,) = (await world.change(add_chat={"title": "older", "draft": "half a thought"}))["chats"]
    await device.take()
    await world.change(set_draft={"chat_id": chat, "text": "a whole one"})
    await device.take()
    row = device.records(CHATS)[chat]
    assert (row["version"], row["draft"]) == (2, None)
    assert "a whole one" in device.open_all()[MESSAGES]


async def test_a_chat_is_pinned_and_a_message_deleted(world: World) -> None:
    device = await warm(world)
    chat = (await world.account())["chats"][1]
    await world.change(pin_chat={"chat_id": chat["id"], "pinned": True})
    await world.change(delete_message={"message_id": chat["messages"][0]})
    for _ in range(2):
        await device.take()
    assert device.records(CHATS)[chat["id"]]["pinned"]
    assert chat["messages"][0] not in device.records(MESSAGES)
    assert device.tables[MESSAGES][chat["messages"][0]]["content"] is None
    after = next(each for each in (await world.account())["chats"] if each["id"] == chat["id"])
    assert after["messages"] == chat["messages"][1:]
    await world.change(pin_chat={"chat_id": chat["id"], "pinned": False})
    await device.take()
    assert device.records(CHATS)[chat["id"]]["pinned"] is None
    await device.assert_equals_server()


async def test_the_last_updated_chat_is_meant_when_none_is_named(world: World) -> None:
    newest = (await world.account())["chats"][0]["id"]
    assert await world.change(rename_chat={"title": "x"}) == {"chats": [newest]}
    added = await world.change(add_chat={"title": "newest now"})
    assert await world.change(delete_chat=None) == {"chats": added["chats"]}


async def test_another_account_may_be_named(world: World) -> None:
    touched = await world.change(email=GUEST_EMAIL, add_message={"text": "for the guest"})
    device = await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    await device.connect()
    await device.take_until(WarmingComplete)
    assert touched["messages"][0] in device.records(MESSAGES)
    assert "for the guest" in device.open_all()[MESSAGES]


async def test_what_a_deleted_chat_held_is_not_kept(world: World) -> None:
    chat = (await world.account())["chats"][0]
    await world.change(delete_chat=chat["id"])
    row = await world.direct.read("chats", chat["id"])
    assert row is not None
    assert row["deleted_at"] is not None
    assert (row["title"], row["draft"], row["wrapped_key"]) == (None, None, None)
    messages = await world.direct.search("messages", filter={"chat_id": {"_eq": chat["id"]}})
    assert len(messages) == chat["message_count"]
    assert {(each["content"], each["files"], each["embeds"]) for each in messages} == {(None, None, None)}
    assert all(each["deleted_at"] for each in messages)


@pytest.mark.parametrize("body", BAD)
async def test_bad_changes_are_refused_in_a_sentence(world: World, body: Mapping[str, Any]) -> None:
    before = await world.account()
    response = await world.http.post("/control/changes", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["message"].endswith(".")
    assert await world.account() == before


async def test_somebody_elses_chat_is_not_changed(world: World) -> None:
    theirs = (await world.account(1))["chats"][0]["id"]
    response = await world.http.post("/control/changes", json={"delete_chat": theirs})
    assert response.status_code == 400
    assert (await world.account(1))["chats"][0]["id"] == theirs


async def test_a_change_that_directus_refuses_is_told_and_leaves_no_gap(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = await warm(world)
    await device.disconnect()
    writes = world.direct.update_each

    async def failing(*arguments: Any) -> int:
        raise DirectusBroken("Directus failed.")

    monkeypatch.setattr(world.direct, "update_each", failing)
    response = await world.http.post("/control/changes", json={"add_message": {"text": "half written"}})
    assert response.status_code == 502
    monkeypatch.setattr(world.direct, "update_each", writes)
    # Nobody knows what is on the disk: Directus is asked.
    world.services.client.log.reset()
    await device.connect()
    await device.take()
    assert len(world.log()) >= 2

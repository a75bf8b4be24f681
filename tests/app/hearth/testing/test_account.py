"""The account in memory: the example of a test holds, and devices find what the others wrote."""

from __future__ import annotations

from examples.tested import test_chat as example
from hearth.engine.intents import NewChat, OpenChat, RenameChat, SendMessage, TypeDraft
from hearth.ports.network import SocketClosed
from hearth.testing.account import FakeAccount

test_a_message_goes_from_one_device_to_the_other = example.test_a_message_goes_from_one_device_to_the_other
test_a_chat_begins_with_its_first_message = example.test_a_chat_begins_with_its_first_message


async def test_more_chats_than_the_recent_ones_come_with_their_messages() -> None:
    account = FakeAccount()
    chats = [account.add_chat(f"Chat {number}", f"First of {number}") for number in range(13)]
    engine, page = await example.signed_in(account)
    assert sum(len(group.items) for group in page.screen.groups) == len(chats)
    engine.post(OpenChat(chats[0]))
    screen = await page.until(lambda screen: screen.chat and screen.chat.id == chats[0] and screen.chat.messages)
    assert screen.chat
    assert [message.text for message in screen.chat.messages] == ["First of 0"]


async def test_changes_come_live_and_with_the_next_connection() -> None:
    account = FakeAccount()
    chat = account.add_chat("Groceries", "Milk")
    (phone, _), (_, desk) = await example.signed_in(account), await example.signed_in(account)
    phone.post(RenameChat(chat, "Shopping"))
    await desk.until(lambda screen: screen.groups[0].items[0].title == "Shopping")
    account.sockets[-1].fail(SocketClosed())
    await desk.until(lambda screen: screen.status.sentence != "Up to date")
    phone.post(SendMessage(chat, "Bread"))
    screen = await desk.until(lambda screen: screen.chat and len(screen.chat.messages) == 2)
    assert screen.chat
    assert [message.text for message in screen.chat.messages] == account.texts() == ["Milk", "Bread"]


async def test_a_new_chat_may_have_a_title_of_its_own() -> None:
    account = FakeAccount()
    engine, page = await example.signed_in(account)
    engine.post(NewChat("Shopping\nlist"))
    screen = await page.until(lambda screen: screen.chat and screen.chat.is_new)
    assert screen.chat
    assert screen.chat.title == "Shopping list"
    engine.post(TypeDraft(screen.chat.id, "Mil"))
    engine.post(SendMessage(screen.chat.id, "Milk"))
    screen = await page.until(lambda screen: account.texts() and not screen.unsent)
    assert [item.title for group in screen.groups for item in group.items] == ["Shopping list"]

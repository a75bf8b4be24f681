"""The engine in a test, without a browser and without a server: `pytest examples/tested`."""

import asyncio

from hearth.engine.engine import Engine
from hearth.engine.intents import NewChat, SendMessage, SignIn
from hearth.testing.account import FakeAccount
from hearth.testing.page import FakePage


async def signed_in(account: FakeAccount) -> tuple[Engine, FakePage]:
    """The engine of a device that is signed in, and its page."""
    page = FakePage()
    engine = Engine(account.device(), page)
    asyncio.get_running_loop().create_task(engine.run())
    engine.post(SignIn(account.email, account.password))
    await page.until(lambda screen: screen.status.sentence == "Up to date")
    return engine, page


async def test_a_message_goes_from_one_device_to_the_other() -> None:
    account = FakeAccount()
    chat = account.add_chat("Groceries", "Milk", "Bread")
    (phone, _), (_, desk) = await signed_in(account), await signed_in(account)
    assert [message.text for message in desk.screen.chat.messages] == ["Milk", "Bread"]

    phone.post(SendMessage(chat, "Apples"))
    screen = await desk.until(lambda screen: len(screen.chat.messages) == 3)

    assert screen.chat.messages[-1].text == "Apples"
    assert account.texts() == ["Milk", "Bread", "Apples"]
    assert "Apples" not in str(account.rows)  # the server has ciphertext


async def test_a_chat_begins_with_its_first_message() -> None:
    account = FakeAccount()
    engine, page = await signed_in(account)
    engine.post(NewChat())
    screen = await page.until(lambda screen: screen.chat and screen.chat.is_new)
    engine.post(SendMessage(screen.chat.id, "Hello"))
    screen = await page.until(lambda screen: account.texts() and not screen.unsent)
    assert [chat.title for group in screen.groups for chat in group.items] == account.texts() == ["Hello"]

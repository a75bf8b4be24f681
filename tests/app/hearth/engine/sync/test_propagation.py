"""What follows from a stored frame: settings, and the open chat being deleted."""

from __future__ import annotations

from hearth.core.protocol.server_events import (
    Changes,
)
from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.chats import ShowSettings
from tests.app.hearth.engine.journey import Journey
from tests.contracts.records import tombstone


async def test_the_open_chat_being_deleted_says_so(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.deliver(Changes(since="100", stamp="101"), chats=[tombstone("a")])
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.GONE)


async def test_settings_are_grouped_and_follow_changes(journey: Journey) -> None:
    await journey.sign_in()
    journey.engine.post(ShowSettings(True))
    await journey.until(lambda: journey.screen.settings_open)
    assert not journey.screen.settings_ready
    journey.warm()
    await journey.until(lambda: journey.screen.settings_ready)
    (mail,) = journey.screen.settings
    assert (mail.name, mail.entries[0].name, mail.entries[0].value) == ("Mail", "Signature", "Yours")
    await journey.current()
    change = journey.account.setting("mail", "e1", "Signature", "Cheers", 2)
    journey.deliver(Changes(since="100", stamp="101"), entries=[change])
    await journey.until(lambda: journey.screen.settings[0].entries[0].value == "Cheers")
    journey.engine.post(ShowSettings(False))
    await journey.until(lambda: not journey.screen.settings_open)
    assert journey.screen.settings == ()

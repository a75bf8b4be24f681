"""What other tabs say of sign-ins and sign-outs, of this account and of others."""

from __future__ import annotations

import json

from hearth.core.protocol.server_events import (
    ErrorCode,
    ServerError,
    SessionEnd,
)
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.screen import Phase
from hearth.engine.auth.notices import ANOTHER_ACCOUNT, SESSION_OVER
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.chats import OpenChat
from hearth.engine.queue_items import TabMessage
from hearth.engine.session import EVICTED
from tests.app.hearth.engine.journey import Open
from tests.app.hearth.engine.tabs.test_role import pair


async def test_signing_out_in_one_tab_signs_out_all_of_the_account_and_nobody_else(opened: Open) -> None:
    owner, follower = await pair(opened)
    stranger = json.dumps({"say": "signed-out"})
    follower.engine.post(TabMessage(stranger))
    follower.engine.post(TabMessage(tab_messages.write(tab_messages.SignedOut(account="other"))))
    follower.engine.post(OpenChat("c"))
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.id == "c")
    follower.engine.post(SignOut())
    await owner.until(lambda: owner.screen.phase is Phase.SIGNED_OUT)
    await follower.until(lambda: "signed-out" in follower.device.marks)
    assert owner.device.disks == {}
    assert owner.device.tabs.browser.lines[owner.account.id] == []


async def test_a_session_that_the_server_ended_is_explained_in_every_tab(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.deliver(ServerError(code=ErrorCode.SESSION, message="over", reason=SessionEnd.REVOKED))
    await follower.until(lambda: follower.screen.notice == SESSION_OVER)
    await owner.until(lambda: owner.screen.notice == SESSION_OVER)


async def test_storage_taken_away_from_all_tabs_is_filled_by_one(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.device.disks.clear()
    for tab in (owner, follower):
        assert tab.device.on_gone
        tab.device.on_gone(False)
    await owner.until(lambda: len(owner.device.sockets) + len(follower.device.sockets) == 2)
    filling = owner if len(owner.device.sockets) == 2 else follower
    await filling.greeted(len(filling.device.sockets))
    filling.warm()
    for tab in (owner, follower):
        await tab.until(lambda tab=tab: tab.screen.status.sentence == f"Up to date. {EVICTED}")  # type: ignore[misc]
    assert owner.titles() == follower.titles() == ["Beta", "Gamma", "Alpha"]
    assert len(owner.device.sockets) + len(follower.device.sockets) == 2


async def test_the_latest_sign_in_is_the_one_that_stays(opened: Open) -> None:
    owner, _ = await pair(opened)
    owner.engine.post(TabMessage(tab_messages.write(tab_messages.SignedIn(account="other", at=1))))
    owner.engine.post(OpenChat("b"))
    await owner.until(lambda: owner.screen.chat and owner.screen.chat.id == "b")
    owner.engine.post(TabMessage(tab_messages.write(tab_messages.SignedIn(account="other", at=2**50))))
    await owner.until(lambda: owner.screen.notice == ANOTHER_ACCOUNT)
    assert owner.titles() == []

"""The plugin's fixtures on the real page: they are what these journeys use, and what others get."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import Page, expect

from hearth_testing import journey
from hearth_testing.control import Account, HearthServer
from hearth_testing.directus import Directus


def test_two_devices_of_an_account_with_faults_and_a_count_of_requests(
    account: Callable[..., Account],
    page: Page,
    sign_in: Callable[..., Page],
    device: Callable[..., Page],
    hearth_server: HearthServer,
    faults: Callable[..., AbstractContextManager[None]],
    directus: Directus,
    wait_for: Callable[..., float],
) -> None:
    mine = account(chats=3, messages=4)
    sign_in(page)
    directus.assert_requests(at_most=5)
    phone = device("phone")
    assert phone.viewport_size == {"width": 390, "height": 844}
    expect(journey.chats(page)).to_have_count(3)
    journey.open_chat(page, mine.chats[0]["title"])
    hearth_server.change(add_message={"text": "Hello from elsewhere", "chat_id": mine.chats[0]["id"]})
    expect(journey.messages(page).last).to_contain_text("Hello from elsewhere")
    with faults(directus_status=503):
        blank = device("laptop", signed_in=False)
        journey.sign_in(blank, hearth_server, until="signed-in")
    assert wait_for("up-to-date", blank) > wait_for("signed-in", blank)

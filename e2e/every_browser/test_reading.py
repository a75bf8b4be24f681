"""Reading: chats are opened, searched, and there without a network."""

from __future__ import annotations

from e2e.driver.tab import Role, Tab
from e2e.every_browser.steps import (
    HEADING,
    MESSAGE,
    RESULT,
    SEARCH,
    STATUS,
    chat,
    count,
    open_chat,
    sign_in,
    title_with_messages,
)
from hearth_testing.server import Hearth


def test_chats_are_found_follow_what_changes_and_are_there_without_a_network(tab: Tab, fresh: Hearth) -> None:
    """One sign-in for all three: a browser's start and the sign-in take longer than the rest."""
    fresh.change(add_chat={"title": "Packing list", "messages": ["The kettle in the hut is broken: Größenwahn"]})
    sign_in(tab, fresh, until="search-ready")
    a_result_of_the_search_opens_its_chat(tab, fresh)
    what_changes_elsewhere_appears(tab, fresh)
    with_the_network_gone_chats_open_and_a_start_shows_what_is_here(tab, fresh)


def a_result_of_the_search_opens_its_chat(tab: Tab, fresh: Hearth) -> None:
    open_chat(tab, fresh.account()["chats"][3]["title"])
    tab.fill(SEARCH, "grossenw")
    (result,) = count(tab, RESULT, 1)
    assert "The kettle in the hut is broken: Größenwahn" in result.text
    tab.click(Role("link", within=RESULT))
    tab.wait_for(HEADING, "Packing list")
    tab.wait_for(MESSAGE, "Größenwahn")
    tab.fill(SEARCH, "xqzzyw")
    count(tab, RESULT, 0)
    tab.reload()
    tab.wait_for_mark("search-ready")
    tab.fill(SEARCH, "grossenw")
    count(tab, RESULT, 1)
    tab.reload()  # the list comes back
    tab.wait_for_mark("up-to-date")


def what_changes_elsewhere_appears(tab: Tab, fresh: Hearth) -> None:
    here = next(each for each in fresh.account()["chats"] if each["title"] == "Packing list")
    fresh.change(add_message={"chat_id": here["id"], "text": "Pushed while you look"})
    tab.wait_for(MESSAGE, "Pushed while you look")
    fresh.change(rename_chat={"chat_id": here["id"], "title": "A new name"})
    tab.wait_for(HEADING, "A new name")
    fresh.change(delete_chat=here["id"])
    tab.wait_until(chat("A new name"), lambda found: not found)


def with_the_network_gone_chats_open_and_a_start_shows_what_is_here(tab: Tab, fresh: Hearth) -> None:
    chats, title = fresh.account()["chats"], title_with_messages(fresh)
    tab.wait_for_script("() => navigator.serviceWorker.controller !== null")
    fresh.stop()
    tab.wait_for(STATUS, "Offline")
    for each in chats[:12]:
        open_chat(tab, each["title"])
        if each["messages"]:
            tab.wait_for(MESSAGE)
    open_chat(tab, title)
    tab.reload()
    tab.wait_for(HEADING, title)
    tab.wait_for(MESSAGE)
    tab.wait_for(STATUS, "Offline")

"""What cannot be sent, or not yet: too long, deleted elsewhere meanwhile, or in the last tab that is closed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Dialog, Page, expect

from e2e.test_writing import box, button, choose, last, open_first
from hearth_testing import journey
from hearth_testing.server import Hearth

WARNS = """
async () => {
  while (dispatchEvent(new Event("beforeunload", { cancelable: true }))) await new Promise(requestAnimationFrame);
}
"""
"""Waits until the page would have the browser ask before it is closed."""


def message_ids(hearth: Hearth) -> set[str]:
    """The messages of the newest chat, as the server has them."""
    return set(hearth.account()["chats"][0]["messages"])


def test_a_long_text_arrives_and_what_is_too_long_is_said(page: Page, browser: Browser, fresh: Hearth) -> None:
    title = open_first(page, fresh)
    other = browser.new_context().new_page()
    journey.sign_in(other, fresh)
    journey.open_chat(other, title)
    expect(page.get_by_text("too long to be sent")).to_have_count(0)
    box(page).fill("x" * 800_000)
    said = "This text is too long to be sent: it has 800 KB, at most 748 KB can be sent."
    expect(page.get_by_text(said)).to_be_visible()
    box(page).press("Enter")
    assert len(box(page).input_value()) == 800_000
    with page.expect_response(lambda response: "/api/write?" in response.url) as posted:
        box(page).fill(f"{'many words ' * 55_000}and the end")
        box(page).press("Enter")
    assert posted.value.status == 200
    for each in (page, other):
        expect(last(each)).to_contain_text("and the end", timeout=30_000)
    expect(box(page)).to_have_value("")
    expect(last(page).get_by_text("Sending…")).to_have_count(0)
    other.context.close()


def test_what_is_written_in_what_is_deleted_elsewhere_stays(page: Page, fresh: Hearth) -> None:
    title = open_first(page, fresh)
    before = message_ids(fresh)
    box(page).fill("A first wording")
    box(page).press("Enter")
    expect(last(page)).to_contain_text("A first wording")
    expect(last(page).get_by_text("Sending…")).to_have_count(0)
    (message,) = message_ids(fresh) - before
    chat = fresh.account()["chats"][0]["id"]

    choose(page, last(page), "Message options", "Edit")
    editor = page.get_by_role("textbox", name="Edit message")
    editor.fill("A second wording")
    fresh.change(delete_message={"message_id": message})
    expect(page.get_by_text("This message was deleted meanwhile.")).to_be_visible()
    expect(editor).to_have_value("A second wording")
    expect(editor).to_be_focused()
    editor.press_sequentially(", and more")
    button(page, "Save").click()
    expect(editor).to_have_count(0)
    expect(last(page)).to_contain_text("A second wording, and more")
    last(page).get_by_role("button", name="Try again").click()
    expect(last(page).get_by_text("Not sent")).to_have_count(0)
    expect(last(page)).to_contain_text("A second wording, and more")

    choose(page, page.get_by_role("main"), "Chat options", "Rename")
    field = page.get_by_role("textbox", name="Chat title")
    field.fill("Another title")
    box(page).fill("half a sentence")
    fresh.change(delete_chat=chat)
    expect(page.get_by_text("This chat was deleted meanwhile, so it cannot be renamed.")).to_be_visible()
    expect(field).to_have_value("Another title")
    expect(last(page)).to_contain_text("half a sentence")
    expect(last(page)).to_contain_text("Not sent")
    expect(journey.chat_link(page, title)).to_have_count(0)


def test_closing_the_last_tab_warns_while_that_would_lose_something(page: Page, serve: Callable[..., Hearth]) -> None:
    server = serve("--chats", "2", "--messages", "4")
    open_first(page, server)
    journey.wait_for_worker(page)
    server.stop()
    expect(journey.status(page)).to_contain_text("Offline")
    box(page).fill("Not sent yet")
    box(page).press("Enter")
    expect(last(page)).to_contain_text("Waiting for the network")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.evaluate(WARNS)
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    expect(last(page)).to_contain_text("Not sent yet")
    assert asked == ["beforeunload"]

    # Beside another tab of the account, which keeps it, a tab closes without being asked.
    second = page.context.new_page()
    second.on("dialog", stay)
    second.goto(server.url)
    expect(last(second)).to_contain_text("Not sent yet")
    with second.expect_event("close"):
        second.close(run_before_unload=True)
    assert asked == ["beforeunload"]

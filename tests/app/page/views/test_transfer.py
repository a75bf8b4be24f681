"""An export or an import as it is drawn."""

from __future__ import annotations

from app.page.views.transfer import transfer_items, transfer_parts
from hearth.core.vdom import Element, text_of, walk
from hearth.core.view.account import Transfer, TransferKind


def elements(transfer: Transfer, tag: str) -> list[Element]:
    parts = [make() for _, _, make in transfer_parts(transfer)]
    return [node for node in walk(*parts) if not isinstance(node, str) and node[0] == tag]


def buttons(transfer: Transfer) -> list[str]:
    return [text_of(each) for each in elements(transfer, "button")]


def test_nothing_is_drawn_while_there_is_none() -> None:
    assert transfer_items(None) == []


def test_while_it_goes_on_there_is_a_bar_and_it_can_be_cancelled() -> None:
    working = Transfer(TransferKind.EXPORT, "Exporting…", progress=(3, 12), count="3 of 12 chats")
    (bar,) = elements(working, "progress")
    assert bar[1] == {"aria-label": "Export", "value": "3", "max": "12"}
    assert buttons(working) == ["Cancel"]
    (unknown,) = elements(Transfer(TransferKind.EXPORT, "Getting ready…", progress=(0, 0)), "progress")
    assert "value" not in (unknown[1] or {})


def test_what_came_of_it_is_announced_with_what_is_missing() -> None:
    done = Transfer(TransferKind.EXPORT, "Exported.", ("1 chat is missing.",))
    assert [text_of(each) for each in elements(done, "li")] == ["1 chat is missing."]
    assert elements(done, "div")[0][1] == {"aria-live": "polite"}
    assert buttons(done) == ["Close"]
    (problem,) = elements(Transfer(TransferKind.EXPORT, "No.", failed=True), "p")
    assert (problem[1] or {})["role"] == "alert"


def test_progress_changes_the_count_alone() -> None:
    before, after = (Transfer(TransferKind.EXPORT, "Exporting…", progress=(n, 9), count=f"{n}") for n in (1, 2))
    shown = {key: value for key, value, _ in transfer_parts(before)}
    assert [key for key, value, _ in transfer_parts(after) if shown[key] != value] == ["progress"]

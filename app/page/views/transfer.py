"""An export or an import as trees, below the account's settings: how far it has come, what came of it, its buttons."""

from __future__ import annotations

from functools import partial

from app.page.views.keyed import Item
from hearth.core.vdom import Element, Node, element
from hearth.core.view.account import Transfer, TransferKind

TRANSFER = "transfer"
_NAMES = {TransferKind.EXPORT: "Export", TransferKind.IMPORT: "Import of chats"}


def transfer_items(transfer: Transfer | None) -> list[Item]:
    """The frame of an export or import, if there is one; `transfer_parts` goes inside."""
    return [(TRANSFER, transfer.kind, partial(_frame, transfer.kind))] if transfer else []


def transfer_parts(transfer: Transfer) -> list[Item]:
    """What stands in the frame. The sentence is announced when it changes, the count is not."""
    parts: list[Item] = [("sentence", (transfer.sentence, transfer.failed), partial(_sentence, transfer))]
    if transfer.details:
        parts.append(("details", transfer.details, partial(_details, transfer.details)))
    if transfer.progress is not None:
        shown = transfer.progress, transfer.count
        parts.append(("progress", shown, partial(_progress, _NAMES[transfer.kind], *shown)))
    buttons = _buttons(transfer)
    parts.append(("buttons", buttons, lambda: element("div", {"class": "buttons"}, *map(_button, buttons))))
    return parts


def _frame(kind: TransferKind) -> Element:
    named = {"class": "own transfer", "role": "group", "aria-label": _NAMES[kind], "data-items": ""}
    return element("section", named)


def _sentence(transfer: Transfer) -> Element:
    if transfer.failed:
        return ("p", {"class": "problem", "role": "alert"}, transfer.sentence)
    return ("div", {"aria-live": "polite"}, ("p", None, transfer.sentence))


def _details(details: tuple[str, ...]) -> Element:
    return element("ul", None, *(("li", None, each) for each in details))


def _progress(name: str, progress: tuple[int, int], count: str) -> Element:
    done, total = progress
    state = {"value": str(min(done, total)), "max": str(total)} if total else {}
    bar: Node = ("progress", {"aria-label": name, **state})
    return ("div", {"class": "far"}, bar, ("span", None, count))


def _buttons(transfer: Transfer) -> tuple[tuple[str, str], ...]:
    """The action and the words of each button."""
    if transfer.progress is not None:
        return (("cancel-transfer", "Cancel"),)
    if transfer.can_import:
        return (("start-import", "Import"), ("cancel-transfer", "Cancel"))
    undo = (("undo-import", "Undo import"),) if transfer.can_undo else ()
    return (*undo, ("cancel-transfer", "Close"))


def _button(named: tuple[str, str]) -> Element:
    action, words = named
    return ("button", {"type": "button", "class": "do", "data-action": action}, words)

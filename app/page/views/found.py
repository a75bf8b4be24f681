"""What a search found, as trees: one list of lines, the first of each kind under a heading; and what else is said."""

from __future__ import annotations

from functools import partial

from app.page.views.icons import icon
from app.page.views.keyed import Item
from hearth.core.search.query import FILTERS, Kind
from hearth.core.search.results import HEADINGS, Found, Result, SearchView, indexing
from hearth.core.search.snippet import Piece
from hearth.core.vdom import Element, Node, element

_ICONS = {Kind.CHAT: "chat", Kind.SETTING: "settings", Kind.MEMORY: "memory", Kind.FILE: "file"}


def found_items(view: SearchView) -> list[Item]:
    """The lines of all groups."""
    return [
        (result.key, (result, at == 0), partial(result_line, result, at == 0))
        for group in view.groups
        for at, result in enumerate(group.items)
    ]


def result_line(result: Result, first: bool) -> Element:
    """One result; the first of its kind brings the heading."""
    heading: list[Node] = [("h2", None, HEADINGS[result.kind])] if first else []
    return element("li", {"class": f"result of-{result.kind}"}, *heading, _leads(result))


def _leads(result: Result) -> Element:
    """A link to what was found, or a button that applies a choice."""
    parts: list[Node] = []
    if result.kind in _ICONS:
        parts.append(icon("check" if result.chosen else _ICONS[result.kind]))
    parts += [
        ("span", {"class": "title", "dir": "auto"}, *pieces(result.title)),
        " ",
        ("span", {"class": "when"}, result.when),
    ]
    detail: Node = ("span", {"class": "detail", "dir": "auto"}, result.detail)
    text = [element("span", {"dir": "auto"}, *pieces(result.text))] if result.text else []
    if result.detail or result.text:
        parts += [" ", element("span", {"class": "text"}, *([detail, " "] if result.detail else []), *text)]
    if result.choice:
        pressed = "true" if result.chosen else "false"
        told = {"data-setting": result.setting, "data-choice": result.choice, "aria-pressed": pressed}
        return element("button", {"type": "button", "data-found": "choice", **told}, *parts)
    if result.setting:
        return element("button", {"type": "button", "data-found": "setting", "data-setting": result.setting}, *parts)
    if result.entry:
        return element("button", {"type": "button", "data-found": "entry", "data-entry": result.entry}, *parts)
    place = {"data-message-id": result.message, "data-at": str(result.at)} if result.message else {}
    link = {"href": f"#chat={result.chat}", "data-found": "chat", "data-chat-id": result.chat, **place}
    return element("a", link, *parts)


def pieces(parts: tuple[Piece, ...]) -> list[Node]:
    """Text with what was looked for marked."""
    return [("mark", None, text) if hit else text for text, hit in parts]


def notes(view: SearchView) -> list[Node]:
    """What is said above the results, or in place of them."""
    said: list[Node] = []
    if not view.asked:
        return [*_recent(view), *_filters()]
    if (progress := indexing(view.progress)) and not view.searching:
        said.append(("p", {"class": "note"}, progress))
    said += [("p", {"class": "note"}, hint) for hint in view.hints]
    if view.searching or view.count:
        if view.count and view.found is Found.NEARLY:
            said.append(
                ("p", {"class": "note"}, "Nothing matches exactly. Showing ", ("strong", None, view.instead), ".")
            )
        elif view.count and view.found is Found.PARTLY:
            said.append(("p", {"class": "note"}, "Nothing has all of these words. Showing what has some of them."))
        return said
    said += [
        icon("search"),
        ("p", {"class": "note-title"}, "Nothing found"),
        ("p", {"class": "tip"}, "Try fewer or other words. Parts of words and small slips are found, too."),
    ]
    return said


def _recent(view: SearchView) -> list[Node]:
    if not view.recent:
        return [
            ("p", {"class": "tip"}, "Search chats, files, memories and settings. What you type stays on this device.")
        ]
    head: Node = (
        "div",
        {"class": "recent-head"},
        ("h2", {"id": "recent-title"}, "Recent searches"),
        ("button", {"type": "button", "data-action": "forget-searches"}, "Clear"),
    )
    lines = [_offer("again", text, icon("clock"), ("span", {"dir": "auto"}, text)) for text in view.recent]
    return [head, element("ul", {"class": "recent", "aria-labelledby": "recent-title"}, *lines)]


def _filters() -> list[Node]:
    lines = [
        _offer("filter", name, ("code", None, example), " ", ("span", None, about)) for name, example, about in FILTERS
    ]
    head: Node = ("h2", {"id": "filters-title"}, "Narrow it down")
    return [head, element("ul", {"class": "filters", "aria-labelledby": "filters-title"}, *lines)]


def _offer(kind: str, text: str, *parts: Node) -> Element:
    """A line that puts text into the field."""
    return ("li", None, element("button", {"type": "button", "data-found": kind, "data-text": text}, *parts))


def end(view: SearchView) -> list[Node]:
    """What follows the results."""
    if view.asked and any(group.more for group in view.groups):
        return [("button", {"type": "button", "class": "more", "data-action": "search-more"}, "Show more results")]
    return []

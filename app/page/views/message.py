"""A message as a tree: its author and hour, its text, its files and previews, or why it cannot be read."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from urllib.parse import urlsplit

from app.page.views.icons import icon
from app.page.views.keyed import Item
from hearth.core.text.formatting import local
from hearth.core.text.links import is_safe_address
from hearth.core.vdom import Element, Node
from hearth.core.view.message import AnswerMark, Delivery, Embed, File, Message

AUTHORS = {"user": "You", "assistant": "Assistant", "system": "System"}

_ICONS = {
    "image": ("png", "jpg", "jpeg", "gif", "webp", "svg", "heic", "avif"),
    "audio": ("mp3", "wav", "ogg", "m4a", "flac"),
    "video": ("mp4", "mov", "webm", "mkv"),
    "archive": ("zip", "gz", "tar", "7z", "rar"),
    "sheet": ("csv", "xls", "xlsx", "ods", "tsv"),
    "code": ("py", "js", "ts", "json", "html", "css", "xml", "yaml", "yml", "toml", "sh", "c", "rs", "go", "java"),
    "text": ("txt", "md", "pdf", "doc", "docx", "odt", "rtf", "pages"),
}
_BY_EXTENSION = {extension: kind for kind, extensions in _ICONS.items() for extension in extensions}


def log_items(messages: tuple[Message, ...], marked: str = "", edited: str = "") -> list[Item]:
    """Messages, with a heading before the first of each day; `marked` and `edited` are ids of messages."""
    items: list[Item] = []
    day = ""
    for message in messages:
        if message.day != day:
            day = message.day
            items.append((f"day {day}", day, partial(day_tree, day)))
        look = message.id == marked, message.id == edited
        items.append((f"message {message.id}", (message, look), partial(message_tree, message, *look)))
    return items


def message_tree(message: Message, marked: bool = False, edited: bool = False) -> Element:
    """An article named by its author and hour; while it is edited, a box takes the place of its text."""
    author = AUTHORS.get(message.role, "Message")
    parts: list[Node] = [_header(message, author)]
    if edited:
        parts.append(("div", {"class": "edit-place"}))
    elif message.body:
        parts.append(("div", {"class": "prose"}, *message.body))
    if message.files:
        parts.append(("ul", {"class": "files", "aria-label": "Files"}, *map(file_chip, message.files)))
    if message.embeds:
        parts.append(("div", {"class": "embeds"}, *map(embed_card, message.embeds)))
    if message.fault:
        parts.append(("p", {"class": "fault"}, icon("lock"), ("span", None, message.fault)))
    if len(parts) == 1:
        parts.append(("p", {"class": "blank"}, "This message is empty."))
    parts += [*mark_trees(message), *delivery_trees(message)]
    role = message.role if message.role in AUTHORS else "system"
    attributes = {"class": f"message {role}", "aria-label": f"{author}, {message.when}", "data-message-id": message.id}
    if marked:
        attributes = {**attributes, "class": f"message {role} found", "id": "found-message", "tabindex": "-1"}
    return ("article", attributes, *parts)


def _header(message: Message, author: str) -> Element:
    parts: list[Node] = [
        ("span", {"class": "author"}, author),
        " ",
        ("time", {"datetime": local(message.created_at, UTC).isoformat()}, message.when),
    ]
    if message.edited:
        parts += [" ", ("span", {"class": "edited"}, "edited")]
    if message.delivery is Delivery.SENDING:
        parts += [" ", ("span", {"class": "sending"}, "Sending…")]
    options = {"type": "button", "class": "options", "data-action": "message-options", "aria-label": "Message options"}
    parts.append(("button", {**options, "aria-haspopup": "menu"}, icon("more")))
    return ("header", None, *parts)


def mark_trees(message: Message) -> list[Node]:
    """What there is to say under an answer that is not whole."""
    match message.mark:
        case AnswerMark.INTERRUPTED:
            said = "Interrupted. This is what came of the answer."
            return [("p", {"class": "delivery interrupted"}, icon("warning"), ("span", None, said))]
        case AnswerMark.ELSEWHERE:
            return [("p", {"class": "delivery"}, icon("clock"), ("span", None, "Still coming, in another tab"))]
        case _:
            return []


def delivery_trees(message: Message) -> list[Node]:
    """What there is to say under a message that has not been sent, and to do about it."""
    if message.delivery is Delivery.WAITING:
        return [("p", {"class": "delivery"}, icon("clock"), ("span", None, "Waiting for the network"))]
    if message.delivery is not Delivery.FAILED:
        return []
    why = ("span", None, f"Not sent. {message.problem}" if message.problem else "Not sent")
    owner = {"type": "button", "data-mutation": message.mutation}
    return [
        ("p", {"class": "delivery failed"}, icon("warning"), why),
        (
            "div",
            {"class": "delivery-buttons"},
            ("button", {**owner, "data-action": "try-again"}, "Try again"),
            ("button", {**owner, "data-action": "discard"}, "Discard"),
        ),
    ]


def day_tree(label: str) -> Element:
    """The heading between the messages of two days."""
    return ("h2", {"class": "day"}, label)


def file_chip(file: File) -> Element:
    """A file's name, with its kind and size."""
    kind = kind_name(file)
    detail = " · ".join(each for each in (kind, file.size) if each)
    return (
        "li",
        {"class": "file"},
        icon(icon_of(file)),
        ("span", {"class": "file-name", "dir": "auto"}, file.name),
        " ",
        ("span", {"class": "file-detail"}, detail),
    )


def icon_of(file: File) -> str:
    """The icon of a file, by its type or else by its name."""
    main = file.type.partition("/")[0].lower()
    by_name = _BY_EXTENSION.get(extension_of(file.name))
    if main in ("image", "audio", "video"):
        return main
    return by_name or ("text" if main == "text" else "file")


def kind_name(file: File) -> str:
    """The kind of a file as a person names it: its extension, or else the end of its type."""
    extension = extension_of(file.name)
    return (extension or file.type.rpartition("/")[2].partition(";")[0]).upper()[:12]


def extension_of(name: str) -> str:
    """The extension of a file's name, if it has a plain one."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if stem and dot and extension.isascii() and extension.isalnum() else ""


def embed_card(embed: Embed) -> Element:
    """A preview: host, title, description; a link when it has an address. Nothing of it is loaded."""
    parts: list[Node] = []
    if host := host_of(embed.url):
        parts.append(("span", {"class": "embed-host"}, host))
    if embed.title:
        parts += [" ", ("span", {"class": "embed-title", "dir": "auto"}, embed.title)]
    if embed.description:
        parts += [" ", ("span", {"class": "embed-description", "dir": "auto"}, embed.description)]
    if not is_safe_address(embed.url):
        return ("div", {"class": "embed"}, *parts)
    link = {"class": "embed", "href": embed.url, "rel": "noopener noreferrer nofollow", "target": "_blank"}
    return ("a", link, *parts)


def host_of(url: str) -> str:
    """The host of an address, empty when it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""

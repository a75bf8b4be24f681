"""What the views make: trees that the page may build, names that assistive technology finds, minimal plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.page.views.account import account_tree
from app.page.views.chat_lines import ChatListPlan, chat_line
from app.page.views.entries import app_items
from app.page.views.found import end, found_items, notes
from app.page.views.keyed import Item, Keyed
from app.page.views.message import icon_of, log_items, message_tree
from app.page.views.preferences import preference_items
from app.page.views.transfer import transfer_items, transfer_parts
from hearth.core.records.contents import AppEntries, Chat, Entry
from hearth.core.search.query import Kind
from hearth.core.search.results import Found, Result, SearchView, group_results
from hearth.core.settings.preferences import defaults
from hearth.core.text.links import is_safe_address
from hearth.core.text.markdown import render
from hearth.core.vdom import Element, Node, text_of, walk
from hearth.core.view.account import DeviceItem, DevicesView, Transfer, TransferKind
from hearth.core.view.chat_list import ChatItem
from hearth.core.view.message import Delivery, Embed, File, Message
from hearth.core.view.presenters import group_chats

ROOT = Path(__file__).parents[4]
TREE = (ROOT / "app/page/dom.js").read_text()
INDEX = (ROOT / "index.html").read_text()
NOW = datetime(2026, 3, 14, 15, 30, tzinfo=UTC)

MARKDOWN = "# a\n\n- [x] b\n\n1. c\n\n> d\n\n|e|\n|-:|\n|f|\n\n```py\ng\n```\n\n---\n**h** *i* ~~j~~ `k` [l](http://m)  \n![n](http://o)"


def allowed(name: str) -> set[str]:
    """The words of one of tree.js's sets."""
    match = re.search(rf"const {name} = new Set\((.*?)\);", TREE, re.DOTALL)
    assert match
    return set(" ".join(re.findall(r'"([^"]*)"', match[1])).split())


def elements(*nodes: Node) -> list[Element]:
    return [node for node in walk(*nodes) if not isinstance(node, str)]


def message(**parts: object) -> Message:
    plain = Message("m", "user", 1_773_500_000_000, "14:32", "Today", render("Hello"))
    return replace(plain, **parts)  # type: ignore[arg-type]


def search_views() -> Iterator[SearchView]:
    marked = (("before ", False), ("found", True))
    lines = (
        Result(Kind.CHAT, "1", marked, chat="c", when="14:32"),
        Result(Kind.SETTING, "2", marked, (("About", False),), "Appearance", setting="theme"),
        Result(Kind.SETTING, "3", marked, setting="theme", choice="dark", chosen=True),
        Result(Kind.MEMORY, "4", marked, entry="e"),
        Result(Kind.FILE, "5", marked, marked, "Chat", chat="c", message="m", at=7),
        Result(Kind.MESSAGE, "6", marked, marked, "You", chat="c", message="m", at=7),
    )
    groups = group_results(lines, frozenset({Kind.MESSAGE}))
    yield SearchView(open=True)
    yield SearchView(open=True, recent=("one", "two"))
    yield SearchView(text="x", open=True, hints=("a hint",), progress=(1, 2))
    for found in Found:
        yield SearchView(text="x", open=True, groups=groups, found=found, instead="y")


def every_tree() -> Iterator[Node]:
    file, embed = File("a.png", "image/png", "1 kB"), Embed("https://a.example/b", "Title", "About")
    yield message_tree(message(body=render(MARKDOWN), files=(file,), embeds=(embed, Embed("", "x", "")), fault="No."))
    yield message_tree(message(body=()))
    for kind in TransferKind:
        for transfer in (
            Transfer(kind, "Working", progress=(0, 0)),
            Transfer(kind, "Working", ("More",), progress=(1, 2), count="1 of 2"),
            Transfer(kind, "Failed", failed=True, can_undo=True),
            Transfer(kind, "Found", ("More",), can_import=True),
        ):
            yield from (make() for _, _, make in [*transfer_items(transfer), *transfer_parts(transfer)])
    for delivery in Delivery:
        yield message_tree(message(edited=True, delivery=delivery, mutation="m1", problem="Why."), edited=True)
    yield from (make() for _, _, make in log_items((message(),)))
    for unreadable in (False, True):
        yield chat_line(ChatItem("c", "Title", "14:32", "a draft", unreadable, unread=2), current=True)
    yield from (make() for _, _, make in app_items(()))
    entries = (Entry("1", "setting", "a", "b"), Entry("2", "memory", "", "", "It cannot be read."))
    for hidden in (frozenset[str](), frozenset({"app"}), frozenset({"1"})):
        yield from (make() for _, _, make in app_items((AppEntries("app", "App", entries),), hidden))
    yield from (make() for _, _, make in preference_items(defaults()))
    devices = (DeviceItem("1", "Here", "This device.", True, False), DeviceItem("2", "There", "", False, True))
    yield account_tree(defaults(), DevicesView(devices * 2, "A problem."))
    for view in search_views():
        yield from (*notes(view), *end(view), *(make() for _, _, make in found_items(view)))
    for _, tree, inner in ChatListPlan().plan(group_chats([Chat("c", "Title", 0, 1)], NOW), "c"):
        yield tree
        yield from (tree for _, tree in inner)


@pytest.mark.parametrize("tree", list(every_tree()))
def test_every_tree_is_one_that_the_page_builds(tree: Node) -> None:
    tags, attributes = allowed("TAGS") | allowed("SVG_TAGS"), allowed("ATTRIBUTES")
    for tag, own, *_ in elements(tree):
        assert tag in tags
        assert set(own or {}) <= attributes
        if own and "href" in own:
            assert is_safe_address(own["href"]) or own["href"].startswith("#")


@pytest.mark.parametrize("tree", list(every_tree()))
def test_every_icon_is_in_the_sprite(tree: Node) -> None:
    for tag, own, *_ in elements(tree):
        if tag == "use":
            assert own
            assert f'<symbol id="{own["href"][1:]}"' in INDEX


def test_the_page_builds_nothing_that_could_run() -> None:
    assert not (allowed("TAGS") & {"script", "style", "iframe", "object", "embed", "form", "input", "img", "base"})
    assert not {name for name in allowed("ATTRIBUTES") if name.startswith("on")} | (
        allowed("ATTRIBUTES") & {"style", "src", "srcdoc"}
    )
    for path in [*(ROOT / "app").rglob("*.js"), *(ROOT / "app").rglob("*.py"), ROOT / "runtime/boot.js"]:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text()), path


class TestMessages:
    def test_a_message_is_named_by_its_author_and_hour(self) -> None:
        names = {role: message_tree(message(role=role))[1] for role in ("user", "assistant", "system", "odd")}
        assert {role: own["aria-label"] for role, own in names.items() if own} == {
            "user": "You, 14:32",
            "assistant": "Assistant, 14:32",
            "system": "System, 14:32",
            "odd": "Message, 14:32",
        }

    def test_an_empty_message_says_so(self) -> None:
        assert text_of(message_tree(message(body=()))).endswith("This message is empty.")

    def test_a_message_on_its_way_says_how_far_it_has_come(self) -> None:
        said = {each: text_of(message_tree(message(delivery=each, mutation="m1"))) for each in Delivery}
        assert said == {
            Delivery.DONE: "You 14:32Hello",
            Delivery.SENDING: "You 14:32 Sending…Hello",
            Delivery.WAITING: "You 14:32HelloWaiting for the network",
            Delivery.FAILED: "You 14:32HelloNot sentTry againDiscard",
        }

    def test_what_was_refused_is_tried_again_or_discarded(self) -> None:
        tree = message_tree(message(delivery=Delivery.FAILED, mutation="m1", problem="The chat was deleted."))
        assert "Not sent. The chat was deleted." in text_of(tree)
        buttons = [own for _, own, *_ in elements(tree) if own and "data-mutation" in own]
        assert {own["data-action"]: own["data-mutation"] for own in buttons} == {"try-again": "m1", "discard": "m1"}

    def test_a_message_that_was_written_anew_says_so(self) -> None:
        assert text_of(message_tree(message(edited=True))) == "You 14:32 editedHello"

    def test_a_box_takes_the_place_of_the_text_that_is_edited(self) -> None:
        trees = {key: make() for key, _, make in log_items((message(id="1"), message(id="2")), edited="2")}
        assert text_of(trees["message 1"]) == "You 14:32Hello"
        assert text_of(trees["message 2"]) == "You 14:32"
        assert "edit-place" in str(trees["message 2"])

    def test_what_can_be_read_stays_beside_what_cannot(self) -> None:
        said = text_of(message_tree(message(fault="A part of this message cannot be read.")))
        assert "Hello" in said
        assert "cannot be read" in said

    def test_a_preview_without_a_safe_address_is_no_link(self) -> None:
        tree = message_tree(
            message(embeds=(Embed("http://[::1", "a", ""), Embed("", "b", ""), Embed("http://c", "", "")))
        )
        assert [own["href"] for tag, own, *_ in elements(tree) if tag == "a" and own] == ["http://[::1", "http://c"]

    @pytest.mark.parametrize(
        ("name", "kind", "expected"),
        [
            ("a.png", "", "image"),
            ("a", "image/x", "image"),
            ("a.PDF", "application/pdf", "text"),
            ("a.csv", "text/csv", "sheet"),
            ("a.tar.gz", "", "archive"),
            ("main.py", "text/x-python", "code"),
            (".bashrc", "", "file"),
            ("a", "", "file"),
            ("a.<b>", "text/plain", "text"),
        ],
    )
    def test_a_file_s_icon(self, name: str, kind: str, expected: str) -> None:
        assert icon_of(File(name, kind, "")) == expected

    def test_a_day_has_one_heading(self) -> None:
        messages = (message(id="1", day="Monday, 1 June"), message(id="2", day="Monday, 1 June"), message(id="3"))
        assert [key for key, _, _ in log_items(messages)] == [
            "day Monday, 1 June",
            "message 1",
            "message 2",
            "day Today",
            "message 3",
        ]


class TestChatLines:
    def test_the_name_of_the_link_starts_with_the_title(self) -> None:
        line = chat_line(ChatItem("c1", "A title", "14:32", "and a draft", False), current=False)
        assert text_of(line) == "A title 14:32 Draft: and a draft"
        assert elements(line)[1][1] == {"href": "#chat=c1", "data-chat-id": "c1"}

    @pytest.mark.parametrize(("unread", "said"), [(1, "1 unread message"), (12, "12 unread messages")])
    def test_how_many_messages_are_unread_is_part_of_the_name(self, unread: int, said: str) -> None:
        line = chat_line(ChatItem("c1", "A title", "14:32", "", False, unread=unread), current=False)
        assert text_of(line) == f"A title 14:32 {said}"

    def test_only_what_changed_crosses(self) -> None:
        chats = [Chat(f"c{n}", f"Title {n}", int((NOW - timedelta(days=n)).timestamp() * 1000), 1) for n in range(9)]
        plan = ChatListPlan()
        first = plan.plan(group_chats(chats, NOW), "c0")
        assert all(tree for _, tree, _ in first)
        again = plan.plan(group_chats(chats, NOW), "c0")
        assert all(tree == 0 and all(tree == 0 for _, tree in inner) for _, tree, inner in again)
        moved = plan.plan(group_chats(chats, NOW), "c1")
        assert [key for _, _, inner in moved for key, tree in inner if tree] == ["c0", "c1"]

    def test_a_group_that_went_and_came_back_is_made_whole(self) -> None:
        groups = group_chats([Chat("c", "Title", 0, 1)], NOW)
        plan = ChatListPlan()
        plan.plan(groups, None)
        plan.plan((), None)
        assert all(tree and all(tree for _, tree in inner) for _, tree, inner in plan.plan(groups, None))


class TestKeyed:
    @staticmethod
    def items(*pairs: tuple[str, str]) -> list[Item]:
        return [(key, value, lambda value=value: ("p", None, value)) for key, value in pairs]  # type: ignore[misc]

    def test_the_first_of_two_records_with_one_id_is_shown(self) -> None:
        assert Keyed().plan(self.items(("a", "1"), ("a", "2"))) == [["a", ("p", None, "1")]]

    def test_a_changed_value_is_made_again(self) -> None:
        keyed = Keyed()
        keyed.plan(self.items(("a", "1"), ("b", "1")))
        assert keyed.plan(self.items(("b", "1"), ("a", "2"), ("c", "3"))) == [
            ["b", 0],
            ["a", ("p", None, "2")],
            ["c", ("p", None, "3")],
        ]

    def test_what_was_emptied_is_made_again(self) -> None:
        keyed = Keyed()
        keyed.plan(self.items(("a", "1")))
        keyed.forget()
        assert keyed.plan(self.items(("a", "1"))) == [["a", ("p", None, "1")]]


class TestSettings:
    def test_settings_come_before_memories(self) -> None:
        entries = (Entry("1", "memory", "m", "x"), Entry("2", "setting", "s", "y"))
        ((_, _, make),) = app_items((AppEntries("a", "App", entries),))
        app = make()
        assert text_of(app) == "AppSettingssyMemoriesmx"

    def test_an_app_without_entries_is_left_out(self) -> None:
        assert "No app" in text_of(*(make() for _, _, make in app_items((AppEntries("a", "App", ()),))))

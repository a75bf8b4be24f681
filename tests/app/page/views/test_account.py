"""The group "Account": by which names it is found, and that every row is one of the settings that a search finds."""

from __future__ import annotations

from app.page.views.account import account_tree
from app.page.views.preferences import preference_items
from hearth.core.settings.preferences import defaults
from hearth.core.settings.schema import ACCOUNT, CATALOGUE
from hearth.core.vdom import Element, Node, text_of, walk
from hearth.core.view.account import DeviceItem, DevicesView

HERE = DeviceItem("1", "Firefox on Linux", "This device.", current=True, can_end=False)
THERE = DeviceItem("2", "Safari on iPhone", "Online now.", current=False, can_end=True)
OTHER = DeviceItem("3", "Chrome on Android", "Last seen today, 10:00.", current=False, can_end=True)
OWN = [
    "Change password",
    "Change e-mail address",
    "New recovery key",
    "Try recovery key",
    "Add a passkey",
    "Show passkeys",
    "Import chats",
    "Export my data",
    "Leave this device",
    "Delete account",
]
GONE = DeviceItem("4", "Edge on Windows", "Signed out.", current=False, can_end=False)


def elements(*nodes: Node) -> list[Element]:
    return [node for node in walk(*nodes) if not isinstance(node, str)]


def tree(view: DevicesView | None = None) -> Element:
    return account_tree(defaults(), view or DevicesView())


def buttons(of: Element) -> list[str]:
    own = [each for each in elements(of) if each[0] == "button"]
    return [(each[1] or {}).get("aria-label", text_of(each)) for each in own]


def test_it_is_a_group_that_is_named_by_its_heading() -> None:
    group, heading, *_ = elements(tree())
    assert group[1]
    assert (group[0], group[1]["role"]) == ("section", "group")
    assert heading[1] == {"id": group[1]["aria-labelledby"]}
    assert text_of(heading) == "Account"


def test_it_holds_the_settings_of_its_section_and_no_other_section_does() -> None:
    rows = [each[1]["id"] for each in elements(tree()) if each[1] and "tabindex" in each[1]]
    assert rows == [f"place-{each.name}" for each in CATALOGUE if each.section == ACCOUNT]
    others = elements(*(make() for _, _, make in preference_items(defaults())))
    assert not {each[1]["id"] for each in others if each[1] and "id" in each[1]} & set(rows)


def test_its_buttons_say_what_they_do() -> None:
    assert buttons(tree()) == OWN


def test_the_devices_are_a_list_of_that_name() -> None:
    made = tree(DevicesView((HERE, THERE, GONE)))
    (listed,) = (each for each in elements(made) if each[0] == "ul")
    label = next(
        each for each in elements(made) if each[1] and each[1].get("id") == (listed[1] or {})["aria-labelledby"]
    )
    assert text_of(label) == "Devices"
    assert [text_of(each) for each in elements(listed) if each[0] == "li"] == [
        "Firefox on LinuxThis device.",
        "Safari on iPhoneOnline now.Sign out",
        "Edge on WindowsSigned out.",
    ]
    assert [(each[1] or {}).get("aria-current") for each in elements(listed) if each[0] == "li"] == ["true", None, None]


def test_each_other_device_can_be_signed_out_and_all_of_them_where_there_are_several() -> None:
    assert buttons(tree(DevicesView((HERE, THERE, GONE)))) == [*OWN, "Sign out Safari on iPhone"]
    many = [*OWN, "Sign out Safari on iPhone", "Sign out Chrome on Android", "Sign out all others"]
    assert buttons(tree(DevicesView((HERE, THERE, OTHER)))) == many


def test_while_the_list_is_not_known_it_says_why() -> None:
    assert "The list is on its way…" in text_of(tree())
    said = text_of(tree(DevicesView(problem="The server does not answer.")))
    assert "The server does not answer." in said
    assert "on its way" not in said

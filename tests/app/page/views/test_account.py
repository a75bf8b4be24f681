"""The group "Account": by which names it is found, and that every row is one of the settings that a search finds."""

from __future__ import annotations

from app.page.views.account import account_tree
from app.page.views.preferences import preference_items
from hearth.core.settings.preferences import defaults
from hearth.core.settings.schema import ACCOUNT, CATALOGUE
from hearth.core.vdom import Element, Node, text_of, walk


def elements(*nodes: Node) -> list[Element]:
    return [node for node in walk(*nodes) if not isinstance(node, str)]


def test_it_is_a_group_that_is_named_by_its_heading() -> None:
    tree = account_tree(defaults())
    group, heading, *_ = elements(tree)
    assert group[1]
    assert (group[0], group[1]["role"]) == ("section", "group")
    assert heading[1] == {"id": group[1]["aria-labelledby"]}
    assert text_of(heading) == "Account"


def test_it_holds_the_settings_of_its_section_and_no_other_section_does() -> None:
    rows = [each[1]["id"] for each in elements(account_tree(defaults())) if each[1] and "tabindex" in each[1]]
    assert rows == [f"place-{each.name}" for each in CATALOGUE if each.section == ACCOUNT]
    others = elements(*(make() for _, _, make in preference_items(defaults())))
    assert not {each[1]["id"] for each in others if each[1] and "id" in each[1]} & set(rows)


def test_its_buttons_say_what_they_do() -> None:
    buttons = [each for each in elements(account_tree(defaults())) if each[0] == "button"]
    assert [(each[1] or {})["aria-label"] for each in buttons] == ["Leave this device"]

"""The group "Account" of the settings: what concerns the account as a whole, row by row.

A row with a button is a setting of the section `ACCOUNT` in `hearth.core.settings.schema`, so that a search finds it,
too; `preferences.ACTIONS` says what its button does.
"""

from __future__ import annotations

from functools import partial

from app.page.views.keyed import Item
from app.page.views.preferences import setting_tree
from hearth.core.settings.preferences import Preferences
from hearth.core.settings.schema import ACCOUNT, CATALOGUE
from hearth.core.vdom import Element, element

_TITLE = "account-title"


def account_item(preferences: Preferences) -> Item:
    """The group."""
    return ("account", preferences, partial(account_tree, preferences))


def account_tree(preferences: Preferences) -> Element:
    """The group with its rows."""
    rows = [setting_tree(each, preferences) for each in CATALOGUE if each.section == ACCOUNT]
    return element(
        "section",
        {"class": "own", "role": "group", "aria-labelledby": _TITLE},
        ("h3", {"id": _TITLE}, ACCOUNT),
        *rows,
    )

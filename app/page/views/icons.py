"""The icons of the page's sprite (see index.html), as trees."""

from __future__ import annotations

from hearth.core.vdom import Element


def icon(name: str) -> Element:
    """An icon; it says nothing to a screen reader."""
    return ("svg", {"class": "icon", "aria-hidden": "true"}, ("use", {"href": f"#i-{name}"}))

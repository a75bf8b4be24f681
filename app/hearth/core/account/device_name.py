"""What a device calls itself in the account's list: the browser and the system, such as "Firefox on Linux"."""

from __future__ import annotations

_BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Epiphany/", "Web"),
    ("Safari/", "Safari"),
)
"""What a browser's own name for itself holds, the most telling first: most of them name others, too."""

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
)


def device_name(user_agent: str, touch_points: int = 0) -> str:
    """The name of a device by its `navigator.userAgent` and `navigator.maxTouchPoints`."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if system == "macOS" and touch_points > 1:
        system = "iPad"  # which calls itself a Macintosh; no Macintosh has a touch screen
    return f"{browser} on {system}" if system else browser

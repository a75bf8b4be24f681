"""What a device calls itself, by what real browsers say of themselves."""

from __future__ import annotations

import pytest

from hearth.core.account.device_name import device_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"{LINUX[:-1]}; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (f"{WINDOWS} {BLINK} Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} {BLINK} Safari/537.36 Edg/141.0.0.0", "Edge on Windows"),
        (f"{MAC} {BLINK} Safari/537.36 OPR/120.0.0.0", "Opera on macOS"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15", "Safari on macOS"),
        (f"{LINUX} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15", "Safari on Linux"),
        ("Mozilla/5.0 (Linux; Android 10; K) " + f"{BLINK} Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox on Android"),
        (
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
                "Chrome/130.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung Internet on Android",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/18.4 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iPhone",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "CriOS/141.0 Mobile/15E148 Safari/604.1"
            ),
            "Chrome on iPhone",
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Safari/537.36", "Chrome on ChromeOS"),
        (f"{LINUX} AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36", "Chrome on Linux"),
        ("", "A browser"),
        ("something/1.0", "A browser"),
    ],
)
def test_a_browser_and_its_system(agent: str, name: str) -> None:
    assert device_name(agent) == name


def test_a_tablet_that_calls_itself_a_macintosh() -> None:
    safari = f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15"
    assert device_name(safari, touch_points=5) == "Safari on iPad"

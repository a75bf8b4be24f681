"""What is left in the browser's own files after signing out and closing it: no plaintext, and what of the key."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType, expect

from e2e import journey
from e2e.server import Hearth

MARKER = "Zanzibarquokka"
LEFT_OF_THE_KEY = {
    ("chromium", "Default/Local Storage/leveldb/000003.log"),
    ("chromium", "Default/Session Storage/000003.log"),
    ("firefox", "sessionstore.jsonlz4"),
}
"""Where browsers keep what a script removed from session or local storage, for a while: told in docs/security.md."""


def plant(hearth: Hearth) -> None:
    """Put the marker into every plaintext field."""
    file = {"name": f"{MARKER}-name.txt", "type": f"text/{MARKER}", "size": 1, "text": f"{MARKER}-extracted"}
    embed = {"url": f"https://{MARKER}.example/", "title": f"{MARKER}-embed", "description": f"{MARKER}-description"}
    message = {"text": f"{MARKER}-message", "files": [file], "embeds": [embed]}
    hearth.change(add_chat={"title": f"{MARKER}-title", "draft": f"{MARKER}-draft", "messages": [message]})
    hearth.change(set_setting={"app": f"{MARKER}-app", "name": f"{MARKER}-setting", "value": f"{MARKER}-value"})


def hits(profile: Path, needles: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Which needle lies in which file; upper and lower case are the same for text."""
    for path in sorted(profile.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            for name, needle in needles.items():
                if needle in content:
                    yield name, path.relative_to(profile).as_posix()


def forms_of_key(raw: bytes) -> dict[str, bytes]:
    """The key as bytes and as the texts that it may be written in."""
    texts = {
        "base64": base64.b64encode(raw).decode(),
        "base64 for addresses": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "hex": raw.hex(),
        "numbers": ",".join(map(str, raw)),
        "JSON": json.dumps(list(raw)),
    }
    found = {"raw": raw}
    for name, text in texts.items():
        found |= {name: text.encode(), f"{name}, two bytes each": text.encode("utf-16-le")}
    return found


@pytest.mark.parametrize("stay", [True, False], ids=["stay", "leave"])
def test_the_profile_holds_no_plaintext_after_signing_out(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path: Path,
    serve: Callable[..., Hearth],
    stay: bool,
    record_property: Callable[[str, object], None],
) -> None:
    hearth = serve("--chats", "12", "--messages", "4")
    plant(hearth)
    context = browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args)
    page = context.new_page()
    journey.sign_in(page, hearth, stay=stay)
    journey.open_chat(page, f"{MARKER}-title")
    expect(journey.messages(page).last).to_contain_text(f"{MARKER}-message")
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("region", name="Settings and memories")).to_contain_text(f"{MARKER}-value")
    kept = page.evaluate(
        """
        () => Object.entries({ ...sessionStorage, ...localStorage })
          .find(([name]) => name.startsWith("hearth.key"))[1]
        """
    )
    raw = base64.b64decode(json.loads(kept)["key"])
    # Browsers write storage some seconds later: what was never written would prove nothing.
    for _ in range(60):
        if any(hits(tmp_path, forms_of_key(raw))):
            break
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 250))")
    record_property("key on disk while signed in", bool(any(hits(tmp_path, forms_of_key(raw)))))
    page.get_by_role("region", name="Account").get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    context.close()
    assert len(list(tmp_path.rglob("*"))) > 20, "the profile was really written here"
    plain = {"marker": MARKER.encode(), "marker, two bytes each": MARKER.encode("utf-16-le")}
    plain["password"] = hearth.password.encode()
    plain["password, two bytes each"] = hearth.password.encode("utf-16-le")
    assert list(hits(tmp_path, plain)) == []
    key = sorted(set(hits(tmp_path, forms_of_key(raw))))
    record_property("key material left", json.dumps(key))
    assert {(browser_type.name, path) for _, path in key} <= LEFT_OF_THE_KEY, "elsewhere than docs/security.md says"

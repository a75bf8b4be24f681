"""What is left in the browser's own files after signing out and closing it: no plaintext, and no half of the key."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

MARKER = "Zanzibarquokka"
MOZ_LZ4 = b"mozLz40\0"
"""What Firefox's compressed files begin with: this, four bytes of size, and one block of LZ4."""

OVERHEAR = """
(() => {
  const keys = globalThis.overheardKeys = [];
  const importKey = SubtleCrypto.prototype.importKey;
  SubtleCrypto.prototype.importKey = function (format, raw, algorithm, ...rest) {
    if (format === "raw" && (algorithm.name ?? algorithm) === "AES-GCM") keys.push([...new Uint8Array(raw)]);
    return importKey.call(this, format, raw, algorithm, ...rest);
  };
})();
"""
"""Notes the bytes of every key that the page takes into use: the master key and the half that it is sealed under."""


def unpacked(content: bytes) -> bytes:
    """A file's content; what Firefox has compressed is opened, as a needle in it would not be seen."""
    if not content.startswith(MOZ_LZ4):
        return content
    packed, found = memoryview(content)[12:], bytearray()
    at = 0

    def length(nibble: int) -> int:
        nonlocal at
        total, more = nibble, 255 if nibble == 15 else 0
        while more == 255:
            more = packed[at]
            total, at = total + more, at + 1
        return total

    while at < len(packed):
        token = packed[at]
        at += 1
        literals = length(token >> 4)
        found += packed[at : at + literals]
        at += literals
        if at >= len(packed):
            break
        distance = packed[at] | packed[at + 1] << 8
        at += 2
        for _ in range(length(token & 15) + 4):
            found.append(found[-distance])
    return bytes(found)


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
            content = unpacked(path.read_bytes())
            for name, needle in needles.items():
                if needle in content:
                    yield name, path.relative_to(profile).as_posix()


def write(page: Page) -> None:
    """Send a message, and type another one that is kept as a draft."""
    field = page.get_by_role("textbox", name="Message")
    field.fill(f"{MARKER}-sent")
    field.press("Enter")
    expect(journey.messages(page).last).to_contain_text(f"{MARKER}-sent")
    expect(page.get_by_text("Sending…")).to_have_count(0)
    field.press_sequentially(f"{MARKER}-typed")
    expect(journey.chat_link(page, f"{MARKER}-title")).to_contain_text(f"Draft: {MARKER}-typed")


ENTRY = """
() => JSON.parse(Object.entries({ ...sessionStorage, ...localStorage })
  .find(([name]) => name.startsWith("hearth.key"))[1])
"""


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page go on until something holds: 40 s at most, more than any browser keeps storage to itself."""
    for _ in range(160):
        if holds():
            return
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 250))")
    raise AssertionError("the browser has not written what it stores")


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


def test_what_firefox_has_compressed_is_read() -> None:
    block = b"\x4fabcd\x04\x00\x01" + b"\xf0\xff\x01" + b"z" * 271
    assert unpacked(MOZ_LZ4 + b"\x00" * 4 + block) == b"abcd" * 6 + b"z" * 271


@pytest.mark.parametrize("stay", [pytest.param(True, marks=pytest.mark.soak), False], ids=["stay", "leave"])
def test_the_profile_holds_no_plaintext_and_no_key_after_signing_out(
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
    page.add_init_script(OVERHEAR)
    journey.sign_in(page, hearth, stay=stay)
    journey.open_chat(page, f"{MARKER}-title")
    expect(journey.messages(page).last).to_contain_text(f"{MARKER}-message")
    write(page)
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("region", name="Settings and memories")).to_contain_text(f"{MARKER}-value")
    overheard = {bytes(each) for each in page.evaluate("() => globalThis.overheardKeys")}
    keys = {f"{n} {form}": text for n, raw in enumerate(overheard) for form, text in forms_of_key(raw).items()}
    entry = page.evaluate(ENTRY)
    sealed = {f"entry {form}": text for form, text in forms_of_key(base64.b64decode(entry["sealed"])).items()}
    # Browsers write storage some seconds later: what was never written would prove nothing.
    wait_until(page, lambda: any(hits(tmp_path, sealed)))
    assert any(hits(tmp_path, keys)), "the half lies in a file, and is found there"
    plain = {"marker": MARKER.encode(), "marker, two bytes each": MARKER.encode("utf-16-le")}
    assert list(hits(tmp_path, plain)) == [], "of what is written and typed the browser keeps nothing either"
    page.reload()
    journey.wait_for_mark(page, "first-view-shown")
    journey.wait_for_mark(page, "up-to-date")
    expect(page.get_by_role("textbox", name="Message")).to_have_value(f"{MARKER}-typed")
    page.get_by_role("region", name="Account").get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    context.close()
    assert len(list(tmp_path.rglob("*"))) > 20, "the profile was really written here"
    plain["password"] = hearth.password.encode()
    plain["password, two bytes each"] = hearth.password.encode("utf-16-le")
    assert list(hits(tmp_path, plain)) == []
    assert list(hits(tmp_path, keys)) == []
    record_property("sealed entry left in", json.dumps(sorted({path for _, path in hits(tmp_path, sealed)})))

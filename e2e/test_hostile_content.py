"""Titles, messages, files and previews that mean harm: nothing runs, nothing is asked of anybody, the layout holds."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Frame, Page, Request, expect

from e2e.test_accessibility import NARROW, WIDE, assert_accessible
from hearth_testing import journey
from hearth_testing.server import Hearth

PWN = "globalThis.pwned=1"
SCRIPT = f"<script>{PWN}</script><img src=x onerror='{PWN}'><svg onload={PWN}><iframe srcdoc='<script>{PWN}</script>'>"
BIDI = "\u202e\u2066\u2067\u2068\u061c\u200f"
ZALGO = "Z" + "\u0301\u0316\u0489" * 400

TITLES = {
    "markup": f"0 {SCRIPT}",
    "template": "1 {{constructor.constructor('globalThis.pwned=1')()}} ${globalThis.pwned=1}",
    "bidi": f"2 {BIDI}gnp.exe{BIDI}",
    "invisible": "3 \u200b\u200d\ufeff\u00ad\u2060\u180e",
    "white": "4 \n\r\t\u2028\u2029\x0b",
    "long": "5 " + "w" * 700_000,
    "marks": f"6 {ZALGO * 40}",
    "wide": "7 " + "﷽" * 400,
    "nul": "8 \x00\x01\x1b[31m\x7f\x9f",
}

LINKS = (
    "javascript:globalThis.pwned=1",
    "JaVaScRiPt:globalThis.pwned=1",
    "java\tscript:globalThis.pwned=1",
    " javascript:globalThis.pwned=1",
    "\x01javascript:globalThis.pwned=1",
    "&#106;avascript:globalThis.pwned=1",
    "&#x6A;ava&Tab;script&colon;globalThis.pwned=1",
    "%6Aavascript:globalThis.pwned=1",
    "vbscript:msgbox(1)",
    "data:text/html;base64,PHNjcmlwdD5wd25lZD0xPC9zY3JpcHQ+",
    "data:text/html,<script>globalThis.pwned=1</script>",
    "blob:http://127.0.0.1/00000000-0000-0000-0000-000000000000",
    "file:///etc/passwd",
    "//elsewhere.example/",
    "/api/sign-out",
    "view-source:javascript:globalThis.pwned=1",
    "filesystem:http://127.0.0.1/x",
    "\u202ejavascript:globalThis.pwned=1",
)

MESSAGES = {
    "markup": SCRIPT
    + f"\n\n<a href='javascript:{PWN}'>x</a> <style>*{{display:none}}</style> <base href=//elsewhere.example>",
    "links": "\n\n".join(
        [f"[link]({link}) [link](<{link}>) <{link}> ![image]({link})" for link in LINKS]
        + [f"[ref{at}]: {link}\n[ref{at}]" for at, link in enumerate(LINKS)]
    ),
    "loads": "![x](https://elsewhere.example/x.png) ![x](http://127.0.0.1:1/x.svg) <img src=//elsewhere.example/y>",
    "quotes": ">" * 100_000 + " deep",
    "lists": "\n".join("  " * level + "- x" for level in range(600)),
    "emphasis": "*" * 100_000 + "x" + "*" * 100_000,
    "brackets": "[" * 50_000 + "]" * 50_000 + "(" * 50_000,
    "a giant table": "|" + "a|" * 400 + "\n|" + "-|" * 400 + "\n" + ("|" + "b|" * 400 + "\n") * 400,
    "bidi": f"{BIDI}evil{BIDI}\n\n`{BIDI}if admin{BIDI}`",
    "marks": ZALGO * 100,
    "one word": "w" * 100_000,
    "fences": "```" + "`" * 10_000 + f"{SCRIPT}\n" + "x" * 50_000,
    "invisible": "\u200b" * 50_000,
    "entities": "&lt;script&gt;globalThis.pwned=1&lt;/script&gt; &#60;script&#62;globalThis.pwned=1&#60;/script&#62;",
}

FILES = [
    {"name": f"{BIDI}gpj.exe", "type": "image/png", "size": 1},
    {"name": SCRIPT, "type": f"text/html;{SCRIPT}", "size": "<b>1</b>"},
    {"name": "n" * 100_000, "type": "t" * 10_000, "size": 10**30},
    {"name": "../../etc/passwd\x00.png", "type": "", "size": -1},
    {"name": ZALGO, "type": None, "size": None},
    {"name": None, "type": ["x"], "size": True},
]
EMBEDS = [{"url": link, "title": SCRIPT, "description": f"{BIDI}x"} for link in LINKS] + [
    {"url": "https://user:pass@elsewhere.example@evil.example/", "title": "t" * 100_000, "description": ZALGO},
    {"url": "https://" + "a" * 100_000, "title": "", "description": None},
    {"url": None, "title": {"x": 1}, "description": ["y"]},
]


def foreign(frame: Frame) -> bool:
    """Whether a frame shows anything: a document of its own, or one of text (`srcdoc`)."""
    return frame.parent_frame is not None and frame.url != "about:blank"


class Watcher:
    """Notes whatever a page should not do while it shows hostile content."""

    def __init__(self, page: Page, origin: str) -> None:
        self._page = page
        self._origin = origin
        self.seen: list[str] = []
        page.on("dialog", self._dialog)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"error {error}"))
        page.on("popup", lambda popup: self.seen.append(f"popup {popup.url}"))
        page.on("request", self._request)
        # An empty frame of the page's own is made and removed to see whether Cache Storage keeps its entries.
        page.on("framenavigated", lambda frame: self.seen.append(f"frame {frame.url}") if foreign(frame) else None)
        page.add_init_script(
            "globalThis.reports = [];"
            "document.addEventListener('securitypolicyviolation', (event) =>"
            " reports.push(`${event.effectiveDirective} ${event.blockedURI}`));"
        )

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"console {message.text[:200]}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._origin, "data:", "blob:")):
            self.seen.append(f"request {request.url[:200]}")

    def assert_quiet(self) -> None:
        """Nothing ran, nothing was asked of anybody, nothing was even refused."""
        assert self._page.evaluate("() => globalThis.pwned") is None
        assert self._page.evaluate("() => globalThis.reports") == []
        assert self.seen == []


OVERHANG = """
() => [document.documentElement, document.querySelector("[role=log]"), document.querySelector("#chats"),
    document.querySelector("#settings-body")]
  .filter((box) => box && box.offsetParent !== null || box === document.documentElement)
  .map((box) => box.scrollWidth - box.clientWidth)
"""

STRAY = """
() => [...document.querySelectorAll("script:not([src]), iframe, object, embed, base, style, img, form, [onclick]")]
  .filter((each) => !(each.type === "py" || each.type === "importmap"
    || each.matches("#sign-in-form, #rename, #composer, #edit, html > iframe[hidden]:not([src])")))
  .map((each) => each.outerHTML.slice(0, 100))
"""

UNSAFE = """
() => [...document.querySelectorAll("main a[href], #settings a[href]")]
  .filter((a) => !/^(?:https?:|mailto:)$/.test(a.protocol) || a.origin === location.origin && !a.hash
    || a.target === "_blank" && !/noopener/.test(a.rel))
  .map((a) => a.getAttribute("href").slice(0, 100))
"""

FAR_AWAY = """
(texts) => {
  // As some fonts do with a heap of combining marks: what is drawn lies far outside of its own box.
  for (const text of document.querySelectorAll(texts)) {
    text.style.setProperty("text-indent", "5000px", "important");
    text.style.setProperty("white-space", "nowrap", "important");
  }
  return document.querySelectorAll(texts).length;
}
"""


@pytest.fixture
def watcher(page: Page, fresh: Hearth) -> Watcher:
    """Somebody who looks."""
    return Watcher(page, fresh.url)


def assert_it_holds(page: Page, size: dict[str, int]) -> None:
    """Nothing sticks out, nothing is there that no message may make, and the page answers."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    assert set(page.evaluate(OVERHANG)) == {0}
    assert page.evaluate(STRAY) == []
    assert page.evaluate(UNSAFE) == []
    assert page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done('drawn')))") == "drawn"


def test_hostile_titles_stay_titles(page: Page, fresh: Hearth, watcher: Watcher) -> None:
    journey.sign_in(page, fresh)
    usual = journey.chats(page).first.bounding_box()
    for title in TITLES.values():
        fresh.change(add_chat={"title": title, "messages": ["hello"]})
    expect(journey.chats(page)).to_have_count(12 + len(TITLES))
    heights = page.evaluate("() => [...document.querySelectorAll('#chats li.chat')].map((line) => line.offsetHeight)")
    assert usual
    assert max(heights[: len(TITLES)]) <= usual["height"] + 1, "no title makes its line any higher"
    for at in range(len(TITLES)):
        line = journey.chats(page).nth(at)
        line.click()
        expect(journey.messages(page).last).to_contain_text("hello")
        text = journey.heading(page).inner_text()
        assert len(text) <= 200
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b")
        assert_it_holds(page, WIDE)
    assert_accessible(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert_it_holds(page, NARROW)
    assert_accessible(page)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.reload()
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.chats(page)).to_have_count(12 + len(TITLES))
    watcher.assert_quiet()


def test_hostile_messages_stay_text(page: Page, fresh: Hearth, watcher: Watcher) -> None:
    chat = fresh.account()["chats"][0]
    added = fresh.change(add_chat={"title": "Hostile"})
    for text in MESSAGES.values():
        fresh.change(add_message={"chat_id": added["chats"][0], "text": text})
    fresh.change(set_last_opened={"chat_id": added["chats"][0]})
    journey.sign_in(page, fresh)
    expect(journey.messages(page)).to_have_count(len(MESSAGES), timeout=20_000)
    for size in (WIDE, NARROW):
        assert_it_holds(page, size)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    # The person goes on: another chat opens, and a message that comes is shown.
    journey.open_chat(page, chat["title"])
    fresh.change(add_message={"chat_id": chat["id"], "text": "still here"})
    expect(journey.messages(page).last).to_contain_text("still here")
    watcher.assert_quiet()


def test_what_is_drawn_outside_of_its_box_is_cut_off_with_any_font(page: Page, fresh: Hearth) -> None:
    kinds = "# heading\n\ntext\n\n- item\n\n> quote\n\n```\ncode\n```\n\n| table |\n|-|\n| cell |"
    messages = [{"text": text, "role": role} for text in (kinds, "text") for role in ("user", "assistant", "system")]
    added = fresh.change(add_chat={"title": "Fonts", "draft": "draft", "messages": messages})
    fresh.change(set_last_opened={"chat_id": added["chats"][0]})
    journey.sign_in(page, fresh)
    expect(journey.messages(page)).to_have_count(len(messages))
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("region", name="Settings and memories").locator("dd").first).to_be_visible()
    for texts in (
        "#messages .prose *",
        "#chats a > *, #chat-title",
        "#settings .app :is(dt, dd, h3, h4)",
    ):
        assert page.evaluate(FAR_AWAY, texts)
        assert page.evaluate(OVERHANG) == [0, 0, 0, 0], texts


def test_hostile_files_and_previews_load_nothing(page: Page, fresh: Hearth, watcher: Watcher) -> None:
    message: dict[str, Any] = {"text": "look", "files": FILES, "embeds": EMBEDS}
    added = fresh.change(add_chat={"title": "Files", "messages": [message]})
    fresh.change(set_last_opened={"chat_id": added["chats"][0]})
    journey.sign_in(page, fresh)
    expect(page.get_by_role("list", name="Files").get_by_role("listitem")).to_have_count(len(FILES))
    names = page.get_by_role("list", name="Files").inner_text()
    assert "\u202e" not in names
    for size in (WIDE, NARROW):
        assert_it_holds(page, size)
        assert_accessible(page)
    watcher.assert_quiet()


def test_hostile_settings_stay_text(page: Page, fresh: Hearth, watcher: Watcher) -> None:
    journey.sign_in(page, fresh)
    for name, value in (("markup", SCRIPT), ("bidi", BIDI), ("long", "w" * 100_000), ("marks", ZALGO * 20)):
        fresh.change(set_setting={"app": f"{SCRIPT[:60]} {name}", "name": f"{name} {BIDI}", "value": value})
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("region", name="Settings and memories")).to_contain_text("onerror")
    for size in (WIDE, NARROW):
        assert_it_holds(page, size)
    assert_accessible(page)
    watcher.assert_quiet()

"""The policy of the page: what each answer says, and that the browser refuses what it forbids."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

EXPECTED = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval' 'unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "default",
}

ROUTES = {
    "/": 200,
    "/index.html": 200,
    "/sw.js": 200,
    "/nothing-here": 404,
    "/api/demo": 200,
    "/api/session": 401,
    "/api/challenge": 404,
    "/healthz": 200,
    "/control/accounts": 200,
    "/control/nothing": 404,
    "/ws": 404,
}


def answer(url: str) -> Any:
    """What a GET is answered, errors included."""
    try:
        return urllib.request.urlopen(url, timeout=20)  # noqa: S310 - our own server
    except urllib.error.HTTPError as error:
        return error


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_answers_under_the_policy(hearth: Hearth, path: str) -> None:
    got = answer(hearth.url + path)
    policy = dict(part.strip().split(" ", 1) for part in got.headers["Content-Security-Policy"].split(";"))
    assert policy == EXPECTED
    assert got.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert got.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert got.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert got.headers["Referrer-Policy"] == "no-referrer"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in got.headers["Permissions-Policy"]
    for name in ("get", "create"):
        assert f"publickey-credentials-{name}=(self)" in got.headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in got.headers
    assert got.status == ROUTES[path]


def test_what_holds_data_is_never_kept(hearth: Hearth) -> None:
    for path in ("/api/demo", "/api/session", "/control/accounts", "/healthz"):
        assert answer(hearth.url + path).headers["Cache-Control"] == "no-store"


def test_every_script_and_style_sheet_is_vouched_for(hearth: Hearth, page: Page) -> None:
    page.goto(hearth.url)
    script = """
    () => [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((each) =>
      [new URL(each.src || each.href).origin === location.origin, each.integrity.startsWith("sha256-")])
    """
    vouched = page.evaluate(script)
    assert len(vouched) > 10
    assert vouched == [[True, True]] * len(vouched)


SINKS = {
    "eval": "(text) => eval(text)",
    "indirect eval": "(text) => (0, eval)(text)",
    "Function": "(text) => new Function(text)()",
    "an async Function": "(text) => (async () => {}).constructor(text)()",
    "setTimeout": "(text) => { setTimeout(text, 0); }",
    "setInterval": "(text) => { clearInterval(setInterval(text, 0)); }",
    "innerHTML": "(text) => { document.createElement('div').innerHTML = `<img src=x onerror='${text}'>`; }",
    "outerHTML": "(text) => { document.body.firstElementChild.outerHTML = `<b>${text}</b>`; }",
    "insertAdjacentHTML": "(text) => document.body.insertAdjacentHTML('beforeend', text)",
    "document.write": "(text) => document.write(`<script>${text}</script>`)",
    "srcdoc": "(text) => { document.createElement('iframe').srcdoc = text; }",
    "DOMParser": "(text) => new DOMParser().parseFromString(text, 'text/html')",
    "a range": "(text) => document.createRange().createContextualFragment(text)",
    "a script's text": "(text) => { document.createElement('script').text = text; }",
    "a script's textContent": "(text) => { document.createElement('script').textContent = text; }",
    "a script's src": "(text) => { document.createElement('script').src = `data:text/javascript,${text}`; }",
    "a worker": "(text) => new Worker(`data:text/javascript,${text}`)",
    "another service worker": "(text) => navigator.serviceWorker.register('/-/boot.js?' + text)",
    "a policy of one's own": "() => trustedTypes.createPolicy('other', { createHTML: (text) => text })",
    "the default policy again": "() => trustedTypes.createPolicy('default', { createHTML: (text) => text })",
}

HANDED_OVER = {
    "an attribute": "(text) => { const a = document.createElement('a'); a.setAttribute('onclick', text); a.click(); }",
    "a javascript: link": "(text) => { const a = document.createElement('a'); a.href = `javascript:${text}`; "
    "document.body.append(a); a.click(); a.remove(); }",
    "an inline script": "(text) => { const s = document.createElementNS('http://www.w3.org/2000/svg', 'script'); "
    "s.append(text); document.body.append(s); s.remove(); }",
    "a frame": "() => { const f = document.createElement('iframe'); f.src = 'data:text/html,x'; "
    "document.body.append(f); f.remove(); }",
    "a form": "() => { const f = document.createElement('form'); f.action = 'https://elsewhere.example/'; "
    "f.method = 'post'; document.body.append(f); f.submit(); f.remove(); }",
    "a base": "() => { const b = document.createElement('base'); b.href = 'https://elsewhere.example/'; "
    "document.head.append(b); b.remove(); }",
    "an inline style sheet": "() => { const s = document.createElement('style'); s.append('#shell { opacity: 0.5 }'); "
    "document.head.append(s); s.remove(); }",
}


def test_no_text_becomes_code_or_html(page: Page, hearth: Hearth, browser_name: str) -> None:
    page.goto(hearth.url)
    journey.wait_for_mark(page, "python-ready")
    if not page.evaluate("() => Boolean(globalThis.trustedTypes)"):
        pytest.skip(f"this {browser_name} has no Trusted Types")
    allowed = {}
    for name, sink in SINKS.items():
        attempt = f"""
        async () => {{
          // In a task of the page's own: what a debugger evaluates may do what the page may not.
          await new Promise((done) => setTimeout(done, 0));
          try {{
            await ({sink})("globalThis.pwned = 1");
          }} catch (error) {{
            return error.name;
          }}
          return "nothing";
        }}
        """
        refused = page.evaluate(attempt)
        if refused not in ("TypeError", "EvalError", "SecurityError"):
            allowed[name] = refused
    # What runs later would have run by the next task.
    page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
    assert allowed == {}
    assert page.evaluate("() => globalThis.pwned") is None
    assert page.url == f"{hearth.url}/"


def test_what_the_policy_forbids_is_reported_and_does_nothing(page: Page, hearth: Hearth) -> None:
    page.goto(hearth.url)
    journey.wait_for_mark(page, "python-ready")
    allowed = []
    for name, way in HANDED_OVER.items():
        attempt = f"""
        () => new Promise((resolve) => {{
          const told = (event) => resolve(event.effectiveDirective);
          document.addEventListener("securitypolicyviolation", told, {{ once: true }});
          setTimeout(() => resolve("nothing"), 3000);
          try {{
            ({way})("globalThis.pwned = 1");
          }} catch (error) {{
            resolve(error.name);
          }}
        }})
        """
        if page.evaluate(attempt) == "nothing":
            allowed.append(name)
    assert allowed == []
    assert page.evaluate("() => globalThis.pwned") is None
    assert page.url == f"{hearth.url}/"


def test_the_one_known_string_is_admitted_and_nothing_near_it(page: Page, hearth: Hearth) -> None:
    page.goto(hearth.url)
    journey.wait_for_mark(page, "python-ready")
    if not page.evaluate("() => Boolean(globalThis.trustedTypes)"):
        pytest.skip("this browser has no Trusted Types")
    boot = next(url for url in page.evaluate("() => [...document.scripts].map(({ src }) => src)") if "/boot." in url)
    known = page.evaluate(
        r"""
        async (boot) => {
          const text = await (await fetch(boot)).text();
          return JSON.parse(/const TRUSTED_SCRIPT = ("(?:[^"\\]|\\.)*");/.exec(text)[1]);
        }
        """,
        boot,
    )
    verdicts = page.evaluate(
        """
        (candidates) => candidates.map((text) => {
          try {
            return trustedTypes.defaultPolicy.createScript(text).toString() === text;
          } catch {
            return false;
          }
        })
        """,
        [known, known + " ", ";" + known, known[:-1], known.upper(), f"({known})"],
    )
    assert verdicts == [True, False, False, False, False, False]


def test_nothing_is_asked_of_another_origin(page: Page, fresh: Hearth) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    journey.sign_in(page, fresh)
    for chat in range(3):
        journey.chats(page).nth(chat).click()
        expect(journey.heading(page)).to_be_visible()
    origin = fresh.url.removeprefix("http://")
    assert [url for url in asked if origin not in url and not url.startswith("data:")] == []

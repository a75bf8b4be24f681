"""index.html and what it refers to: addresses by content, PyScript's tags, and sentences for what is wrong."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from runtime.assets import Assets
from runtime.compression import Compressor
from runtime.errors import BuildError
from runtime.page import Linker, assemble, held_back, in_script, preload, script, start_tags, vouched
from runtime.paths import ROOT

PAGE = '<html><head></head><body><script type="py">start()</script></body></html>'


@pytest.fixture
def linker(tmp_path: Path) -> Linker:
    files = {
        "index.html": '<link href="app/main.css"><script src="runtime/boot.js"></script><a href="#top">top</a>',
        "app/main.css": "body { background: url(icons/fire.svg) }",
        "app/icons/fire.svg": "<svg/>",
        "runtime/boot.js": 'import { a } from "../app/a.js"; const token = "__TOKEN__"; import("./late.js");',
        "runtime/late.js": "export {}",
        "app/a.js": "export const a = 1",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Linker(tmp_path, Assets(Compressor(tmp_path / "cache")), {"__TOKEN__": "</script>"})


def test_references_become_addresses_all_the_way_down(linker: Linker) -> None:
    page = linker.rewritten(linker.root / "index.html").decode()
    assert re.search(r'href="/-/main\.[0-9a-f]{16}\.css"', page)
    assert 'href="#top"' in page
    (boot,) = [address for address in linker.addresses() if "/boot." in address]
    script = linker.assets.content(boot).decode()
    assert re.search(r'from "/-/a\.[0-9a-f]{16}\.js"', script)
    assert re.search(r'import\("/-/late\.[0-9a-f]{16}\.js"\)', script)
    (style,) = [address for address in linker.addresses() if "/main." in address]
    assert re.search(rb"url\(/-/fire\.[0-9a-f]{16}\.svg\)", linker.assets.content(style))


def test_a_change_far_down_changes_every_address_above_it(linker: Linker) -> None:
    before = linker.rewritten(linker.root / "index.html")
    (linker.root / "app/a.js").write_text("export const a = 2")
    again = Linker(linker.root, linker.assets, linker.replacements)
    assert again.rewritten(linker.root / "index.html") != before


def test_a_token_becomes_json_that_cannot_end_the_script(linker: Linker) -> None:
    script = linker.rewritten(linker.root / "runtime/boot.js").decode()
    assert "</script>" not in script
    assert json.loads(in_script("</script>")) == "</script>"
    assert in_script("</script>") in script


@pytest.mark.parametrize("url", ["gone.js", "../../outside.js"])
def test_a_reference_to_nothing_is_told(linker: Linker, url: str) -> None:
    (linker.root / "index.html").write_text(f'<script src="{url}"></script>')
    with pytest.raises(BuildError, match=re.escape(url)):
        linker.rewritten(linker.root / "index.html")


def test_a_circle_of_imports_is_told(linker: Linker) -> None:
    (linker.root / "app/a.js").write_text('import "../runtime/boot.js"')
    with pytest.raises(BuildError, match=r"runtime/boot\.js -> app/a\.js -> runtime/boot\.js"):
        linker.link(linker.root / "runtime/boot.js")


def assembled(page: str = PAGE) -> str:
    settings = {"interpreter": "/-/i.mjs", "plugins": ["!error"], "name": 'A "quoted" <name>'}
    return assemble(page, script("/-/core.js"), settings)


def test_settings_reach_pyscript_intact() -> None:
    class Scripts(HTMLParser):
        config: str | None = None

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "script" and ("type", "py") in attrs:
                self.config = dict(attrs)["config"]

    parser = Scripts()
    parser.feed(assembled())
    assert parser.config
    assert json.loads(parser.config)["name"] == 'A "quoted" <name>'


def test_what_starts_python_is_inert_and_the_core_comes_last() -> None:
    start = held_back(start_tags(early=["/-/i.mjs"], preloads=["/-/x.wasm"], core="/-/core.js"))
    assert start.startswith("<template")
    assert start.endswith(f"{script('/-/core.js')}\n</template>")
    assert start.index("/-/x.wasm") < start.index("async") < start.index("/-/core.js")


def test_python_starts_from_the_end_of_the_head() -> None:
    page = assembled()
    assert page.index("/-/core.js") < page.index("</head>") < page.index('type="py"')


@pytest.mark.parametrize(
    "page",
    ["<head></head><body></body>", PAGE + PAGE, PAGE.replace("</head>", ""), PAGE.replace("</body>", "")],
)
def test_a_page_without_a_place_for_python_is_told(page: str) -> None:
    with pytest.raises(BuildError, match="exactly one"):
        assembled(page)


def test_preloads_match_how_the_file_is_asked_for() -> None:
    assert preload("/-/a.mjs") == '<link rel="modulepreload" href="/-/a.mjs">'
    assert preload("/-/a.wasm") == '<link rel="preload" as="fetch" crossorigin href="/-/a.wasm">'


def test_scripts_and_style_sheets_carry_the_digest_of_what_they_name() -> None:
    files = {"/-/a.js": b"", "/-/b.mjs": b"b", "/-/c.css": b""}
    page = vouched(
        '<script src="/-/a.js"></script><script type="module" async src="/-/b.mjs"></script>'
        '<link rel="stylesheet" href="/-/c.css"><link rel="modulepreload" href="/-/b.mjs"><script type="py">x</script>',
        files.__getitem__,
    )
    empty = 'integrity="sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="'
    assert f'<script src="/-/a.js" {empty}></script>' in page
    assert f'<link rel="stylesheet" href="/-/c.css" {empty}>' in page
    assert page.count("integrity=") == 3
    assert '<link rel="modulepreload" href="/-/b.mjs">' in page


def test_everything_that_the_page_itself_refers_to_is_there(tmp_path: Path) -> None:
    linker = Linker(ROOT, Assets(Compressor(tmp_path)), {})
    page = linker.rewritten(ROOT / "index.html").decode()
    scripts = [address for address in linker.addresses() if address.endswith(".js")]
    assert len(scripts) >= 5
    assert all(address in page for address in scripts if "first_key" in address)

"""The kernels as they are installed: all are found, and each comes after those that it imports."""

from __future__ import annotations

import re
from pathlib import Path

from hearth.browser.kernel_files import imports_of, kernels, linked

ROOT = Path(__file__).parents[4]


def test_every_kernel_comes_after_those_that_it_imports() -> None:
    ordered = list(kernels())
    for path, source in kernels().items():
        assert all(ordered.index(each) < ordered.index(path) for each in imports_of(path, source)), path


def test_they_are_the_files_that_the_page_names() -> None:
    page = (ROOT / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'<script type="module" src="app/hearth/browser/([\w/.]+)"', page))
    imported = {each for path, source in kernels().items() for each in imports_of(path, source)}
    assert named <= set(kernels())
    assert set(kernels()) <= named | imported


def test_a_linked_kernel_imports_from_where_the_others_are() -> None:
    source = 'import { one } from "./one.js";\nimport { two } from "./two.js";'
    addresses = {"keys/one.js": "blob:1", "keys/two.js": "blob:2"}
    assert imports_of("keys/three.js", source) == list(addresses)
    assert linked("keys/three.js", source, addresses) == (
        'import { one } from "blob:1";\nimport { two } from "blob:2";'
    )


def test_no_token_of_the_build_is_left_in_one() -> None:
    assert not [path for path, source in kernels().items() if "__HEARTH_" in source]

"""The tests that the guide's page shows."""

from __future__ import annotations

import re

from runtime.paths import ROOT

PAGE = ROOT / "docs/guide/testing.md"
_FILE = re.compile(r"^`(test_\w+\.py)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown() -> dict[str, str]:
    """The files of the page, by their names."""
    return dict(_FILE.findall(PAGE.read_text(encoding="utf-8")))

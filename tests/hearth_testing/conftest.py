"""What a run of pytest within the tests needs of the run around it."""

from __future__ import annotations

import os

# A run in this process takes out of `sys.modules` what it was the first to import. httpx imports these two late and
# keeps their exceptions: imported a second time, they would be others, and no error of a connection would be caught.
import anyio._backends._asyncio  # noqa: F401
import httpcore  # noqa: F401
import pytest

from runtime.paths import ROOT


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in a process of its own finds the plugin, which is not installed here."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(each) for each in (ROOT, ROOT / "app")))

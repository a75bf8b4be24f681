"""Which browsers the journeys are driven in; without one they are skipped here and fail where CI is set."""

from __future__ import annotations

import os
from typing import Any

import pytest

from runtime.browsers import Browser, find


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_name: str) -> dict[str, Any]:
    """Playwright's own browser when it is installed, else the system's; `E2E_CHROMIUM`, `E2E_FIREFOX` decide."""
    found = find(Browser(browser_name))
    if found is None:
        absent = f"There is no {browser_name} here: run 'make setup', or set E2E_{browser_name.upper()} to its path."
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    return {**browser_type_launch_args, **found.launch_options()}

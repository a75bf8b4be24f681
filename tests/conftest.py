"""What holds for every test here: Hypothesis measures no time, as a busy machine takes any time for anything."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("hearth", deadline=None)
settings.load_profile("hearth")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the soak runs."""
    parser.addoption("--histories", type=int, default=1_000, help="so many random histories of each kind in a soak")

"""Bounds of what a query asks for."""

from __future__ import annotations

from tests.server_mock.directus_probe import row
from tests.server_mock.directus_standin.asking import Asking


class TestLimits:
    def test_pages_beyond_any_row(self, asking: Asking) -> None:
        asking.ask("POST", "/items/rows", row(1))
        largest = 2**53 - 1
        assert asking.names(page=largest, limit=largest) == []
        assert asking.names(offset=largest, limit=largest) == []

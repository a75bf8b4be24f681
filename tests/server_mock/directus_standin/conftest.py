"""A dialect for each test of the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server_mock.directus_standin.asking import Asking


@pytest.fixture
def asking() -> Iterator[Asking]:
    asking = Asking()
    yield asking
    asking.store.close()

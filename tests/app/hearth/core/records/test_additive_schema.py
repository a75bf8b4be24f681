"""A device that knows a field beside one that does not, on CPython's adapters (in the page: e2e/test_contracts.py)."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.records.schema import Collection, check_record
from tests.app.hearth.engine.storage.test_memory_store import MemoryEnv
from tests.app.hearth.testing.test_cpython_cipher import CryptographyEnv
from tests.contracts import schema as contract


class PlainEnv(MemoryEnv, CryptographyEnv):
    """The adapters of CPython, which look at the registry each time."""

    def __init__(self) -> None:
        MemoryEnv.__init__(self)
        CryptographyEnv.__init__(self)

    def registry_changed(self) -> None:
        """Nothing was taken over from it."""

    def fits(self, collection: Collection, record: Any) -> bool:
        """Whether a record is taken in."""
        return check_record(collection, record) is None


@pytest.mark.parametrize("case", contract.CASES.values(), ids=contract.CASES.keys())
async def test_schema(case: contract.Case) -> None:
    await case(PlainEnv())

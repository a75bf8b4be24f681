"""A device that knows a field beside one that does not, on CPython's adapters (in the page: e2e/test_contracts.py)."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.records.envelope import MIN_SEALED_CHARS, has_sealed_form
from hearth.core.records.schema import (
    SPECS,
    Collection,
    FieldKind,
    check_record,
    is_later_field,
    later_fields,
    record_of,
)
from tests.app.hearth.engine.storage.test_memory_store import MemoryEnv
from tests.app.hearth.testing.test_cpython_cipher import CryptographyEnv
from tests.contracts import records
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


CHATS, MESSAGES, ENTRIES = Collection
SEALED = records.SEALED


def test_what_a_keyring_opens_and_where_keys_are() -> None:
    assert {name: spec.sealed for name, spec in SPECS.items()} == {
        CHATS: ("title", "draft", "pinned"),
        MESSAGES: ("content", "files", "embeds", "interrupted"),
        ENTRIES: ("sealed",),
    }
    assert [spec.wraps_key for spec in SPECS.values()] == [True, False, True]


def test_every_optional_field_may_be_null_and_has_a_name_that_older_devices_keep() -> None:
    with contract.newer_registry(PlainEnv()):
        optional = [(name, kind) for spec in SPECS.values() for name, kind in spec.optional.items()]
        assert len(optional) == 6
        for name, kind in optional:
            assert kind in (FieldKind.NUMBER_OR_NULL, FieldKind.SEALED_OR_NULL)
            assert is_later_field(name, None)
    for spec in SPECS.values():
        for name, kind in spec.optional.items():
            assert kind in (FieldKind.NUMBER_OR_NULL, FieldKind.SEALED_OR_NULL), name
            assert is_later_field(name, None), name


def test_the_form_of_a_sealed_value() -> None:
    assert MIN_SEALED_CHARS == 52
    assert has_sealed_form(SEALED) is True
    assert has_sealed_form(SEALED[:52]) is True
    for bad in (SEALED[:48], SEALED[:53], SEALED[:54], SEALED[:55], None, 5, SEALED.encode()):
        assert has_sealed_form(bad) is False


def test_a_row_of_a_disk_is_the_record_without_what_is_the_servers() -> None:
    chat = contract.SPECIMENS[CHATS]
    row = {**chat, "hashed_user_id": "a" * 64, "sort": 5, "zeta": SEALED, "yeta": None}
    chat = {**chat, "pinned": None}
    assert record_of(CHATS, row) == {**chat, "zeta": SEALED}
    assert later_fields(CHATS, row) == {"zeta": SEALED}
    with contract.newer_registry(PlainEnv()):
        assert record_of(CHATS, row) == {**chat, "zeta": SEALED, "colour": None, "archived_at": None}
        row |= {"colour": SEALED, "archived_at": 5}
        assert record_of(CHATS, row) == {**chat, "zeta": SEALED, "colour": SEALED, "archived_at": 5}
        assert later_fields(CHATS, row) == {"zeta": SEALED, "colour": SEALED, "archived_at": 5}

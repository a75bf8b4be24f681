"""Rows that are there from the start: all of them or none."""

from __future__ import annotations

import pytest

from server_mock.directus.schema import Row
from server_mock.directus_standin.app import StandIn
from server_mock.directus_standin.errors import DialectError
from tests.server_mock.conftest import TOKEN
from tests.server_mock.directus_probe import row_id


def chat(number: int) -> Row:
    return {
        "id": row_id(number),
        "hashed_user_id": "u",
        "last_updated": number,
        "created_at": number,
        "version": 1,
        "changed_at": number,
    }


class TestSeeding:
    def test_rows_are_there_at_once(self) -> None:
        stand_in = StandIn(TOKEN)
        stand_in.seed("chats", [chat(n) for n in range(12_000)])
        assert stand_in.count("chats") == 12_000
        stand_in.close()

    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            ({"version": None}, "FAILED_VALIDATION"),
            ({"id": row_id(1)}, "RECORD_NOT_UNIQUE"),
            ({"id": "no-uuid"}, "FORBIDDEN"),
            ({"title": 5}, "INVALID_PAYLOAD"),
        ],
    )
    def test_all_or_none(self, bad: Row, code: str) -> None:
        stand_in = StandIn(TOKEN)
        with pytest.raises(DialectError) as raised:
            stand_in.seed("chats", [chat(1), chat(2), {**chat(3), **bad}])
        assert raised.value.errors[0]["extensions"]["code"] == code
        assert stand_in.count("chats") == 0
        stand_in.close()

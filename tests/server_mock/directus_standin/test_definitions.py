"""Collections that are made by a body, and the types of their fields."""

from __future__ import annotations

import json

import pytest

from server_mock.directus.schema import COLLECTIONS, FieldType, creation_body, is_uuid
from tests.server_mock.directus_probe import row_id


class TestSchema:
    @pytest.mark.parametrize("name", COLLECTIONS)
    def test_a_body_that_makes_a_collection(self, name: str) -> None:
        body = creation_body(name, COLLECTIONS[name])
        assert body["meta"] == {"accountability": None}
        (key,) = [field for field in body["fields"] if field["schema"]["is_primary_key"]]
        assert (key["field"], key["type"], key["schema"]["is_nullable"]) == ("id", "uuid", False)
        assert all(isinstance(field["meta"], dict) for field in body["fields"])
        json.dumps(body)

    def test_moments_are_wide_enough(self) -> None:
        for fields in COLLECTIONS.values():
            for name, field in fields.items():
                if name.endswith("_at") or name == "last_updated":
                    assert field.type is FieldType.BIG_INTEGER

    @pytest.mark.parametrize(
        ("text", "yes"),
        [
            (row_id(1), True),
            (row_id(1) + "\n", False),
            ("A" + row_id(1)[1:], False),
            (row_id(1)[1:], False),
            ("", False),
        ],
    )
    def test_uuids(self, text: str, yes: bool) -> None:
        assert is_uuid(text) is yes

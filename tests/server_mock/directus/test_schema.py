"""The collections as data: every field of the devices' registry is there, and rows come back with their types."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records.schema import SPECS, Collection
from server_mock.directus.schema import (
    COLLECTIONS,
    PRIMARY_KEY,
    Field,
    FieldType,
    creation_body,
    field_body,
    is_uuid,
    rows_from_wire,
)


@pytest.mark.parametrize("collection", Collection)
def test_every_field_of_a_device_has_a_column(collection: Collection) -> None:
    columns = COLLECTIONS[collection.value]
    for name, kind in SPECS[collection].fields.items():
        assert name in columns
        assert columns[name].nullable or not kind.value.endswith("or-null"), name
    assert columns["hashed_user_id"].indexed


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_collection_is_made_with_one_key_and_keeps_no_history(name: str) -> None:
    body = creation_body(name, COLLECTIONS[name])
    keys = [field["field"] for field in body["fields"] if field["schema"]["is_primary_key"]]
    assert keys == [PRIMARY_KEY]
    assert body["meta"] == {"accountability": None}
    assert all(isinstance(field["meta"], dict) for field in body["fields"])


def test_json_and_booleans_are_made_with_a_cast_and_what_is_unique_needs_no_second_index() -> None:
    assert field_body("a", Field(FieldType.JSON))["meta"] == {"special": ["cast-json"]}
    assert field_body("a", Field(FieldType.TEXT))["meta"] == {}
    schema = field_body("a", Field(FieldType.STRING, indexed=True, unique=True))["schema"]
    assert (schema["is_unique"], schema["is_indexed"]) == (True, False)


FIELDS = {
    "n": Field(FieldType.BIG_INTEGER),
    "b": Field(FieldType.BOOLEAN),
    "j": Field(FieldType.JSON),
    "s": Field(FieldType.STRING),
}


@pytest.mark.parametrize(
    ("wire", "row"),
    [
        ({"n": "17", "b": 1, "j": '{"a": 1}', "s": "5"}, {"n": 17, "b": True, "j": {"a": 1}, "s": "5"}),
        ({"n": 17, "b": False, "j": [1], "s": None}, {"n": 17, "b": False, "j": [1], "s": None}),
        ({"other": "x", "n": None}, {"other": "x", "n": None}),
    ],
)
def test_whichever_database_it_is_rows_have_their_types(wire: dict[str, Any], row: dict[str, Any]) -> None:
    assert rows_from_wire(FIELDS, [wire]) == [row]


@pytest.mark.parametrize("bad", [{"n": "many"}, {"b": "yes"}, {"j": "{"}])
def test_what_cannot_be_of_its_type_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        rows_from_wire(FIELDS, [bad])


@given(st.uuids())
def test_uuids_are_told_in_small_letters_alone(made: uuid.UUID) -> None:
    assert is_uuid(str(made))
    assert not is_uuid(made.hex)
    assert not is_uuid(f"{made}\n")
    assert is_uuid(str(made).upper()) is (str(made) == str(made).upper())

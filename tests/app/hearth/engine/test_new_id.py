"""Ids of what is made here."""

from __future__ import annotations

import uuid

from hearth.engine.new_id import new_id


def test_every_id_is_a_random_uuid_of_its_own() -> None:
    made = {new_id() for _ in range(200)}
    assert len(made) == 200
    assert {uuid.UUID(each).version for each in made} == {4}

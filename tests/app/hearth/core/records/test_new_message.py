"""The first version of a message: a complete record, with nothing in it that was not given."""

from __future__ import annotations

from hearth.core.records.new_message import new_message
from hearth.core.records.schema import INTERRUPTED, Collection, check_record
from tests.contracts.records import SEALED


def test_a_new_message_is_a_record_of_the_first_version() -> None:
    made = new_message("m", "c", "user", 17, SEALED)
    assert check_record(Collection.MESSAGES, made) is None
    assert (made["version"], made["deleted_at"], made["created_at"], made["content"]) == (1, None, 17, SEALED)
    assert INTERRUPTED not in made
    marked = new_message("m", "c", "assistant", 17, SEALED, **{INTERRUPTED: SEALED})
    assert marked == {**made, "role": "assistant", INTERRUPTED: SEALED}
    assert check_record(Collection.MESSAGES, marked) is None

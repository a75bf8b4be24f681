"""Ids of what is imported: the same again for the same original, and other ones for anything else."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from hypothesis import given
from hypothesis import strategies as st

from hearth.core.chat_import.ids import hmac_sha256, imported_chat_id, imported_message_id
from hearth.core.chat_import.model import Source

SECRET = b"s" * 32


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_the_hmac_is_that_of_the_standard(key: bytes, text: bytes) -> None:
    assert hmac_sha256(key, text) == hmac.new(key, text, hashlib.sha256).digest()


def test_an_id_never_changes() -> None:
    """An import of the same file, years later, has to find what is there already."""
    assert imported_chat_id(SECRET, Source.CHATGPT, "c1", 0) == "69b80519-e0c8-4546-84e1-4170a9acbcad"


def test_whatever_differs_makes_another_id() -> None:
    ids = {
        imported_chat_id(SECRET, Source.CHATGPT, "1", 0),
        imported_chat_id(SECRET, Source.CLAUDE, "1", 0),
        imported_chat_id(SECRET, Source.CHATGPT, "2", 0),
        imported_chat_id(SECRET, Source.CHATGPT, "1", 1),
        imported_chat_id(b"t" * 32, Source.CHATGPT, "1", 0),
        imported_message_id(SECRET, "chatgpt", "1", 0),
        imported_message_id(SECRET, "chatgp", "t1", 0),
    }
    assert len(ids) == 7
    assert {uuid.UUID(each).version for each in ids} == {4}

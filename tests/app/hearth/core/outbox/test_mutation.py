"""A mutation comes back from its JSON as it was, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest

from hearth.core.outbox import mutation as mutations
from hearth.core.outbox.mutation import Act, Mutation
from tests.contracts.records import SEALED, message

SEND = Mutation(
    id="m1",
    at=1_700_000_000_000,
    act=Act.SEND,
    chat_id="c",
    text="Hello\nyou ✓",
    message=message("c", 1, content=SEALED),
    chat={"title": SEALED, "wrapped_key": SEALED},
    creates=True,
)


@pytest.mark.parametrize("act", Act)
def test_it_comes_back_as_it_was(act: Act) -> None:
    kept = Mutation(id="x", at=5, act=act, chat_id="c", text="t", not_before=9, problem="It cannot be sent.")
    assert mutations.read(mutations.write(kept)) == kept
    assert mutations.read(mutations.write(SEND)) == SEND


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"id": 5}'])
def test_what_is_no_mutation_is_none(content: bytes) -> None:
    assert mutations.read(content) is None


def test_a_mutation_of_an_act_that_is_not_known_is_none() -> None:
    written = json.loads(mutations.write(SEND))
    assert mutations.read(json.dumps(written | {"act": "paint"}).encode()) is None


def test_names_are_in_the_order_of_time_whatever_their_ids() -> None:
    later, earlier = (Mutation(id=name, at=at, act=Act.PIN, chat_id="c") for name, at in (("a", 1_000), ("b", 999)))
    assert sorted([later, earlier], key=lambda each: each.name) == [earlier, later]


def test_its_text_never_shows_itself() -> None:
    assert "Hello" not in repr(SEND)
    assert SEALED not in repr(SEND)


def test_what_it_is_about() -> None:
    assert SEND.is_about("c")
    assert SEND.is_about("c-1")
    assert not SEND.is_about("c-2")
    draft = Mutation(id="d", at=1, act=Act.DRAFT, chat_id="c")
    assert not draft.touches_chat
    assert SEND.touches_chat

"""Frames come out in order, once, whatever order they came in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.protocol.reorder_buffer import OrderedInbox


@given(
    st.permutations(list(range(1, 9))).flatmap(
        lambda order: st.tuples(st.just(order), st.lists(st.sampled_from(order)))
    )
)
def test_reordered_and_repeated_frames_come_out_once_in_order(case: tuple[list[int], list[int]]) -> None:
    order, again = case
    inbox: OrderedInbox[int] = OrderedInbox()
    out = [frame for seq in order + again for frame in inbox.take(seq, seq)]
    assert out == list(range(1, 9))
    assert not inbox.waiting


def test_by_default_sixty_four_frames_wait() -> None:
    inbox: OrderedInbox[int] = OrderedInbox()
    for seq in range(2, 66):
        assert inbox.take(seq, seq) == []
    with pytest.raises(OverflowError):
        inbox.take(66, 66)


def test_a_gap_that_never_closes_is_noticed() -> None:
    inbox: OrderedInbox[int] = OrderedInbox(bound=3)
    for seq in (2, 3, 4):
        assert inbox.take(seq, seq) == []
    assert inbox.waiting
    with pytest.raises(OverflowError):
        inbox.take(5, 5)

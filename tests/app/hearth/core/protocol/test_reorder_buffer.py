"""Frames come out in order, once, whatever order they came in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.protocol.reorder_buffer import ReorderBuffer


@given(
    st.permutations(list(range(1, 9))).flatmap(
        lambda order: st.tuples(st.just(order), st.lists(st.sampled_from(order)))
    )
)
def test_reordered_and_repeated_frames_come_out_once_in_order(case: tuple[list[int], list[int]]) -> None:
    order, again = case
    buffer: ReorderBuffer[int] = ReorderBuffer()
    out = [frame for seq in order + again for frame in buffer.take(seq, seq)]
    assert out == list(range(1, 9))
    assert buffer.take(9, 9) == [9], "nothing is held back"


def test_by_default_sixty_four_frames_wait() -> None:
    buffer: ReorderBuffer[int] = ReorderBuffer()
    for seq in range(2, 66):
        assert buffer.take(seq, seq) == []
    with pytest.raises(OverflowError):
        buffer.take(66, 66)


def test_a_gap_that_never_closes_is_noticed() -> None:
    buffer: ReorderBuffer[int] = ReorderBuffer(bound=3)
    for seq in (2, 3, 4):
        assert buffer.take(seq, seq) == []
    with pytest.raises(OverflowError):
        buffer.take(5, 5)

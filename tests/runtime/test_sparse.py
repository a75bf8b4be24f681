"""Packing the snapshot's zeros away gives back every byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.sparse import GAP, PAGE, pack, unpack

PIECES = st.lists(
    st.one_of(
        st.integers(1, 40).map(lambda pages: bytes(pages * PAGE)),
        st.binary(min_size=1, max_size=3 * PAGE),
    ),
    max_size=8,
)


@given(PIECES)
def test_unpacking_gives_the_image_back(pieces: list[bytes]) -> None:
    image = b"".join(pieces)
    packed, runs = pack(image)
    assert unpack(packed, runs, len(image)) == image
    assert sum(length for _, length in runs) == len(packed)


def test_a_long_gap_is_left_out_and_a_short_one_kept() -> None:
    image = b"a" * PAGE + bytes(2 * GAP) + b"b" * PAGE + bytes(PAGE) + b"c" * PAGE
    packed, runs = pack(image)
    assert runs == [(0, PAGE), (PAGE + 2 * GAP, 3 * PAGE)]
    assert packed == b"a" * PAGE + b"b" * PAGE + bytes(PAGE) + b"c" * PAGE


def test_an_image_of_zeros_needs_no_bytes() -> None:
    assert pack(bytes(10 * PAGE)) == (b"", [])

"""Words that a typed one may stand for: the slips are counted rightly, and no near word is missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.search.fuzzy import MAX_WORD, Vocabulary, distance, may_be_inside, respelt, slips_allowed

words = st.text(alphabet="abcd", min_size=4, max_size=10)


def vocabulary(*words: str) -> Vocabulary:
    made = Vocabulary()
    made.add(words)
    return made


@pytest.mark.parametrize(
    ("left", "right", "slips"),
    [
        ("same", "same", 0),
        ("form", "from", 1),
        ("letter", "leter", 1),
        ("house", "mouse", 1),
        ("abcd", "badc", 2),
        ("ca", "abc", 3),
        ("", "ab", 2),
    ],
)
def test_slips_are_counted(left: str, right: str, slips: int) -> None:
    assert distance(left, right, 9) == distance(right, left, 9) == slips
    assert distance(left, right, 1) == min(slips, 2)


@given(words, words, st.integers(0, 3))
def test_a_bound_changes_nothing_below_it(left: str, right: str, most: int) -> None:
    assert distance(left, right, most) == min(distance(left, right, 99), most + 1)


@pytest.mark.parametrize(("length", "slips"), [(3, 0), (4, 1), (7, 1), (8, 2)])
def test_longer_words_may_hold_more_slips(length: int, slips: int) -> None:
    assert slips_allowed("a" * length) == slips


@given(words, st.lists(words, max_size=6))
def test_with_one_slip_no_near_word_is_missed(word: str, others: list[str]) -> None:
    if slips_allowed(word) == 1:
        near = {other for other in others if distance(word, other, 9) == 1}
        # Of one slip the first part of the word or its last is whole: a slip in the middle of both is two.
        half = max(2, len(word) // 2)
        reached = {other for other in near if other[:half] == word[:half] or other[-half:] == word[-half:]}
        assert reached <= {other for _, other in vocabulary(*others).near(word, 99)} <= near


def test_the_nearest_come_first_and_the_word_itself_is_not_among_them() -> None:
    known = vocabulary("reception", "receptions", "deception", "recepxiox", "other")
    assert known.near("reception") == [(1, "deception"), (1, "receptions"), (2, "recepxiox")]
    assert vocabulary("cat").near("bat") == []


def test_words_with_a_part_inside_the_shortest_first() -> None:
    known = vocabulary("databases", "base", "rebase")
    assert known.containing("base") == ["base", "rebase", "databases"]
    assert known.containing("base", 1) == ["base"]
    assert ("base" in known, "bas" in known, known.has_prefix("data"), known.has_prefix("ase")) == (
        True,
        False,
        True,
        False,
    )


def test_symbols_and_endless_words_are_not_listed() -> None:
    known = vocabulary("\ue000263a", "a" * MAX_WORD)
    assert known.containing("a") == []


def test_how_long_a_part_must_be() -> None:
    assert [may_be_inside(part) for part in ("ab", "abc", "한국")] == [False, True, True]


def test_umlauts_that_were_written_out() -> None:
    assert (respelt("muenchen"), respelt("koeln"), respelt("berlin")) == (["munchen"], ["koln"], [])

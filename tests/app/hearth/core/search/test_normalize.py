"""Folding: what people type and what was written meet, and every folded character knows where it comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.search.normalize import EMOJI_LEAD, fold, fold_with_places, whole, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Straße in MÜNCHEN", ("strasse", "in", "munchen")),
        ("Łódź, Ærø", ("lodz", "aero")),
        ("İstanbul ısı", ("istanbul", "isi")),
        ("ﬁle ＡＢＣ", ("file", "abc")),
        ("مَدْرَسَة", ("مدرسه",)),
        ("日本語", ("日", "本", "語")),
        ("hi 😀!", ("hi", f"{EMOJI_LEAD}1f600")),
        ("don\u2019t soft\u00adhyphen", ("don", "t", "softhyphen")),
        ("snake_case", ("snake", "case")),
        ("हिन्दी", ("हिन्दी",)),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert words_of(fold(text)) == words


@given(st.text())
def test_folding_twice_changes_no_word(text: str) -> None:
    once = fold(whole(text))
    assert words_of(fold(once.replace(EMOJI_LEAD, ""))) == words_of(fold(fold(once.replace(EMOJI_LEAD, ""))))


@given(st.text(max_size=30))
def test_each_folded_character_comes_from_a_place_of_the_text(text: str) -> None:
    folded, places = fold_with_places(text)
    if places is None:
        assert len(folded) == len(text)
    else:
        assert len(places) == len(folded)
        assert places == sorted(places)
        assert all(0 <= place < len(text) for place in places)


def test_half_a_character_is_none() -> None:
    assert whole("a\ud83db") == "a\ufffdb"
    assert whole("ascii") == "ascii"

"""Which characters count as CJK, and that texts without any come out as CommonMark says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.rules_inline.state_inline import StateInline

from hearth.core.text.emphasis import CjkFriendlyState, is_cjk

PARSER = MarkdownIt()


@pytest.mark.parametrize("character", "中々〇、。「」（）！～￥ｱｶあア한글가ㄱ㈱㊗〰🈂\u3000𠮟\u2329")
def test_wide_characters_and_hangul_are_cjk(character: str) -> None:
    assert is_cjk(character)


@pytest.mark.parametrize("character", "aé*_“”…—«»·אبก😀⌚⚡🈁🈚🏴\u00a0\u200b\ufe0f☰")
def test_others_are_not(character: str) -> None:
    assert not is_cjk(character)


@given(st.text(st.sampled_from("ab1 *_~()“”«».,é—€\n\u00a0\ufe0f😀"), min_size=1, max_size=30))
def test_without_cjk_it_is_commonmark(text: str) -> None:
    ours, theirs = CjkFriendlyState(text, PARSER, {}, []), StateInline(text, PARSER, {}, [])
    for at, character in enumerate(text):
        if character in "*_~":
            for splits in (True, False):
                assert ours.scanDelims(at, splits) == theirs.scanDelims(at, splits)


@given(st.text(st.sampled_from("字あ한、。（）“”(). "), min_size=1, max_size=8))
def test_bold_between_two_ideographs_is_bold_whatever_it_holds(text: str) -> None:
    if text.strip() == text:
        state = CjkFriendlyState(f"字**{text}**字", PARSER, {}, [])
        assert state.scanDelims(1, True).can_open
        assert state.scanDelims(3 + len(text), True).can_close

"""One line that no text can break or disguise, and that keeps whatever harms nobody."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hearth.core.text.characters import is_blank, one_line, with_plain_line_ends

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
SKIN = "\U0001f44b\U0001f3fd"
HEART = "\u2764\ufe0f\u200d\U0001f525"
KEYCAP = "1\ufe0f\u20e3"
GERMANY = "\U0001f1e9\U0001f1ea"
NEWER = "\U0001faea \U0001fac8 \U0001f6d8 \U0001f9ff \U0001faff"  # of Unicode 16, 17 and not given yet


class TestOneLine:
    @given(st.text())
    @example("a \u202e b")
    @example("\u200b" * 30)
    def test_always_fits_a_line(self, text: str) -> None:
        line = one_line(text, 20)
        assert len(line) <= 20
        assert line == line.strip()
        assert "  " not in line
        assert not [each for each in line if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")]
        assert not set(line) & set(BIDI_CONTROLS)
        assert not line or not is_blank(line)

    @given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=30))
    def test_whatever_harms_nobody_stays(self, text: str) -> None:
        harmless = "".join(each for each in text if each not in BIDI_CONTROLS)
        assert is_blank(harmless) or one_line(text) == harmless.strip("\u200b\u2060\ufeff\u00ad\u180e")

    @given(st.text(max_size=300))
    def test_a_line_made_twice_is_the_same(self, text: str) -> None:
        assert one_line(one_line(text, 40), 40) == one_line(text, 40)

    def test_a_megabyte_is_cut(self) -> None:
        assert one_line("w" * 1_000_000) == "w" * 199 + "…"

    @pytest.mark.parametrize("control", BIDI_CONTROLS)
    def test_a_direction_override_cannot_disguise_a_name(self, control: str) -> None:
        assert one_line(f"photo{control}gnp.exe") == "photognp.exe"

    @pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b", "\x7f", "\x80", "\x9b", "\x9f", "\ud800"])
    def test_controls_are_left_out(self, control: str) -> None:
        assert one_line(f"a{control}b") == "ab"

    @pytest.mark.parametrize(
        "white", ["\n", "\r\n", "\t", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u00a0", "\u3000"]
    )
    def test_white_space_is_one_space(self, white: str) -> None:
        assert one_line(f"{white}a{white}{white}b{white}") == "a b"

    @pytest.mark.parametrize(
        "text",
        [
            *(ENGLAND, FAMILY, SKIN, HEART, KEYCAP, GERMANY, NEWER),
            *(
                "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
                "é",
                "e\u0301",
                "שלום",
                "葛\U000e0100",
                "\uf8ff",
                "ภา\u200bษา",
            ),
            "co\u00adoperate",
        ],
    )
    def test_words_and_emoji_stay_whole(self, text: str) -> None:
        assert one_line(f"a {text} b") == f"a {text} b"

    @pytest.mark.parametrize("text", [ENGLAND, FAMILY, SKIN, HEART, KEYCAP, GERMANY, "e\u0301\u0316", "葛\U000e0100"])
    @pytest.mark.parametrize("room", range(1, 8))
    def test_a_cut_goes_through_no_emoji(self, text: str, room: int) -> None:
        line = one_line("w" * (20 - room) + text * 5, 20)
        assert line.removesuffix("…").lstrip("w") in {text * count for count in range(6)}

    def test_a_row_of_flags_is_cut_between_two(self) -> None:
        line = one_line(GERMANY * 100, 20)
        assert line == GERMANY * 9 + "…"

    @pytest.mark.parametrize(
        "text", ["", " ", "\u200b", "\ufeff\u200b", "\u2060\u00ad", "\u202e", "\x00", "\u200d", "\ufe0f", "\u3164"]
    )
    def test_what_nobody_sees_is_empty(self, text: str) -> None:
        assert one_line(text) == ""

    @pytest.mark.parametrize("edge", ["\u200b", "\ufeff", "\u2060", "\u00ad"])
    def test_invisible_edges_are_trimmed(self, edge: str) -> None:
        assert one_line(f"{edge}a{edge}") == "a"

    def test_marks_without_end_are_cut_somewhere(self) -> None:
        assert len(one_line("Z" + "\u0301" * 5_000)) == 200


@given(st.text())
def test_only_line_feeds_end_lines(text: str) -> None:
    plain = with_plain_line_ends(text)
    assert not set(plain) & set("\r\x0b\x0c\x85\u2028\u2029")
    assert plain.count("\n") <= sum(text.count(end) for end in "\n\r\x0b\x0c\x85\u2028\u2029")

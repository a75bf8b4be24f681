"""Which other spellings a text is indexed with, and which ones a typed word is looked for in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.search.normalize import fold
from hearth.core.search.spellings import (
    MAX_DIGITS,
    MAX_GROUPS,
    MAX_JOINED,
    MAX_PARTS,
    MAX_WORD,
    SIGN_LEAD,
    has_others,
    indexed,
    sign_of,
    signs_of,
    spellings_of,
)


def added(text: str) -> list[str]:
    """What is indexed besides the text's own words; signs as they are written."""
    more = indexed(text)[len(fold(text)) :]
    return [sign_of(word) if word.startswith(SIGN_LEAD) else word for word in more.split()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a well-known fact", ["wellknown"]),
        ("O'Leary's, and O\u2019Leary\u2019s.", ["olearys", "learys"]),
        ("get_user_id(name)", ["getuserid", "userid"]),
        ("PR#1234", ["pr1234", "#1234"]),
        ("AT&T and R&D", ["att", "rd"]),
        ("I don't", ["dont"]),
        ("she'll, we'll, we're, I'd", []),
        ("TCP/IP", ["tcpip"]),
        ("/etc/nginx/default", []),
        ("v3.14.2-rc1", ["v3142rc1", "2rc1", "3", "14", "2"]),
        ("python3.12 3.15.0rc1", ["python312", "3", "12", "3", "15", "0"]),
        ("3.14", []),
        ("C++ and C++17, c+", ["c++", "c+"]),
        ("C# F#. C#12", ["c#", "f#", "c12", "#12"]),
        (".NET or ASP.NET", [".net", "aspnet"]),
        ("report-2024.final.pdf", ["report2024finalpdf", "2024finalpdf", "finalpdf", ".pdf"]),
        ("#123 @mara $HOME \u20ac20", ["#123", "@mara", "$home", "\u20ac20"]),
        ("2026-06-15", ["20260615"]),
        ("1,250,000 and 10\u202f500 or 1.5", ["1250000", "10500"]),
        ("+49 (0)30 901820", ["4930901820", "30901820"]),
        ("(555) 123-4567", ["5551234567", "1234567"]),
        ("on 12 May 2026 at 14:30", []),
        ("a + b - c & d", []),
        ("words. And, more; (of) them!", []),
        ("col\u00b7lecci\u00f3", ["colleccio"]),
        ("\u05e6\u05d4\u05f4\u05dc", ["\u05e6\u05d4\u05dc"]),
        ("\u5728\u5317\u4eac-\u4e0a\u6d77", []),
        ("\U0001f389-\U0001f973", []),
    ],
)
def test_a_text_is_indexed_with_its_other_spellings(text: str, words: list[str]) -> None:
    assert added(text) == words


def test_a_texts_own_words_keep_their_places() -> None:
    assert indexed("A well-known fact").startswith(fold("A well-known fact") + " ")
    assert indexed("plain words") == "plain words"


def test_a_table_of_numbers_is_no_number_and_a_long_row_of_letters_no_word() -> None:
    assert added(" ".join(["12345"] * (MAX_GROUPS + 1))) == []
    assert added(f"{'1' * MAX_DIGITS} 23") == []
    assert added(f"{'a' * MAX_JOINED}-b") == []
    assert all(len(word) <= MAX_WORD for word in added("x" * 500 + "-" + "y" * 500))


def test_of_a_long_chain_each_stretch_can_be_found() -> None:
    parts = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    words = added("_".join(parts))
    for start in range(len(parts) - 1):
        for end in range(start + 2, min(len(parts), start + MAX_PARTS) + 1):
            assert any(word.startswith("".join(parts[start:end])) for word in words)


@pytest.mark.parametrize(
    ("typed", "also"),
    [
        ("well-known", [("wellknown",)]),
        ("at&t", [("att",)]),
        ("she'll", []),
        ("v3.14", [("3", "14"), ("v314",)]),
        ("1.2.3", []),
        ("192.168.10.17", []),
        ("iphone15", [("iphone", "15")]),
        ("555-123-4567", [("5551234567",)]),
        ("0049 30 901820", [("004930901820",), ("4930901820",)]),
        ("10,500", [("10500",)]),
        ("budget", []),
        ("\u5317 \u4eac", []),
    ],
)
def test_a_typed_word_is_looked_for_in_other_spellings(typed: str, also: list[tuple[str, ...]]) -> None:
    assert [words for words, _ in spellings_of(typed)] == also


@pytest.mark.parametrize("typed", ["2026-06-15", "15.06.2026", "15.6.2026", "6/15/2026", "15/06/2026"])
def test_a_date_is_looked_for_in_the_orders_that_people_write(typed: str) -> None:
    own = tuple(typed.replace("-", ".").replace("/", ".").split("."))
    found = {words for words, _ in spellings_of(typed)} | {own}
    assert {("2026", "06", "15"), ("15", "06", "2026"), ("06", "15", "2026"), ("15", "6", "2026")} <= found


def test_what_is_no_date_is_in_no_other_order() -> None:
    assert not any(len(words) == 3 for typed in ("2026.40.1", "2026-06-150") for words, _ in spellings_of(typed))


@pytest.mark.parametrize(
    ("typed", "signs"),
    [
        ("c++", ["c++"]),
        ("c+", ["c+"]),
        ("c#", ["c#"]),
        (".net", [".net"]),
        ("#123", ["#123"]),
        ("(#123)", ["#123"]),
        ("modern c++ code", ["c++"]),
        ("pr#123", []),
        ("a.net", []),
        ("c", []),
        ("a+b", []),
    ],
)
def test_a_sign_counts_where_it_belongs_to_a_name(typed: str, signs: list[str]) -> None:
    assert [sign_of(sign) for sign in signs_of(typed)] == signs


LETTERS = st.text(st.sampled_from("abcxyzäßéжш"), min_size=2, max_size=6)


@given(st.lists(LETTERS, min_size=2, max_size=MAX_PARTS), st.sampled_from("-'._&\u2019\u2010"))
def test_whatever_is_joined_is_indexed_as_one_word(parts: list[str], joiner: str) -> None:
    joined = fold("".join(parts))
    assert joined in added(f"so ({joiner.join(parts)}), then")
    assert has_others(fold(joiner.join(parts)))


@given(st.text())
def test_any_text_can_be_indexed_and_typed(text: str) -> None:
    folded = fold(text)
    assert indexed(text) == indexed(text)
    assert indexed(text).startswith(folded)
    assert all(words and all(words) for words, _ in spellings_of(folded))
    signs_of(folded)

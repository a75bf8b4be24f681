"""JSON is read as RFC 8259 has it, without half characters."""

from __future__ import annotations

import pytest

from hearth.core.json_text import read_json

HALVES = [r"\ud800", r"\uDFFF", r"\udc00\ud800", r"x\uD83D y", r"\ud83d\ud83d\ude00", r"\u0041\udABC"]
PLACES = ['"%s"', '{"a": "%s"}', '{"%s": 1}', '[1, {"a": [null, {"b": {"%s": 2}}]}]', '{"a": {"b": ["x", "%s"]}}']


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("place", PLACES)
def test_half_a_character_is_refused_wherever_it_is(half: str, place: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        read_json(place % half)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud83d\ude00"', "😀"),
        (r'{"\uD83D\uDE00": ["\ud83d\ude00\ud83d\ude00"]}', {"😀": ["😀😀"]}),
        (r'"\\ud800"', r"\ud800"),
        ('"😀"', "😀"),
        (r'"\u00e9\u0000\ufeff"', "é\x00\ufeff"),
        (" [1, 2.5, null, true] ", [1, 2.5, None, True]),
    ],
)
def test_everything_else_is_read(text: str, value: object) -> None:
    assert read_json(text) == value


@pytest.mark.parametrize("text", ["", "NaN", "[Infinity]", '{"a": -Infinity}', "{", "[1,]", "'a'", "\ufeff1", "1 2"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        read_json(text)


def test_what_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(RecursionError):
        read_json("[" * 200_000 + r'"\ud83d\ude00"' + "]" * 200_000)

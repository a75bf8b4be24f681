"""Where a bare address begins and ends."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.text.addresses import FULL_WIDTH_PUNCTUATION, find_address
from hearth.core.text.markdown import render
from hearth.core.vdom import text_of, walk


def hrefs(text: str) -> list[str]:
    return [
        node[1]["href"] for node in walk(*render(text)) if not isinstance(node, str) and node[1] and "href" in node[1]
    ]


WHOLE = [
    "https://example.com/scripts/Undo_-_Delete_all_messages_in_a_channel_or_DM_(Bulk_deletion)",
    "https://example.com/search?q=*soup*&page=2",
    "https://example.com/search?q=*汤*&page=2",
    "https://example.com/__init__.py",
    "https://example.com/a_b_c/d_e_f",
    "https://example.com/~user/~~old~~/x",
    "https://example.com/**/x.js",
    "https://example.com/__init__",
    "https://example.com/?q=*soup*",
    "https://en.wikipedia.org/wiki/Foo_(bar_(baz))",
    "https://example.com/a[1]/b{2}",
    "http://[::1]:8000/x",
    "https://example.com/a;b,c:d@e!f$g",
    "https://example.com/O'Reilly",
    "https://zh.wikipedia.org/wiki/中文维基百科",
    "https://ja.wikipedia.org/wiki/スティーブ・ジョブズ",
    "https://example.com/😀",
    "https://web.archive.org/web/2020/https://example.com/",
    "https://user:password@example.com:8080/x?y=z#w",
    "HTTPS://EXAMPLE.COM/X",
    "https://example.com/#/a/$b$/c",
    "https://example.com",
    "https://example.com/?a=1&b=2&copy=3",
]


UNMARKED = dict.fromkeys(("**{}**", "_{}_", "~~{}~~", "- {}", "> {}", "# {}"), "{}") | {"*see {}*": "see {}"}
AROUND = ("{}", "see {} there", "({})", "[{}]", "{}.", "{}, and", "“{}”", '"{}"', "'{}'", "«{}»", "{}…", "{}!", "{}?")
CJK_AROUND = ("看{}", "（{}）", "{}，然后", "{}。", "{}（中文）", "「{}」", "链接:{}")
CASES = [
    (around, url)
    for around in (*AROUND, *CJK_AROUND, *UNMARKED)
    for url in WHOLE
    if around[-1] != url[-1] and not (around == "'{}'" and "'" in url)  # which of them closes is anybody's guess
]


@pytest.mark.parametrize(("around", "url"), CASES)
def test_an_address_is_found_whole(around: str, url: str) -> None:
    assert hrefs(around.format(url)) == [url]
    assert text_of(*render(around.format(url))) == UNMARKED.get(around, around).format(url)


@pytest.mark.parametrize("mark", FULL_WIDTH_PUNCTUATION)
def test_full_width_punctuation_ends_an_address(mark: str) -> None:
    assert hrefs(f"https://example.com/docs{mark}中文说明") == ["https://example.com/docs"]


@pytest.mark.parametrize("mark", "（）【】《》〈〉「」『』、。，；：？！～＜＞＂＇［］｛｝｜﹙﹚｡｢｣")
def test_the_common_ones_are_among_them(mark: str) -> None:
    assert mark in FULL_WIDTH_PUNCTUATION


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("https://a.example/x**中文**", ["https://a.example/x"]),
        ("**https://a.example/x**中文", ["https://a.example/x"]),
        ("**参见https://a.example/x**。", ["https://a.example/x"]),
        ("*https://a.example/x*, then", ["https://a.example/x"]),
        (
            "https://a.example,https://b.example;https://c.example",
            ["https://a.example", "https://b.example", "https://c.example"],
        ),
        ("fetch('https://a.example/x')", ["https://a.example/x"]),
        ('{"url":"https://a.example/x","n":1}', ["https://a.example/x"]),
        ("<a href=https://a.example/x>", ["https://a.example/x"]),
        ("`https://a.example`", []),
        ("https://a.example/`x`", ["https://a.example/"]),
        (r"https://a.example/snake\_case", ["https://a.example/snake_case"]),
        ("https://a.example/?a=1&amp;b=2", ["https://a.example/?a=1&b=2"]),
        ("&quot;https://a.example/&quot;,", ["https://a.example/"]),
        ("https://a.example/&lt;b&gt;", ["https://a.example/"]),
        ("https://a.example/(open", ["https://a.example/"]),
        ("https://a.example/x)y", ["https://a.example/x"]),
        ("https://a.example/x\u200by", ["https://a.example/x"]),
        ("https://a.example/x\u202ey", ["https://a.example/x"]),
        ("[https://a.example/a_b_c](https://b.example/d_e_f)", ["https://b.example/d_e_f"]),
        ("[see https://a.example/*x*]\n\nhttps://c.example", ["https://a.example/*x*", "https://c.example"]),
        (
            "| https://a.example/x_y_z | b |\n|---|---|\n| https://b.example/*c* | d |",
            ["https://a.example/x_y_z", "https://b.example/*c*"],
        ),
        ("https://", []),
        ("https://。", []),
        ("http:///x", []),
        ("xhttps://a.example", []),
        ("view-source:https://a.example", []),
        ("https://a.example/" + "a" * 2_000, []),
    ],
)
def test_where_an_address_ends(text: str, urls: list[str]) -> None:
    assert hrefs(text) == urls


def test_an_address_that_is_too_long_stays_as_it_was_written() -> None:
    text = "https://a.example/*a*" + "_b_" * 1_000
    assert render(text) == (("p", {"dir": "auto"}, text),)


@given(st.text(max_size=80), st.sampled_from(["", "(", "**", "看", " "]))
def test_what_is_found_is_in_the_text(text: str, before: str) -> None:
    whole = f"{before}https://{text}"
    if found := find_address(whole):
        assert found.url == whole[found.start : found.end]
        assert found.url.count("(") == found.url.count(")")
        assert not set(found.url) & set(FULL_WIDTH_PUNCTUATION + '<>"` \n')
        assert find_address(found.url) == (0, len(found.url), found.url), "found again, it is the same"


@pytest.mark.parametrize(
    "piece", ["http://(", "http://[[", "http://a(", "https://,", "http://a'", "http://*", "http://http:/"]
)
def test_no_text_is_read_again_and_again(piece: str) -> None:
    text, at, start = piece * 20_000, 0, time.process_time()
    while found := find_address(text, at):
        at = found.end
    assert time.process_time() - start < 5

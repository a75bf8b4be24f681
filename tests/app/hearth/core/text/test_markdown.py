"""Markdown becomes a bounded tree of an allow-list, whatever the message holds."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.core.text import markdown
from hearth.core.text.block_rules import MAX_FILLED
from hearth.core.text.characters import is_blank, with_plain_line_ends
from hearth.core.text.elements import ATTRIBUTES, ELEMENTS
from hearth.core.text.links import is_safe_address
from hearth.core.text.markdown import MAX_FORMATTED, PLAIN_PIECE, forget, render, render_fully
from hearth.core.text.markdown_builder import MAX_DEPTH, MAX_ELEMENTS
from hearth.core.vdom import Element, Node, text_of, walk

P = {"dir": "auto"}
LINK = {"rel": "noopener noreferrer nofollow", "target": "_blank"}


def elements(*nodes: Node) -> list[Element]:
    return [node for node in walk(*nodes) if not isinstance(node, str)]


def tags(*nodes: Node) -> list[str]:
    return [node[0] for node in elements(*nodes)]


def hrefs(*nodes: Node) -> list[str]:
    return [node[1]["href"] for node in elements(*nodes) if node[1] and "href" in node[1]]


def language_of(block: Node) -> str:
    (language,) = [node[1]["data-language"] for node in elements(block) if node[1] and "data-language" in node[1]]
    return language


def depth(node: Node) -> int:
    return 0 if isinstance(node, str) else 1 + max((depth(child) for child in node[2:]), default=0)


def assert_harmless(*nodes: Node) -> None:
    for tag, attributes, *_ in elements(*nodes):
        assert tag in ELEMENTS
        for name, value in (attributes or {}).items():
            assert name in ATTRIBUTES
            assert isinstance(value, str)
            if name == "href":
                assert is_safe_address(value)
    assert max((depth(node) for node in nodes), default=0) <= MAX_DEPTH + 6
    json.dumps(nodes)


class TestWhatPeopleWrite:
    def test_plain_text_is_paragraphs(self) -> None:
        assert render("One.\nStill one.\n\nTwo.") == (("p", P, "One.\nStill one."), ("p", P, "Two."))

    @pytest.mark.parametrize("text", ["", "\n", " ", "\n\n \n", "\t"])
    def test_nothing_is_nothing(self, text: str) -> None:
        assert render(text) == ()

    def test_emphasis_and_code(self) -> None:
        (paragraph,) = render("**bold** _soft_ ~~gone~~ `x = 1`")
        assert paragraph == (
            "p",
            P,
            ("strong", None, "bold"),
            " ",
            ("em", None, "soft"),
            " ",
            ("s", None, "gone"),
            " ",
            ("code", None, "x = 1"),
        )

    def test_the_outline_begins_below_the_page_s_own_headings_and_never_skips(self) -> None:
        assert tags(*render("# a\n## b\n#### c\n## d\n# e")) == ["h3", "h4", "h5", "h4", "h3"]
        assert tags(*render("#### deep\n# shallow")) == ["h3", "h3"]

    def test_a_heading_keeps_the_size_its_author_gave(self) -> None:
        assert render("### a") == (("h3", {"dir": "auto", "class": "h3"}, "a"),)

    def test_a_code_block_names_its_language_and_can_be_copied(self) -> None:
        (block,) = render("```python {1}\nprint('<b>')\n```")
        assert language_of(block) == "python"
        assert ("code", None, "print('<b>')") in elements(block)
        assert [node[1] for node in elements(block) if node[0] == "button"] == [
            {"type": "button", "class": "code-copy", "data-action": "copy", "aria-label": "Copy"}
        ]

    def test_what_a_person_copies_of_a_code_block_is_the_code(self) -> None:
        assert text_of(*render("```python\nprint(1)\n```")) == "print(1)"

    def test_indented_code_has_no_language(self) -> None:
        (block,) = render("    a\n    b")
        assert ("code", None, "a\nb") in elements(block)

    @pytest.mark.parametrize("info", ["<script>", '"onload="', "é", " "])
    def test_an_odd_language_is_left_out(self, info: str) -> None:
        (block,) = render(f"```{info}\na\n```")
        assert language_of(block) == ""

    def test_a_table_scrolls_by_keyboard_and_keeps_its_sides(self) -> None:
        (box,) = render("| a | b |\n|:-:|--:|\n| 1 | 2 |")
        assert box[:2] == (
            "div",
            {"class": "table", "tabindex": "0", "role": "group", "aria-label": "Table"},
        )
        assert ("th", {"dir": "auto", "scope": "col", "class": "center"}, "a") in elements(box)
        assert ("td", {"dir": "auto", "class": "right"}, "2") in elements(box)

    def test_a_task_list_says_what_is_done(self) -> None:
        (tasks,) = render("- [ ] buy **milk**\n- [x] sleep\n- [y] neither\n- [ ]")
        assert [item[1] for item in elements(tasks) if item[0] == "li"] == [
            {"class": "task"},
            {"class": "task"},
            None,
            {"class": "task"},
        ]
        assert [node[1]["aria-label"] for node in elements(tasks) if node[0] == "span" and node[1]] == [
            "To do",
            "Done",
            "To do",
        ]
        assert text_of(tasks) == "buy milksleep[y] neither"

    def test_only_the_start_of_an_item_is_a_task(self) -> None:
        assert "span" not in tags(*render("[x] no list\n\n- a\n\n  [x] second paragraph\n\n1. > [x] quoted"))

    def test_a_list_tells_its_direction_once(self) -> None:
        (listed,) = render("- שלום\n- b\n\n  c")
        assert [node[1] for node in elements(listed)] == [{"dir": "auto"}, None, None, None, None, None]

    def test_an_ordered_list_keeps_its_first_number(self) -> None:
        assert render("7. a")[0][:2] == ("ol", {"dir": "auto", "start": "7"})

    def test_hard_and_soft_breaks(self) -> None:
        assert render("a  \nb\nc\\\nd") == (("p", P, "a", ("br", None), "b\nc", ("br", None), "d"),)

    def test_html_is_text(self) -> None:
        text = '<script>alert(1)</script> <img src=x onerror="alert(1)"> <!-- c --> &lt;b&gt; &amp;amp;'
        assert render(text) == (("p", P, text.replace("&lt;b&gt; &amp;amp;", "<b> &amp;")),)

    def test_a_block_of_html_is_text(self) -> None:
        nodes = render("<div onclick=alert(1)>\n\n<iframe src=//evil>\n</div>")
        assert set(tags(*nodes)) == {"p"}
        assert "onclick=alert(1)" in text_of(*nodes)


class TestLinks:
    def test_a_link_opens_safely(self) -> None:
        assert render("[a](https://x.example/y 'title')") == (
            ("p", P, ("a", {"href": "https://x.example/y", **LINK}, "a")),
        )

    @pytest.mark.parametrize(
        ("text", "url", "rest"),
        [
            ("see https://a.example/b.", "https://a.example/b", "."),
            ("(https://a.example/b_(c))", "https://a.example/b_(c)", ")"),
            ("http://a.example, then", "http://a.example", ", then"),
            ("https://a.example/?q=1&b=2#c!", "https://a.example/?q=1&b=2#c", "!"),
            ("**https://a.example/**", "https://a.example/", ""),
            ("<https://a.example/x>", "https://a.example/x", ""),
            ("a@b.example <mailto:a@b.example>", "mailto:a@b.example", ""),
        ],
    )
    def test_bare_addresses(self, text: str, url: str, rest: str) -> None:
        nodes = render(text)
        assert hrefs(*nodes) == [url]
        assert text_of(*nodes).endswith(url.removeprefix("mailto:") + rest) or url.startswith("mailto:")

    @pytest.mark.parametrize("text", ["https://", "http:///", "xhttps://a.b", "ftp://a.b", "https:// a"])
    def test_what_is_no_address(self, text: str) -> None:
        assert render(text) == (("p", P, text),)

    def test_links_never_nest(self) -> None:
        assert hrefs(*render("[https://a.example](https://b.example)")) == ["https://b.example"]
        assert hrefs(*render("[![alt](https://a.example/i.png)](https://b.example)")) == ["https://b.example"]

    def test_an_image_is_named_and_linked_but_not_loaded(self) -> None:
        (paragraph,) = render("![A cat](https://a.example/cat.png)")
        assert elements(paragraph)[1] == (
            "a",
            {"href": "https://a.example/cat.png", **LINK, "class": "image"},
            "A cat",
        )
        assert text_of(*render("![](https://a.example/cat.png)")) == "https://a.example/cat.png"

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "javascript&colon;alert(1)",
            "javascript&#58;alert(1)",
            "&#x6A;avascript:alert(1)",
            "\x01javascript:alert(1)",
            "javascript%3Aalert(1)",
            "vbscript:msgbox(1)",
            "data:text/html,<script>alert(1)</script>",
            "data:image/png;base64,AAAA",
            "DATA:text/html;base64,PHNjcmlwdD4=",
            "file:///etc/passwd",
            "blob:https://a.example/1",
            "filesystem:http://a.example/1",
            "intent://a#Intent;end",
            "//evil.example",
            "/sign-out",
            "#chat=1",
            "?a",
            "https:evil.example",
            "http:/evil.example",
            "\\\\evil.example",
            "view-source:https://a.example",
            "about:blank",
            "wss://a.example",
            "https://a.example/" + "a" * 2_000,
        ],
    )
    @pytest.mark.parametrize(
        "form", ["[a]({})", "[a](<{}>)", "![a]({})", "<{}>", "[a][r]\n\n[r]: {}", "[r]\n\n[r]: <{}>"]
    )
    def test_a_link_elsewhere_stays_text(self, form: str, url: str) -> None:
        nodes = render(form.format(url))
        assert hrefs(*nodes) == []
        assert_harmless(*nodes)

    def test_long_addresses_used_again_and_again_become_text(self) -> None:
        text = f"[a]: https://a.example/{'b' * 1_900}\n\n" + "[a] " * 7_000
        nodes = render(text)
        assert len(json.dumps(nodes)) < 4 * len(text) + 1_000_000
        assert text_of(*nodes).count("a") == 7_000


class TestBounds:
    INLINE = ("*a ", "_a", "**a", "*_", "a**b", "~~a ", "`a``", "<", "<a ", "<!-- ", "&", "&#", "\\", "<http://a.b>")
    LINKS = ("[", "![", "[a](", "](", "[[a]", '[a](b "', "[a](https://b.example) ", "![a](https://b.example)")
    BLOCKS = ("> ", ">", "- ", "1. ", "* * *\n", "# ", "a\n=\n", "a\n\n", "- a\n", "```\n", "- [ ] a\n", "> a\nb\n")
    ODD = ("| a ", "|-", "a\nb  \n", "[a]: b\n", "    a\n", "https://a.b/ ", "😀", "\u202e", "א", "\ud800")
    WHITE = ("\t", "  \n", "\r", "\0", "\x0b", "\u00a0", "\u2028")
    MATHEMATICS = ("$", "$$", "$a", "$a$", "$$\n", r"\(", r"\(a\)", r"\[", "\\[\n", r"\]", r"\begin{a}", "\\begin{a}\n")
    PATHS = ("C:\\_", r"\\", r"\a ", r"a\_b", r"\**", "<br>")
    ADDRESSES = (
        "http://(",
        "http://a(",
        "http://[{(",
        "https://a.b/*",
        "http://http://",
        "http://.",
        "http://a&amp;",
        "http://a,",
    )
    CJK = ("**“字”", "字**", "_字（", "~~、", "字*。*")
    VANISHING = ("+\n", "#\n", ">\n", "1.\n\n", "- - ", "[a]: https://a.b\n", "|a|\n|-|\n\n")
    HOSTILE = (*INLINE, *LINKS, *BLOCKS, *ODD, *WHITE, *MATHEMATICS, *PATHS, *ADDRESSES, *CJK, *VANISHING)

    @pytest.mark.parametrize("piece", HOSTILE)
    def test_hostile_repetition_ends_soon_and_is_harmless(self, piece: str) -> None:
        text = (piece * (MAX_FORMATTED // len(piece)))[:MAX_FORMATTED]
        start = time.process_time()
        nodes = render(text)
        assert time.process_time() - start < 5
        assert len(elements(*nodes)) < 2 * MAX_ELEMENTS
        assert_harmless(*nodes)

    def test_emphasis_nested_to_death(self) -> None:
        nodes = render("*a " * 5_000 + "a* " * 5_000)
        assert_harmless(*nodes)
        assert text_of(*nodes).count("a") == 10_000

    @pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
    def test_blocks_nested_to_death(self, mark: str) -> None:
        nodes = render(mark * 5_000 + "end")
        assert_harmless(*nodes)
        assert text_of(*nodes).endswith("end"), "what lies too deep is shown, too"

    def test_links_and_images_nested_to_death(self) -> None:
        assert_harmless(*render("![" * 1_000 + "a" + "](https://b.example)" * 1_000))

    def test_a_wide_table_with_short_rows_is_not_filled_up(self) -> None:
        text = "|" * 400 + "\n" + "|-" * 399 + "|\n" + "a\n" * 10_000
        nodes = render(text)
        assert tags(*nodes).count("td") <= MAX_FILLED + 399
        assert text_of(*nodes).count("a") == 10_000

    @pytest.mark.parametrize("piece", ["word ", "a", "**b** ", "- a\n", "a\n\n", "😀", "> "])
    def test_a_message_of_a_megabyte(self, piece: str) -> None:
        text = piece * (1_000_000 // len(piece))
        start = time.process_time()
        nodes = render(text)
        assert time.process_time() - start < 5
        assert_harmless(*nodes)
        assert len(elements(*nodes)) < 2 * MAX_ELEMENTS
        assert all(
            len(text_of(node)) <= PLAIN_PIECE
            for node in nodes
            if not isinstance(node, str) and (node[1] or {}).get("class") == "plain"
        )

    def test_beyond_the_limit_every_character_is_kept_as_written(self) -> None:
        tail = "*not soft* [x](https://a.example)\n" * 4_000
        nodes = render("**bold**\n\n" + "word " * (MAX_FORMATTED // 5) + tail)
        assert ("strong", None, "bold") in elements(*nodes)
        assert text_of(*nodes).endswith(tail)

    @pytest.mark.parametrize(
        "opener", [r"\(", r"\[", "\\[\n", "$$", "$$\n", r"\begin{a}", "\\begin{a}\n", "http://a(", "["]
    )
    @pytest.mark.parametrize("end", ["\n\n\\) \\] $$ \\end{a} )", "`\\) \\] $$ \\end{a} )", "\\] \\end{a} $$ x"])
    def test_what_never_closes_is_not_searched_for_again_and_again(self, opener: str, end: str) -> None:
        text = opener * ((MAX_FORMATTED - len(end)) // len(opener)) + end
        start = time.process_time()
        nodes = render(text)
        assert time.process_time() - start < 5
        assert_harmless(*nodes)

    def test_a_line_of_many_pipes_takes_no_formatting_from_the_rest(self) -> None:
        code = "```python\n" + "print(1)\n" * 700 + "```"
        nodes = render(f"# Heading\n\n{'|' * 30}\n\n{code}\n\n**bold**")
        assert {"h3", "pre", "strong"} <= set(tags(*nodes))
        assert "|" * 30 in text_of(*nodes)

    def test_a_table_as_it_is_written_is_never_too_large(self) -> None:
        rows = 32_000 // 62
        text = f"|{'a|' * 30}\n|{'-|' * 30}\n" + f"|{'b|' * 30}\n" * (rows - 3)
        assert tags(*render(text)).count("td") == 30 * (rows - 3)

    def test_only_what_makes_too_many_elements_loses_its_formatting(self) -> None:
        start = "# Heading\n\n**bold**\n\n"
        text = start + "*a*`b`" * ((MAX_FORMATTED - len(start)) // 6)
        assert tags(*render(text))[:3] == ["h3", "p", "strong"]
        many = start + "- *a*\n" * 2_000 + "\n" + "*a*`b`" * 3_000
        nodes, rest = render_fully(many * 3)
        assert {"h3", "strong", "li", "em"} <= set(tags(*nodes))
        assert len(elements(*nodes)) <= MAX_ELEMENTS + 6
        assert rest
        assert (many * 3).endswith(rest)
        assert rest.startswith(("- *a*", "*a*`b`")), "it is cut at a line"

    def test_a_list_is_cut_between_its_items(self) -> None:
        nodes, rest = render_fully("- *a*\n" * MAX_ELEMENTS)
        assert tags(*nodes).count("li") == tags(*nodes).count("em")
        assert tags(*nodes).count("li") + rest.count("- *a*") == MAX_ELEMENTS

    def test_what_is_remembered_can_be_forgotten(self) -> None:
        assert render("a *b*") is render("a *b*")
        before = render("a *b*")
        forget()
        assert render("a *b*") is not before
        assert render("a *b*") == before


PLAIN = st.text(
    st.one_of(
        st.sampled_from(list("abc xyz\n\n.,!?:;'\"()-+=#|0123456789@%^{}/$~>]é\u00a0\u2003א😀&")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=80,
)
PIECES = [*"a1 \n\t*_`~[]()!<>|-:#+=\\&;.x/\"'hps@", "https://", "\n\n", "[a](", "- [ ] ", "> ", "|-|", "```"]
MARKED = st.lists(st.sampled_from(PIECES), max_size=80).map("".join)


@settings(max_examples=1500, deadline=None)
@given(PLAIN)
def test_the_fast_path_says_what_the_parser_says(text: str) -> None:
    text = with_plain_line_ends(text)
    fully, rest = render_fully(text)
    assert rest == ""
    if not is_blank(text) and not is_blank(text_of(*fully)):
        assert markdown._render(text) == fully


@settings(max_examples=500, deadline=None)
@given(PLAIN)
def test_plain_text_is_kept(text: str) -> None:
    if markdown._MARKDOWN.search(text) is None and not is_blank(text):
        assert re.sub(r"\n+", "\n", text.strip("\n")).replace("\n", "") == text_of(*render(text)).replace("\n", "")


@settings(max_examples=1500, deadline=None)
@given(st.one_of(MARKED, st.text(max_size=120)))
def test_nothing_outside_the_allow_list_ever(text: str) -> None:
    assert_harmless(*render_fully(text)[0])
    assert_harmless(*render(text))

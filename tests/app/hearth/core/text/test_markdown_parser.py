"""Where chat text differs from CommonMark: nothing vanishes, nothing is read into what was not meant as Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.text.links import is_safe_address
from hearth.core.text.markdown import render
from hearth.core.vdom import Node, text_of, walk


def tags(text: str) -> list[str]:
    return [node[0] for node in walk(*render(text)) if not isinstance(node, str)]


def hrefs(text: str) -> list[str]:
    return [
        node[1]["href"] for node in walk(*render(text)) if not isinstance(node, str) and node[1] and "href" in node[1]
    ]


def marked(text: str, tag: str = "strong") -> list[str]:
    return [text_of(node) for node in walk(*render(text)) if not isinstance(node, str) and node[0] == tag]


def shown(text: str) -> str:
    return text_of(*render(text))


class TestNothingVanishes:
    @pytest.mark.parametrize(
        "text",
        [
            "[minutes]: https://example.com/minutes",
            "[minutes]: <https://example.com/minutes> 'Title'",
            "[a]: https://a.example\n[b]: https://b.example",
            "See below.\n\n[unused]: https://example.com/x",
            "> [quoted]: https://example.com/x",
            "- [listed]: https://example.com/x",
        ],
    )
    def test_a_definition_that_nothing_uses_is_shown(self, text: str) -> None:
        for line in text.split("\n"):
            assert line.removeprefix("> ").removeprefix("- ") in shown(text)
        assert hrefs(text)

    def test_a_definition_that_is_used_is_not_shown(self) -> None:
        text = (
            "[minutes] and ![photo] and [that][third]\n\n[minutes]: https://a.example/1\n[Photo]: https://a.example/2\n"
        )
        assert shown(text + "[third]: https://a.example/3") == "minutes and photo and that"

    def test_only_the_first_definition_of_a_name_is_used(self) -> None:
        assert shown("[a]\n\n[a]: https://a.example\n[a]: https://b.example") == "a[a]: https://b.example"

    @pytest.mark.parametrize(
        "text",
        [
            "#",
            "##",
            "######",
            "# #",
            "+",
            "*",
            "-",
            "1.",
            "42.",
            "7)",
            ">",
            "> >",
            "- -",
            "+ +",
            "* +",
            "-\n-",
            "1.\n2.",
        ],
    )
    def test_marks_around_nothing_are_text(self, text: str) -> None:
        assert shown(text) == text
        assert set(tags(text)) == {"p"}

    def test_marks_around_nothing_are_text_among_others_too(self) -> None:
        assert shown("The answer is\n\n42.\n\n#\n\nbye") == "The answer is42.#bye"

    @pytest.mark.parametrize("text", ["- a\n-", "1. a\n2.", "> a\n>", "- [ ]"])
    def test_what_holds_something_stays_what_it_is(self, text: str) -> None:
        assert {"ul", "ol", "blockquote"} & set(tags(text))

    @pytest.mark.parametrize(
        "text", ["[](https://a.example/x)", "[ ](https://a.example/x)", "[\u200b](https://a.example/x)"]
    )
    def test_a_link_without_words_shows_its_address(self, text: str) -> None:
        assert shown(text) == "https://a.example/x"

    @pytest.mark.parametrize("text", ["&nbsp;", "&#8203;", "# &nbsp;", "\\\n&nbsp;"])
    def test_what_would_draw_nothing_is_shown_as_it_was_written(self, text: str) -> None:
        assert shown(text) == text

    @pytest.mark.parametrize("text", ["\u200b", "\ufeff\n", "\u2060 \u00ad", "\u3164", "\x1b\x9f", "\x00"])
    def test_what_nobody_sees_is_an_empty_message(self, text: str) -> None:
        assert render(text) == ()

    @given(st.text("#+*->1.) \t\n_=~`[]\\", min_size=1, max_size=12).filter(lambda text: not text.isspace()))
    def test_no_marks_make_an_empty_bubble(self, text: str) -> None:
        seen = any(
            not node.isspace() if isinstance(node, str) else node[0] in ("hr", "pre", "span", "code")
            for node in walk(*render(text))
        )
        assert seen

    @pytest.mark.parametrize(
        ("row", "cells"),
        [
            ("| 1 | 2 | 3 |", ["1", "2 | 3"]),
            ("1 | 2 | 3 | 4", ["1", "2 | 3 | 4"]),
            ("| 1 | 2 \\| 3 | **4** |", ["1", "2 | 3 | 4"]),
            ("| 1 | 2 |", ["1", "2"]),
            ("| 1 | 2 | |", ["1", "2"]),
            ("| 1 |", ["1", ""]),
            ("| " + "x | " * 3_000, ["x", " | ".join("x" * 2_999)]),
        ],
    )
    def test_cells_beyond_the_header_s_stay(self, row: str, cells: list[str]) -> None:
        assert marked(f"| a | b |\n|---|---|\n{row}\n| z | z |", "td") == [*cells, "z", "z"]


class TestNoSetextHeadings:
    @pytest.mark.parametrize("line", ["--", "-", "==", "=", "===", "==========", "-- ", "  --"])
    @pytest.mark.parametrize("after", ["", "\nJane Doe", "\n\nmore"])
    def test_an_underlined_line_is_no_heading(self, line: str, after: str) -> None:
        text = f"Kind regards\n{line}{after}"
        assert not {"h1", "h2", "h3", "h4"} & set(tags(text))
        assert line.strip() in shown(text)

    def test_a_rule_under_text_is_a_rule(self) -> None:
        assert tags("Kind regards\n---\nJane") == ["p", "hr", "p"]

    def test_headings_with_marks_of_their_own_are_headings(self) -> None:
        assert tags("# a") == ["h3"]


class TestCjkEmphasis:
    """Examples of the kinds in the CJK-friendly amendments' specification and of their own making."""

    @pytest.mark.parametrize(
        ("text", "bold"),
        [
            ("这是**“重点”**内容，还有**注意：**请看。", ["“重点”", "注意："]),
            ("**今日は休みです。**明日は来ます。", ["今日は休みです。"]),
            ("**資料（二枚）**を", ["資料（二枚）"]),
            ("**資料(pdf)**を", ["資料(pdf)"]),
            ("我说：**「你好」**，他走了。", ["「你好」"]),
            ("**《红楼梦》**是**【名著】**。", ["《红楼梦》", "【名著】"]),
            ("价格是**100%**左右", ["100%"]),
            ("**저 [문서](https://a.example/)**는", ["저 문서"]),
            ("**한국어(Korean)**는", ["한국어(Korean)"]),
            ("先**“a”**再**“b”**", ["“a”", "“b”"]),
            ("a**〜**a", ["〜"]),
            ("辻\U000e0100**(つじ)**さん", ["(つじ)"]),
            ("字**😀**字", ["😀"]),
        ],
    )
    def test_bold(self, text: str, bold: list[str]) -> None:
        assert marked(text) == bold
        assert "*" not in shown(text)

    def test_other_marks(self) -> None:
        assert marked("这是*“重点”*内容", "em") == ["“重点”"]
        assert marked("这是~~“错误”~~内容", "s") == ["“错误”"]
        assert marked("_注意：_ 请看", "em") == ["注意："]

    @pytest.mark.parametrize(
        "text",
        ["a**“b”**c", 'a*"foo"*', "_foo_bar_baz", "пристаням_стремятся_", "a * foo bar*", "**foo bar **", "é**(x)**é"],
    )
    def test_text_without_cjk_is_as_commonmark_says(self, text: str) -> None:
        assert not {"em", "strong"} & set(tags(text)) or tags(text) == ["p", "em"]

    def test_commonmark_s_own_examples_stay(self) -> None:
        assert marked("foo***bar***baz") == ["bar"]
        assert marked("**Gomphocarpus (*Gomphocarpus physocarpus*, syn.\n*Asclepias physocarpa*)**", "em") == [
            "Gomphocarpus physocarpus",
            "Asclepias physocarpa",
        ]


MATHEMATICS = [
    r"\(x\)",
    r"\(a*b*c\)",
    r"\(\frac{a_1*b_2*c}{d}\)",
    r"\[ x^2 * y * z_1 \]",
    "$a*b*c$",
    "$x_1*y_1*$",
    r"$\{1, 2\} \cup \{a\_b\}$",
    r"$5 + 3 * 2 * 1$",
    "$$a*b*c$$",
    r"1 & 2 \\ 3 & 4",
    r"\begin{pmatrix} 1 & 2 \\ 3*4 & 5*6 \end{pmatrix}",
    r"a\,b\;c\!d \% \{x\}",
    r"\alpha\_1 + \beta\*",
]

DISPLAYED = [
    "\\[\n- a\n+ b\n= c\n\\]",
    "$$\n- x_1*y*\n> 2\n$$",
    "$$\n\\begin{aligned}\n1. & 2 \\\\\n# & 3\n\\end{aligned}\n$$",
    "\\begin{align*}\n    a &= b \\\\\n- c &= d\n\\end{align*}",
    "\\[ a \\\\\n| b | c |\n|---|---|\n\\].",
]


class TestMathematics:
    @pytest.mark.parametrize("text", MATHEMATICS)
    @pytest.mark.parametrize("around", ["{}", "so {}.", "**bold** {} *soft*", "- {}", "公式{}。", "({})"])
    def test_mathematics_in_a_line_stays_as_it_was_written(self, text: str, around: str) -> None:
        if around == "**bold** {} *soft*":
            assert {"strong", "em"} <= set(tags(around.format(text)))
        else:
            assert not {"strong", "em"} & set(tags(around.format(text)))
        assert text in shown(around.format(text))

    @pytest.mark.parametrize("text", DISPLAYED)
    @pytest.mark.parametrize("before", ["", "so\n\n", "so\n", "# so\n"])
    def test_mathematics_on_lines_of_its_own_stays_as_it_was_written(self, text: str, before: str) -> None:
        assert shown(before + text).endswith(text)
        assert not {"li", "blockquote", "em", "table", "h4", "pre"} & set(tags(before + text))

    def test_mathematics_in_a_list_stays_there(self) -> None:
        text = "1. first\n   \\[\n   - a\n   \\]\n2. second"
        assert tags(text).count("li") == 2
        assert "\\[\n- a\n\\]" in shown(text)

    @pytest.mark.parametrize(
        "text",
        [
            "$5 and *$10*",
            "between $5 and $10 *a month*",
            "$5 **per month** instead of 10$",
            "US$5 and *US$6*",
            "$ *x* $",
            "$HOME and *soft* and $PATH",
            "$5, *not* 6$",
            "costs 5$ or *6$*",
            r"\$5 and *a* \$6",
            "`$a` *x* `$b`",
            "$a\n*x* b$",
        ],
    )
    def test_an_amount_of_money_is_not_mathematics(self, text: str) -> None:
        assert {"em", "strong"} & set(tags(text))

    def test_code_is_not_mathematics(self) -> None:
        assert tags(r"`\(x\)` and \( `\)`") == ["p", "code", "code"]
        assert tags("```\n$$\na\n$$\n```") == ["div", "div", "button", "pre", "code"]

    @pytest.mark.parametrize("text", [r"\[1\]", r"\[ \] todo", r"as \[12\] says", r"\[sic\]"])
    def test_escaped_brackets_are_brackets(self, text: str) -> None:
        assert "\\" not in shown("see " + text)

    @pytest.mark.parametrize("text", ["\\[\n\nx\n\\]", "$$\na", "\\(x", "\\begin{a}\nx\n\\end{b}"])
    def test_what_is_not_closed_is_text(self, text: str) -> None:
        assert "x" in shown(text) or "a" in shown(text)
        assert tags(text + "\n\n**b**")[-1] == "strong"


class TestBackslashes:
    @pytest.mark.parametrize(
        "text",
        [
            r"C:\new\_temp\*.txt",
            r"c:\_a\*.*",
            r"D:\[x]\(y)\#1",
            r"C:\Program Files\_x\*.txt",
            r"\\server\share\_x\*",
            r"..\_x\y",
            r"%TEMP%\_x",
            r"$env:TEMP\_x",
            r"~\_config\!x",
            r"HKLM\Software\_x",
            r"^\d+\.\d*\_\w+$",
            r"\w+\.\*",
            r"\"quoted\"",
            r"a \\ b",
            r"\\\\host",
        ],
    )
    @pytest.mark.parametrize("around", ["{}", "in {} there", "**x** {}", "({})"])
    def test_backslashes_that_escape_nothing_stay(self, text: str, around: str) -> None:
        assert shown(around.format(text)).endswith(around.format(text).removeprefix("**x** "))

    @pytest.mark.parametrize(
        ("text", "result"),
        [
            (r"snake\_case", "snake_case"),
            (r"\*not soft\*", "*not soft*"),
            (r"\# no heading", "# no heading"),
            (r"1\. no list", "1. no list"),
            (r"\[no\](link)", "[no](link)"),
            (r"\`no code\`", "`no code`"),
            (r"\<br>", "<br>"),
            (r"\~~no\~~", "~~no~~"),
            (r"\$5", "$5"),
            (r"https\://a.example", "https://a.example"),
        ],
    )
    def test_escapes_of_markdown_work(self, text: str, result: str) -> None:
        assert render(text) == (("p", {"dir": "auto"}, result),)

    def test_a_path_in_bold_type(self) -> None:
        assert marked(r"**C:\temp\** and **C:\_x\y**") == ["C:\\temp\\", r"C:\_x\y"]

    def test_a_backslash_at_the_end_of_a_line_still_breaks_it(self) -> None:
        assert "br" in tags("a\\\nb")
        assert "br" not in tags("C:\\temp\\\nb")


class TestBreaksInCells:
    @pytest.mark.parametrize("form", ["<br>", "<br/>", "<br />", "<BR>", "</br>"])
    def test_a_break_in_a_cell(self, form: str) -> None:
        text = f"| a{form}b |\n|---|\n| c{form}d{form}e |"
        assert tags(text).count("br") == 3
        assert shown(text) == "abcde"

    @pytest.mark.parametrize("text", ["<br>", "a<br>b", "# a<br>b", "- a<br/>b"])
    def test_elsewhere_it_is_text(self, text: str) -> None:
        assert "br" not in tags(text)
        assert "<br" in shown(text)

    @pytest.mark.parametrize("cell", ["`<br>`", r"\<br>", "&lt;br&gt;", "<br x>", "<b>", "<brr>"])
    def test_what_is_meant_as_text_is_text(self, cell: str) -> None:
        assert "br" not in tags(f"| a |\n|---|\n| {cell} |")


class TestLineEnds:
    @pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
    def test_every_line_end_breaks_the_line(self, end: str) -> None:
        assert render(f"a{end}b") == (("p", {"dir": "auto"}, "a\nb"),)
        assert shown(f"```{end}a{end}b{end}```") == "a\nb"
        assert tags(f"- a{end}- b") == ["ul", "li", "li"]

    def test_in_what_is_shown_without_formatting_too(self) -> None:
        assert shown("a " * 20_000 + "x\u2028y").endswith("x\ny")


@given(st.text(max_size=60))
def test_only_safe_addresses_ever(text: str) -> None:
    node: Node
    for node in walk(*render(f"https://a.example/{text} [x](https://b.example/{text})")):
        if not isinstance(node, str) and node[0] == "a":
            assert node[1]
            assert is_safe_address(node[1]["href"])

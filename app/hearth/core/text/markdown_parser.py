"""The Markdown of chats: CommonMark with tables and strike-through, and with the rules that chat text needs besides.

What differs from CommonMark: no HTML and no headings made by underlining; bare addresses are links; mathematics, paths
and other backslashes stay as they were written; emphasis follows the CJK-friendly amendments; and nothing vanishes.
"""

from __future__ import annotations

from typing import Final

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import RuleOptionsType
from markdown_it.token import Token
from markdown_it.utils import EnvType

from hearth.core.text import block_rules as block
from hearth.core.text import inline_rules as inline
from hearth.core.text.emphasis import CjkFriendlyState
from hearth.core.text.links import is_safe_address
from hearth.core.text.mathematics import block_mathematics, inline_mathematics

_MAX_NESTING: Final = 24
"""Levels of quotes, of lists (two each) and of marks in a line."""

_INTERRUPTS: Final[RuleOptionsType] = {"alt": ["paragraph", "reference", "blockquote", "list"]}
"""The blocks that a new one ends without a blank line between them."""


class _Inline(ParserInline):
    """The parser of a paragraph's content, with the CJK-friendly rules of emphasis."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Parse into `tokens`."""
        state = CjkFriendlyState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _Parser(MarkdownIt):
    """The parser with Hearth's own idea of where a link may lead: any other link stays text."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False, "maxNesting": _MAX_NESTING})
        self.options["inline_definitions"] = True
        self.options["store_labels"] = True
        self.enable(["table", "strikethrough"]).disable(["html_block", "html_inline", "lheading"])
        self._add_block_rules()
        active = self.inline
        self.inline = _Inline()
        for ruler, same in ((self.inline.ruler, active.ruler), (self.inline.ruler2, active.ruler2)):
            ruler.enableOnly(same.get_active_rules())
        self._add_inline_rules()

    def validateLink(self, url: str) -> bool:  # noqa: N802  (the name is markdown-it's)
        return is_safe_address(url)

    def _add_block_rules(self) -> None:
        rules = self.block.ruler
        rules.at("table", block.bounded_table, {"alt": ["paragraph", "reference"]})
        rules.at("list", block.listing, {"alt": ["paragraph", "reference", "blockquote"]})
        rules.at("blockquote", block.quote, _INTERRUPTS)
        rules.at("heading", block.heading, {"alt": ["paragraph", "reference", "blockquote"]})
        rules.at("reference", block.definition)
        rules.before("table", "mathematics", block_mathematics, _INTERRUPTS)
        rules.before("mathematics", "too_deep", block.too_deep)

    def _add_inline_rules(self) -> None:
        rules = self.inline.ruler
        rules.before("escape", "mathematics", inline_mathematics)
        rules.before("escape", "literal_backslash", inline.literal_backslash)
        rules.before("autolink", "html_break", inline.html_break)
        rules.before("newline", "bare_address", inline.bare_address)


_PARSER: Final = _Parser()


def parse(text: str) -> list[Token]:
    """The tokens of a text."""
    return _PARSER.parse(text)

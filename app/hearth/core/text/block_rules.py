"""What chat text needs beyond CommonMark between paragraphs: nothing vanishes, and no limit takes more than it must.

Each function is a rule of markdown-it-py, or makes one out of a rule that is there already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_block import heading as atx_heading
from markdown_it.rules_block import reference as link_reference
from markdown_it.rules_block import table as gfm_table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

Rule = Callable[[StateBlock, int, int, bool], bool]

MAX_FILLED: Final = 4_000
"""Cells of all tables of a message that the parser fills up where rows are shorter than their header: a few kilobytes
could make a million cells. Cells that are written are bounded by the length of the text."""

_NESTED: Final = 2
"""The most levels that one block opens (a list and its item)."""


def too_deep(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
    """What lies deeper than the parser goes is shown as it was written; markdown-it would leave it out."""
    if silent or state.level < state.md.options.maxNesting - _NESTED:
        return False
    _write(state, startLine, endLine)
    return True


def heading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
    """A heading that has a text; a lone `#` is text."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    if not state.src[start : state.eMarks[startLine]].strip("# \t"):
        return False
    return atx_heading(state, startLine, endLine, silent)


def definition(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
    """The definition of a link; it is kept, so that one that nothing uses can be shown."""
    known = len(state.env.get("references", ()))
    if not link_reference(state, startLine, endLine, silent):
        return False
    if not silent:
        token = state.tokens[-1]  # the option `inline_definitions` makes one
        token.content = state.getLines(startLine, state.line, state.blkIndent, False)
        token.meta["first"] = len(state.env["references"]) > known  # of its name: no other is ever used
    return True


def bounded_table(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
    """A table; the rows that would fill up too many cells are left to be paragraphs."""
    if not gfm_table(state, startLine, endLine, True):
        return False
    if silent:
        return True
    columns = _cells(state, startLine)
    left: int = state.env.setdefault("cells to fill", MAX_FILLED)
    line = startLine + 2
    while line < endLine and not state.isEmpty(line):
        left -= max(columns - _cells(state, line), 0)
        if left < 0:
            break
        line += 1
    state.env["cells to fill"] = max(left, 0)
    before = len(state.tokens)
    gfm_table(state, startLine, line, False)
    _keep_surplus(state, before, columns)
    return True


def _cells(state: StateBlock, line: int) -> int:
    row = _row(state, line)
    return row.count("|") - row.count("\\|") + 1 - row.startswith("|") - row.endswith("|")


def _row(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()


def _keep_surplus(state: StateBlock, before: int, columns: int) -> None:
    """Put the cells that a row has beyond its header's into its last one; the parser would leave them out."""
    last: dict[int, Token] = {}
    for token in state.tokens[before:]:
        if token.type == "inline" and token.map:
            last[token.map[0]] = token
    for line, token in last.items():
        if _cells(state, line) > columns:
            cells = [cell.strip() for cell in escapedSplit(_row(state, line).removeprefix("|"))[columns - 1 :]]
            while len(cells) > 1 and not cells[-1]:
                cells.pop()
            token.content = " | ".join(cells)


def as_written_when_empty(rule: Rule) -> Rule:
    """Make a rule whose lists or quotes are text when there is nothing in any of them: a lone `+`, `7.`, `>`."""

    def outermost(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
        before = len(state.tokens)
        top = not silent and "outermost" not in state.env
        if top:
            state.env["outermost"] = True
        try:
            found = rule(state, startLine, endLine, silent)
        finally:
            if top:
                del state.env["outermost"]
        if top and found and all(token.nesting for token in state.tokens[before:]):
            del state.tokens[before:]
            _write(state, startLine, state.line)
        return found

    return outermost


def _write(state: StateBlock, first: int, after: int) -> None:
    """Put the lines there as they are."""
    token = state.push("verbatim", "p", 0)
    token.map = [first, after]
    token.content = state.getLines(first, after, state.blkIndent, False).rstrip("\n")
    state.line = after


quote = as_written_when_empty(blockquote)
listing = as_written_when_empty(list_block)

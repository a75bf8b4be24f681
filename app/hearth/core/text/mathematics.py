r"""Leaves mathematics in a message as it was written: `\(…\)`, `\[…\]`, `$…$`, `$$…$$`, `\begin{…}…\end{…}`.

Nothing is typeset; but no backslash is lost in it, and no `*` or `_` of it is taken for emphasis. A single `$` follows
the rules of pandoc and of the `dollarmath` plugin: no white space inside of it, no letter or digit outside; and what
reads as an amount of money is none. Mathematics does not reach over a blank line.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_DOLLAR: Final = re.compile(r"(?<![\\$0-9A-Za-z])\$(?![\s$])((?:[^\\$`\n]|\\.)++)(?<!\s)\$(?![$0-9A-Za-z])")
_AMOUNT: Final = re.compile(r"[0-9]")
_COMMAND: Final = re.compile(r"\\[A-Za-z]+(?:\{[^{}]*\})?")
_PROSE: Final = re.compile(r"\*\*|[A-Za-z]{2,}|[,.;:]\s")
_FORMULA: Final = re.compile(r"[\\^_=+<>{}|&*/]|[0-9A-Za-z]\s*-\s*[0-9A-Za-z]")

_BLOCK_START: Final = re.compile(r"\$\$(?!\$)|\\\[|\\begin\{([A-Za-z]{1,24}\*?)\}")
_INLINE_START: Final = re.compile(r"\$\$(?!\$)|\\\(|\\\[|\\begin\{([A-Za-z]{1,24}\*?)\}")


def inline_mathematics(state: StateInline, silent: bool) -> bool:
    """Mathematics inside of a paragraph."""
    if state.src[state.pos] not in "$\\":
        return False
    end = _inline_end(state)
    if end < 0:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _inline_end(state: StateInline) -> int:
    source, pos = state.src, state.pos
    start = _INLINE_START.match(source, pos, state.posMax)
    if start is None:
        return _dollar_end(state)
    if source[pos - 1 : pos] == "$" and start[0] == "$$":
        return -1
    closing = _closing(start)
    at = _find(state, closing, start.end())
    content = source[start.end() : at]
    if at < 0 or "`" in content or "://" in content or not content.strip():
        return -1
    if closing == r"\]" and not _FORMULA.search(content):
        return -1  # brackets that are escaped: a citation, a task of another program
    return at + len(closing)


def _dollar_end(state: StateInline) -> int:
    match = _DOLLAR.match(state.src, state.pos, state.posMax)
    if match is None or "://" in match[1] or (_AMOUNT.match(match[1]) and _PROSE.search(_COMMAND.sub("", match[1]))):
        return -1
    return match.end()


def _closing(start: re.Match[str]) -> str:
    if start[0] == "$$":
        return "$$"
    return {"\\(": r"\)", "\\[": r"\]"}.get(start[0]) or f"\\end{{{start[1]}}}"


def _find(state: StateInline, closing: str, start: int) -> int:
    """Where `closing` stands next; a text that holds it no more is searched for it but once."""
    last = state.env.get("last closing")
    if last is None or last[0] is not state.src:
        last = state.env["last closing"] = (state.src, {})
    places: dict[str, int] = last[1]
    if closing not in places:
        places[closing] = state.src.rfind(closing)
    return state.src.find(closing, start, state.posMax) if places[closing] >= start else -1


def block_mathematics(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
    """Mathematics on lines of its own, which lists, quotes and tables would otherwise be read from."""
    if state.is_code_block(startLine):
        return False
    start = _BLOCK_START.match(state.src, _first(state, startLine), state.eMarks[startLine])
    if start is None:
        return False
    closing = _closing(start)
    last = _last_line(state, startLine, endLine, start.end(), closing)
    if last < 0:
        return False
    if silent:
        return True
    state.line = last + 1
    token = state.push("verbatim", "p", 0)
    token.content = state.getLines(startLine, state.line, state.blkIndent, False)
    token.map = [startLine, state.line]
    return True


def _first(state: StateBlock, line: int) -> int:
    return state.bMarks[line] + state.tShift[line]


def _last_line(state: StateBlock, first: int, end: int, after: int, closing: str) -> int:
    """The line that ends with `closing`, before any blank one; no lines are searched in vain twice."""
    vain: dict[str, int] = state.env.setdefault("no closing before", {})
    if first < vain.get(closing, -1):
        return -1
    line = first
    while line < end and not (line > first and (state.isEmpty(line) or state.sCount[line] < state.blkIndent)):
        text = state.src[max(after, state.bMarks[line]) : state.eMarks[line]].rstrip()
        at = text.find(closing)
        if at >= 0 and at + len(closing) == len(text.rstrip(".,;")):
            return line
        if at >= 0:
            break
        line += 1
    vain[closing] = line
    return -1

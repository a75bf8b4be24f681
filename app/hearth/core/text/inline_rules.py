r"""What chat text needs beyond CommonMark inside of a paragraph: addresses, literal backslashes, `<br>`.

Each function is a rule of markdown-it-py: it looks at `state.pos`, and moves it when it has read something.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it.rules_inline import StateInline

from hearth.core.text.addresses import FULL_WIDTH_PUNCTUATION, read_address
from hearth.core.text.links import is_safe_address

_RUN: Final = re.compile(rf"[^\s{re.escape(FULL_WIDTH_PUNCTUATION)}]+")
_LITERAL_RUN: Final = re.compile(
    r"\\[0-9A-Za-z]"  # C:\temp, \alpha, \d+
    r"|(?<![0-9A-Za-z])[A-Za-z]:\\"  # C:\_temp
    r"|^[\"'(\[*_]*(?:~|\.{1,2}|%[^%\s]+%|\$[\w:]+)\\"  # ..\_temp, %TEMP%\_x, $env:TEMP\_x
)
_SPACED_PATH: Final = re.compile(r"[\w.()&-]+\\")
"""How a path goes on after a space: `C:\\Program Files\\_x`."""

_ESCAPE: Final = re.compile(r"\\(?:[*_\[\]()#+\-.<>|~$`]|!\[|&[#A-Za-z]|:(?=//))")
"""What a backslash keeps from meaning something here; before anything else a backslash is text."""

_AT_END: Final = re.compile(r"\\(?:\*\*+|__+|~~+)[\"')\].,:;!?]*$")
_BREAK: Final = re.compile(r"</?br\s*/?>", re.IGNORECASE)


def bare_address(state: StateInline, silent: bool) -> bool:
    """An http(s) address without any Markdown around it, read before anything in it is taken for emphasis."""
    source, pos = state.src, state.pos
    if not source.startswith("://", pos):
        return False
    start = pos - (5 if source[max(pos - 5, 0) : pos].lower() == "https" else 4)
    found = read_address(source, start, state.posMax, markdown=True) if start >= 0 else None
    if found is None:
        return False
    if not silent:
        scheme = pos - start
        if state.pending[-scheme:] != source[start:pos]:
            return False
        if state.linkLevel or not is_safe_address(found.url):
            state.append_pending(found.url[scheme:])
        else:
            state.pending = state.pending[:-scheme]
            state.push("link_open", "a", 1).attrs = {"href": found.url}
            state.push("text", "", 0).content = found.url
            state.push("link_close", "a", -1)
    state.pos = found.end
    return True


def literal_backslash(state: StateInline, silent: bool) -> bool:
    r"""A backslash that escapes nothing: in a path, in a command of LaTeX, doubled, before what means nothing here."""
    source, pos = state.src, state.pos
    if source[pos] != "\\":
        return False
    following = source[pos + 1 : pos + 2] if pos + 1 < state.posMax else ""
    if run_end := _literal_run_end(state, pos):
        length = 1 if not following or _AT_END.match(source, pos, min(run_end, state.posMax)) else 2
        length = 1 if following in "\n <" else length
    elif following == "\\":
        length = 2
    elif following == "\n" or _ESCAPE.match(source, pos, state.posMax):
        return False
    else:
        length = 1
    if not silent:
        state.append_pending(source[pos : pos + length])
    state.pos = pos + length
    return True


def _literal_run_end(state: StateInline, pos: int) -> int:
    """The end of the run of characters around `pos` when every backslash in it is text, else 0."""
    known = state.env.get("literal runs")
    if known is None or known[0] is not state.src:
        known = state.env["literal runs"] = (state.src, literal_runs(state.src))
    ends: dict[int, int] = known[1]
    return ends.get(pos, 0)


def literal_runs(source: str) -> dict[int, int]:
    """The backslashes of a text that are text themselves, each with the end of the run that it stands in."""
    ends: dict[int, int] = {}
    after_path = -1
    for run in _RUN.finditer(source):
        if "\\" not in run[0]:
            continue
        goes_on = run.start() == after_path and _SPACED_PATH.match(run[0])
        if goes_on or _LITERAL_RUN.search(run[0]):
            after_path = run.end() + 1
            ends.update((run.start() + at, run.end()) for at, each in enumerate(run[0]) if each == "\\")
    return ends


def html_break(state: StateInline, silent: bool) -> bool:
    """`<br>`, which breaks the line in the cell of a table and is text elsewhere."""
    match = _BREAK.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push("html_break", "br", 0).content = match[0]
    state.pos = match.end()
    return True

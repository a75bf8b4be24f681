"""Draws the session's table into docs/architecture.md: `make docs`. A test holds the page to the table.

A diagram (Mermaid) of the moves from state to state, the whole table below it, and the invariants by name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from hearth.core.sync.invariants import INVARIANTS
from hearth.core.sync.table import TABLE, Signal, State, Step

PAGE = Path(__file__).resolve().parent.parent / "docs" / "architecture.md"
BEGIN = "<!-- made from app/hearth/core/sync/table.py by `make docs`: begin -->"
END = "<!-- end -->"


def main() -> None:
    """Bring the page in step with the table."""
    PAGE.write_text(updated(PAGE.read_text()))
    sys.stdout.write(f"docs/{PAGE.name} is in step with the table.\n")


def updated(page: str) -> str:
    """The page with what stands between the markers made anew. Raises `ValueError` without the markers."""
    head, rest = page.split(BEGIN)
    tail = rest.split(END, 1)[1]
    return f"{head}{BEGIN}\n{picture()}\n{END}{tail}"


def picture() -> str:
    """The diagram, the table and the invariants as Markdown."""
    return "\n".join(["```mermaid", *_diagram(), "```", "", *_table(), "", *(f"* {each.says}" for each in INVARIANTS)])


def _diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "    [*] --> off"
    for state, row in TABLE.items():
        moves: dict[State, list[str]] = {}
        for signal, step in row.items():
            if step.state is not state and signal is not Signal.STOP:
                moves.setdefault(step.state, []).append(signal.value)
        for target, signals in moves.items():
            yield f"    {state.value} --> {target.value} : {_several(signals)}"
    yield "    note right of off : stop leads here from every state"


def _several(signals: list[str]) -> str:
    return ", ".join(signals) if len(signals) <= 3 else f"{len(signals)} signals, see the table"


def _table() -> Iterator[str]:
    yield "| signal | " + " | ".join(state.value for state in TABLE) + " |"
    yield "| --- |" + " --- |" * len(TABLE)
    for signal in Signal:
        yield f"| {signal.value} | " + " | ".join(_cell(state, row[signal]) for state, row in TABLE.items()) + " |"


def _cell(state: State, step: Step) -> str:
    """The next state where it is another one, and the actions on the way; a dot for a signal that changes nothing."""
    actions = ", ".join(action.value for action in step.actions)
    if step.state is state:
        return actions or "·"
    return f"**{step.state.value}**" + (f": {actions}" if actions else "")


if __name__ == "__main__":
    main()

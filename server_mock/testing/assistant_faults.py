"""What may go wrong with an answer of the assistant on its way to the device, for tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from enum import StrEnum

CUT_AT = 3
"""The line of an answer in the middle of which it breaks off."""

ODD_LINE = '\n{"thought":"Grüße"}\n'.encode()
"""Lines as a later server might send them."""


class AssistantFault(StrEnum):
    """What goes wrong; `server_mock.testing.faults` has the table."""

    BUSY = "busy"
    SILENT = "silent"
    CUT = "cut"
    ODD = "odd"


async def faulty_answer(
    kind: AssistantFault, lines: AsyncGenerator[bytes, None], cleared: Callable[[], Awaitable[object]]
) -> AsyncGenerator[bytes, None]:
    """An answer as a fault makes it; `cleared` returns once the fault is taken back."""
    async with aclosing(lines):
        if kind is AssistantFault.SILENT:
            await cleared()
        number = 0
        async for line in lines:
            number += 1
            if kind is AssistantFault.CUT and number == CUT_AT:
                yield line[: len(line) // 2]
                return
            if kind is not AssistantFault.ODD:
                yield line
                continue
            for byte in ODD_LINE + line:
                yield bytes([byte])

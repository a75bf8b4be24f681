"""Leaves the zeros out of the snapshot: half of Python's memory is stack and heap that nobody has used yet.

The page puts the runs back into memory that the browser hands out zeroed, so that half as many bytes are
decoded, checked and copied.
"""

from __future__ import annotations

PAGE = 4096
GAP = 16 * PAGE  # a shorter gap costs less as zeros than as one more run

Runs = list[tuple[int, int]]


def pack(image: bytes) -> tuple[bytes, Runs]:
    """Return the bytes of all runs, one after the other, and each run's offset and length in `image`."""
    runs: Runs = []
    for start in range(0, len(image), PAGE):
        page = image[start : start + PAGE]
        if page.count(0) == len(page):
            continue
        if runs and start - sum(runs[-1]) < GAP:
            runs[-1] = (runs[-1][0], start + len(page) - runs[-1][0])
        else:
            runs.append((start, len(page)))
    return b"".join(image[start : start + length] for start, length in runs), runs


def unpack(packed: bytes, runs: Runs, size: int) -> bytes:
    """Return the image of `size` bytes that `pack` was given; what interpreter.mjs does in the page."""
    image = bytearray(size)
    read = 0
    for start, length in runs:
        image[start : start + length] = packed[read : read + length]
        read += length
    return bytes(image)

"""Archives that others made are read piece by piece, and those that mean harm, or are damaged, are refused."""

from __future__ import annotations

import io
import random
import zipfile
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.core.zip.layout import LOCAL
from hearth.core.zip.reader import PIECE_BYTES, TAIL_BYTES, BadZip, Inflater, data_offset, directory, members
from tests.app.hearth.core.zip.test_writer import written

NOISE = random.Random(7).randbytes(5_000)


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        archive.comment = comment
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def read(content: bytes, step: int = 100, most: int = 2**30) -> dict[str, bytes]:
    """Every file of an archive, as the engine reads them."""
    where = directory(content[-TAIL_BYTES:], len(content))
    found = {}
    for member in members(content[where.offset : where.offset + where.size], where.entries):
        first = data_offset(member, content[member.offset : member.offset + LOCAL.size])
        pieces: list[bytes] = []
        inflater = Inflater(member, most)
        data = content[first : first + member.packed]
        for at in range(0, len(data), step):
            pieces += inflater.feed(data[at : at + step])
        inflater.end()
        assert all(len(piece) <= max(PIECE_BYTES, step) for piece in pieces)
        found[member.name] = b"".join(pieces)
    return found


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_what_the_standard_library_packs_is_read(method: int) -> None:
    files = {"a.json": b"[]", "folder/Grüße.txt": NOISE, "empty": b"", "long": b"again " * 9_000}
    assert read(packed({**files, "folder/": b""}, method, b"a comment")) == files


def test_what_hearth_writes_is_read() -> None:
    assert read(written({"a": [b"one", NOISE], "b": []})) == {"a": b"one" + NOISE, "b": b""}


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = packed({"conversations.json": bytes(200_000_000)})
    with pytest.raises(BadZip, match="far more"):
        read(bomb, step=65_536)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    content = packed({"a": b"a" * 50_000})
    where = directory(content[-TAIL_BYTES:], len(content))
    (member,) = members(content[where.offset : where.offset + where.size], where.entries)
    first = data_offset(member, content[member.offset : member.offset + LOCAL.size])
    with pytest.raises(BadZip, match="longer than it says"):
        list(Inflater(replace(member, size=10), 2**30).feed(content[first : first + member.packed]))


def test_a_file_that_is_too_large_is_refused_by_what_it_says() -> None:
    with pytest.raises(BadZip, match="too large"):
        read(packed({"a": bytes(5_000)}), most=4_999)


def test_a_method_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadZip, match="not known"):
        read(packed({"a": b"text"}, zipfile.ZIP_BZIP2))


def test_a_password_is_said() -> None:
    content = bytearray(packed({"a": b"text"}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1
    with pytest.raises(BadZip, match="password"):
        read(bytes(content))


def test_no_archive_is_no_archive() -> None:
    with pytest.raises(BadZip, match="end is missing"):
        read(b"no archive at all")


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_damage_is_refused_and_never_anything_else(data: st.DataObject) -> None:
    content = bytearray(packed({"a": NOISE, "b": b"text " * 50}))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for each in (bytes(content), bytes(content)[:cut], bytes(content)[cut:]):
        with suppress(BadZip):
            read(each, most=10_000_000)

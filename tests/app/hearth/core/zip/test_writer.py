"""Archives that are written piece by piece, read by the standard library."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.zip import layout, writer
from hearth.core.zip.writer import ArchiveFull, ZipWriter

NOON = datetime(2026, 6, 15, 12, 30, 42)  # noqa: DTZ001 - ZIP has local time

names = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=40)


def written(files: dict[str, list[bytes]]) -> bytes:
    archive = ZipWriter()
    parts = []
    for name, pieces in files.items():
        parts.append(archive.begin(name, NOON))
        parts += [archive.write(each) for each in pieces]
    return b"".join([*parts, archive.finish()])


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


@given(st.dictionaries(names, st.lists(st.binary(max_size=200), max_size=4), max_size=6))
def test_the_standard_library_reads_what_was_written(files: dict[str, list[bytes]]) -> None:
    archive = opened(written(files))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == {
        name: b"".join(pieces) for name, pieces in files.items()
    }


def test_names_times_and_modes_are_those_of_ordinary_files() -> None:
    (info,) = opened(written({"Grüße 🙂.md": [b"text"]})).infolist()
    assert (info.filename, info.date_time) == ("Grüße 🙂.md", (2026, 6, 15, 12, 30, 42))
    assert info.external_attr >> 16 == 0o100644


def test_an_archive_is_compressed() -> None:
    assert len(written({"a": [b"again " * 10_000]})) < 1_000


@pytest.mark.parametrize("year", [1970, 2200])
def test_a_year_that_zip_cannot_write_becomes_the_nearest(year: int) -> None:
    archive = ZipWriter()
    content = archive.begin("a", NOON.replace(year=year)) + archive.finish()
    assert opened(content).infolist()[0].date_time[0] in (1980, 2107)


def test_what_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LARGEST", 1_000)
    monkeypatch.setattr(writer, "MOST_ENTRIES", 3)
    archive = ZipWriter()
    archive.begin("a", NOON)
    archive.begin("b", NOON)
    with pytest.raises(ArchiveFull):
        archive.begin("c", NOON)
    archive = ZipWriter()
    archive.begin("a", NOON)
    with pytest.raises(ArchiveFull):
        archive.write(random.Random(1).randbytes(2**18))


def test_nothing_can_be_written_before_a_file_was_begun() -> None:
    with pytest.raises(ValueError, match="begun"):
        ZipWriter().write(b"")


def test_the_structures_have_the_sizes_of_the_specification() -> None:
    sizes = [each.size for each in (layout.LOCAL, layout.CENTRAL, layout.DESCRIPTOR, layout.END)]
    assert sizes == [30, 46, 16, 22]

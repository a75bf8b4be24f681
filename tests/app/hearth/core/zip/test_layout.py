"""The structures of a ZIP archive have the sizes of the standard, and hold what Python's own writer puts there."""

from __future__ import annotations

import io
import zipfile

from hearth.core.zip import layout


def test_sizes_are_those_of_the_standard() -> None:
    sizes = [each.size for each in (layout.LOCAL, layout.CENTRAL, layout.DESCRIPTOR, layout.END)]
    assert sizes == [30, 46, 16, 22]


def test_they_read_what_pythons_own_writer_wrote() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ä.txt", "text" * 100)
    data = file.getvalue()
    end = layout.END.unpack(data[-layout.END.size :])
    assert (end[0], end[3:5]) == (layout.END_SIGNATURE, (1, 1))
    central = layout.CENTRAL.unpack_from(data, end[6])
    assert (central[0], central[4]) == (layout.CENTRAL_SIGNATURE, layout.DEFLATED)
    local = layout.LOCAL.unpack_from(data, central[16])
    assert (local[0], local[3], local[8]) == (layout.LOCAL_SIGNATURE, layout.DEFLATED, 400)

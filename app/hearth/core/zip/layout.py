"""The structures of a ZIP archive that Hearth writes and reads (PKWARE's APPNOTE 6.3), as `struct` has them."""

from __future__ import annotations

import struct

LOCAL = struct.Struct("<IHHHHHIIIHH")
"""Signature, version needed, flags, method, time, date, CRC-32, compressed, size, length of the name, of the extra."""
LOCAL_SIGNATURE = 0x04034B50

CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
"""Signature, version made by, version needed, flags, method, time, date, CRC-32, compressed, size, lengths of name,
extra and comment, disk, internal and external attributes, offset of the local header."""
CENTRAL_SIGNATURE = 0x02014B50

DESCRIPTOR = struct.Struct("<IIII")
"""Signature, CRC-32, compressed, size: after the data of a member whose header could not know them."""
DESCRIPTOR_SIGNATURE = 0x08074B50

END = struct.Struct("<IHHHHIIH")
"""Signature, two numbers of disks, entries here and in all, size and offset of the directory, length of the comment."""
END_SIGNATURE = 0x06054B50

STORED, DEFLATED = 0, 8
ENCRYPTED = 1 << 0
FLAGS = 1 << 3 | 1 << 11
"""A descriptor follows the data; names are UTF-8."""
VERSION = 20
MADE_BY_UNIX = 3 << 8
FILE_MODE = 0o100644 << 16
RAW_DEFLATE = -15
"""What `zlib` calls DEFLATE without a header of its own."""

LARGEST = 0xFFFFFFFF
"""Sizes and offsets beyond this one take ZIP64, which Hearth neither writes nor reads."""
MOST_ENTRIES = 0xFFFF

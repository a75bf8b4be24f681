"""What the person is told when something is not as the account's devices wrote it."""

from __future__ import annotations

from typing import assert_never

from hearth.core.records.manifest_checks import AccountFault, Checked, Fault

_FLAGS = {
    Fault.MISSING: "Messages missing",
    Fault.EXTRA: "Not confirmed",
    Fault.ALTERED: "Not as it was written",
    Fault.OLDER: "Older than it was",
    Fault.UNCONFIRMED: "Not confirmed",
    Fault.WITHHELD: "Missing",
}

_ACCOUNT = {
    AccountFault.ROLLED_BACK: "The server answers with an older state of your account than this device has seen. "
    "It may have lost or withheld what came since.",
    AccountFault.REMOVED: "The server no longer has the record by which your chats are checked. "
    "What it sends cannot be told from something older.",
    AccountFault.FORKED: "Your devices were shown different histories. "
    "Something written on one may be missing on another.",
    AccountFault.MIXED: "The server lacks a part of the record by which your chats are checked, or has an older one. "
    "Some chats cannot be checked.",
}

ENTRIES = "Settings and memories are not as your devices wrote them: something is missing, or older than it was."
WITHHELD_TITLE = "Missing chat"


def flag_of(checked: Checked | None) -> str:
    """The few words that mark a chat in the list; empty when nothing is wrong with it."""
    return _FLAGS.get(Fault(checked.fault), "") if checked else ""


def warning_of(checked: Checked | None) -> str:
    """What is said in the open chat; empty when nothing is wrong with it."""
    if checked is None:
        return ""
    one = checked.messages == 1
    messages = "1 message" if one else f"{checked.messages} messages"
    verb, them = ("is", "it") if one else ("are", "them")
    fault = Fault(checked.fault)
    match fault:
        case Fault.NONE:
            return ""
        case Fault.MISSING:
            return f"{messages} {verb} missing from this chat. The server may have lost or withheld {them}."
        case Fault.EXTRA:
            reason = "deleted elsewhere, or not fully written"
            return f"{messages} in this chat {verb} not confirmed by your devices: {reason}."
        case Fault.ALTERED:
            return (
                "Something in this chat is not as your devices wrote it last: "
                "a message or the title was changed, or put back to how it once was."
            )
        case Fault.OLDER:
            return "This is an older state of the chat. The server may have lost or withheld what was written since."
        case Fault.UNCONFIRMED:
            return (
                "What was written last in this chat is not confirmed by your devices: "
                "the writing was interrupted, or the chat was deleted, or the server withholds the record of it."
            )
        case Fault.WITHHELD:
            return "This chat is missing. The server may have lost or withheld it."
        case _:
            assert_never(fault)


def summary(chats: int, entries: bool, account: AccountFault) -> str:
    """One sentence for the status line, or an empty one; it names no chat, for other tabs are told it, too."""
    if account is not AccountFault.NONE:
        return _ACCOUNT[account]
    if chats:
        which, they = ("1 chat is", "It is") if chats == 1 else (f"{chats} chats are", "They are")
        return f"{which} not as your devices wrote {'it' if chats == 1 else 'them'}. {they} marked in the list."
    return ENTRIES if entries else ""

"""The error tree: an exception's type says whose fault it was, its text what to do.

    HearthError
    ├── ProtocolError            the server sent what this version cannot read
    │   ├── MalformedFrame       not JSON, not an object, a field missing or of the wrong type
    │   ├── FrameTooLarge        longer than `wire.MAX_FRAME_CHARS`
    │   ├── UnknownEvent         an event name that this version does not know
    │   └── WrongVersion         another protocol version: a newer page is needed
    ├── SealError                one sealed value does not open
    │   ├── UnknownFormat        not a sealed value at all, or of a later layout
    │   ├── WrongKey             sealed with another key than the one at hand
    │   └── Damaged              the right key, but the bytes or what they are bound to were changed
    ├── SignInError              the sign-in did not go through
    │   ├── Rejected             the e-mail address or the password is wrong (never says which)
    │   ├── TooManyAttempts      rate limited; `retry_after_s` says for how long
    │   └── Unreachable          the server did not answer
    ├── NotLoaded                a part of Hearth that is fetched on demand could not be fetched
    ├── FileUnreadable           a file that the person chose cannot be read any longer, or is not what it should be
    ├── AssistantError           the assistant did not answer, or not to the end; `code` is the server's
    └── StorageError             the device's storage failed
        ├── QuotaExceeded        the disk, or the share of it given to this site, is full
        └── StorageUnavailable   private mode, corruption, a browser that does not answer
            ├── NewerSchema      a newer page has stored here: this one leaves it alone
            └── HeldElsewhere    another tab holds what would have to be upgraded

No message holds plaintext, a key, a password or ciphertext.
"""

from __future__ import annotations


class HearthError(Exception):
    """Base of every error that Hearth raises on purpose."""


class ProtocolError(HearthError):
    """The server sent something that this version cannot read."""


class MalformedFrame(ProtocolError):
    """A frame is not JSON, not an object, or has a field missing or of the wrong type."""


class FrameTooLarge(ProtocolError):
    """A frame is longer than the protocol allows."""


class UnknownEvent(ProtocolError):
    """A frame names an event that this version does not know."""


class WrongVersion(ProtocolError):
    """A frame speaks another protocol version."""


class SealError(HearthError):
    """A sealed value does not open; `reason` is the short code kept with an unreadable item."""

    reason = "unreadable"


class UnknownFormat(SealError):
    """The value is not a sealed value, or is of a later layout."""

    reason = "format"


class WrongKey(SealError):
    """The value was sealed with another key than the one at hand."""

    reason = "wrong-key"


class Damaged(SealError):
    """The key is right, but the bytes, or what they are bound to, were changed."""

    reason = "damaged"


class SignInError(HearthError):
    """The sign-in did not go through; the text is fit to be shown, and `code` is the server's, where it gave one."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


class Rejected(SignInError):
    """The e-mail address or the password is wrong; which of them is never said."""


class TooManyAttempts(SignInError):
    """Sign-in attempts are rate limited."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unreachable(SignInError):
    """The server did not answer, or answered that it cannot serve now."""


class NotLoaded(HearthError):
    """A part of Hearth that is fetched on demand could not be fetched; the text is fit to be shown."""


class FileUnreadable(HearthError):
    """A file that the person chose cannot be read, or holds nothing that can be imported; the text is a sentence."""


class AssistantError(HearthError):
    """The assistant did not answer, or not to the end; the text is a sentence for the person."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


class StorageError(HearthError):
    """The device's storage failed; the text is fit to be shown."""


class QuotaExceeded(StorageError):
    """No room is left for this site on the device."""


class StorageUnavailable(StorageError):
    """Storage cannot be opened or does not work: private mode, corruption, a browser that does not answer."""


class NewerSchema(StorageUnavailable):
    """What is stored has a newer schema than this page knows; it is left as it is."""


class HeldElsewhere(StorageUnavailable):
    """Another tab holds what is stored open with an older schema, and does not let go."""

"""Hearth's own settings, their choices, and the words by which a search finds both."""

from __future__ import annotations

from dataclasses import dataclass

THEME, TEXT_SIZE, RECENT, ASSISTANT = "theme", "text_size", "recent", "assistant"
ON, OFF = "on", "off"
"""The choices of whether the assistant answers."""
DEVICES = "devices"
ACCOUNT = "Account"
"""The section of what concerns the account as a whole: its devices, its ways in, and its data."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a setting; `words` are others that people use for it."""

    value: str
    label: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, or, without choices, another place of the settings page. The first choice is the default."""

    name: str
    section: str
    label: str
    about: str
    choices: tuple[Choice, ...] = ()
    words: str = ""


CATALOGUE = (
    Setting(
        THEME,
        "Appearance",
        "Theme",
        "How Hearth looks on all your devices.",
        (
            Choice("system", "System", "automatic auto device default same as"),
            Choice("light", "Light", "bright white day"),
            Choice("dark", "Dark", "black night"),
        ),
        "colour color scheme mode look design",
    ),
    Setting(
        TEXT_SIZE,
        "Appearance",
        "Text size",
        "How large everything is written.",
        (
            Choice("normal", "Normal", "default standard medium"),
            Choice("large", "Large", "big bigger"),
            Choice("larger", "Larger", "huge biggest largest"),
        ),
        "font letters zoom",
    ),
    Setting(
        ASSISTANT,
        "Chats",
        "Assistant",
        "Once you have agreed, it answers what you write, where the server has one. For each answer the last "
        "messages of that chat leave the encryption.",
        (Choice(ON, "Answers", "on yes enable"), Choice(OFF, "Off", "no never disable notebook")),
        "ai bot answer reply model privacy",
    ),
    Setting(
        RECENT,
        "Search",
        "Recent searches",
        "Kept encrypted on this device, and shown when the search field is empty.",
        (Choice("keep", "Keep", "on remember yes"), Choice("never", "Never keep", "off forget no none")),
        "history",
    ),
    Setting("clear-recent", "Search", "Clear recent searches", "Forget what was searched for.", words="delete history"),
    Setting(
        "hidden",
        "Search",
        "Hidden from search",
        "Each app, and each of its entries, can be left out of search. The eye beside its name does that.",
        words="hide show apps memories entries exclude private",
    ),
    Setting(
        "session",
        ACCOUNT,
        "Stay signed in",
        "Whether this device stays signed in after the browser is closed is chosen when you sign in.",
        words="session remember device key",
    ),
    Setting(
        "change-password",
        ACCOUNT,
        "Change password",
        "Asks for the one of now, or your recovery key. All your other devices are signed out.",
        words="new passphrase security login",
    ),
    Setting(
        "change-address",
        ACCOUNT,
        "Change e-mail address",
        "The one that you sign in with. All your other devices are signed out.",
        words="email login name username move rename",
    ),
    Setting(
        "new-recovery-key",
        ACCOUNT,
        "New recovery key",
        "It opens your account when you have forgotten your password. A new one takes the place of the old one.",
        words="backup code forgot forgotten reset restore lost",
    ),
    Setting(
        "try-recovery-key",
        ACCOUNT,
        "Try recovery key",
        "Type in the one that you kept, and Hearth says whether it opens your account.",
        words="backup code test check rehearse verify",
    ),
    Setting(
        "add-passkey",
        ACCOUNT,
        "Add a passkey",
        "It opens your account with your finger, your face or your device's code, without a password.",
        words="webauthn fido security key fingerprint biometric face touch id hello passwordless login",
    ),
    Setting(
        "passkeys",
        ACCOUNT,
        "Show passkeys",
        "Those that open your account, by their names. What you no longer have, or no longer use, can be removed.",
        words="webauthn fido security key list remove lost stolen revoke",
    ),
    Setting(
        "import-chats",
        ACCOUNT,
        "Import chats",
        "From a file of ChatGPT, Claude or Hearth: the ZIP that the service sends, or conversations.json. It is read "
        "and encrypted on this device.",
        words="upload restore backup migrate bring openai gpt anthropic conversations json zip move",
    ),
    Setting(
        "export-data",
        ACCOUNT,
        "Export my data",
        "All your chats, the texts of files, settings and memories in one file that everybody who has it can read.",
        words="download backup archive zip markdown json take out leave copy",
    ),
    Setting(
        "sign-out",
        ACCOUNT,
        "Leave this device",
        "Signs out, and deletes everything of yours from this device.",
        words="session sign out log logout",
    ),
    Setting(
        "delete-account",
        ACCOUNT,
        "Delete account",
        "Deletes all that the server has of you, and what all your devices stored. It cannot be undone.",
        words="remove close erase end leave for good",
    ),
    Setting(
        DEVICES,
        ACCOUNT,
        "Devices",
        "Where you are signed in. What one calls itself, only your devices can read. Signing one out deletes what it "
        "stored, at once or as soon as it is online.",
        words="session browser computer phone sign out everywhere log logout revoke",
    ),
)
"""The settings page, in its order."""

BY_NAME = {setting.name: setting for setting in CATALOGUE}

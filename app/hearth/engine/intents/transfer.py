"""What the person does with their data as a whole: exports and imports."""

from __future__ import annotations

from dataclasses import dataclass

from hearth.ports.transfer import ChosenFile


@dataclass(frozen=True, slots=True)
class ExportData:
    """Everything of the account is to be taken along, as a download."""


@dataclass(frozen=True, slots=True)
class ReadImport:
    """A file was chosen whose chats are to be imported; first it is said what it holds."""

    file: ChosenFile


@dataclass(frozen=True, slots=True)
class StartImport:
    """What was found in the file is to be imported."""


@dataclass(frozen=True, slots=True)
class UndoImport:
    """What was imported last is not wanted after all."""


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    """The export or import that is under way is to stop, or what it said is to be put away."""


TransferIntent = ExportData | ReadImport | StartImport | UndoImport | CancelTransfer
"""What the person does with their data as a whole."""

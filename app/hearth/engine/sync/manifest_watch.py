"""The manifest as it is stored and as the server sends it: whether one is older than another, or contradicts it."""

from __future__ import annotations

from hearth.core.records import manifest as manifests
from hearth.core.records.integrity_table import ManifestSignal
from hearth.core.records.manifest import Manifest, root_of
from hearth.core.records.manifest_checks import went_back
from hearth.engine.settings.manifest_record import ManifestRecord
from hearth.engine.sync.findings import Findings
from hearth.ports.keys import OpenedRecord


class ManifestWatch:
    """What this device knows of the manifest; what it notices goes to the findings."""

    def __init__(self, record: ManifestRecord, findings: Findings) -> None:
        self._record = record
        self._findings = findings
        self.manifest: Manifest | None = None
        """As it is stored, with what its shards list."""
        self.record_id: str | None = None
        self.stale = True
        """Whether the manifest that is stored, or one of its shards, is another than the one that was read."""
        self._offered: Manifest | None = None
        """As the server sent it last, and not older than one before, without its shards."""

    def lists(self, chat_id: str) -> bool:
        """Whether it lists a chat, or may do so."""
        return self.stale or (self.manifest is not None and chat_id in self.manifest.chats)

    def begin(self) -> None:
        """Begin with the manifest that is stored: a device that is up to date gets none."""
        if self.manifest is not None and self._is_older(self.manifest):
            self._findings.note(ManifestSignal.OLDER)
        elif self.manifest is None and self._findings.seen:
            self._findings.note(ManifestSignal.GONE)

    async def read(self) -> list[str]:
        """Take over the manifest as it is stored now; the chats that it lists differently."""
        self.stale = False
        read = await self._record.read()
        known = self.manifest
        if read is None or (known is not None and read.manifest.version < self._findings.seen):
            return []
        self.record_id, self.manifest = read.id, read.manifest
        if known is None:
            return []
        if went_back(known, self.manifest):
            self._findings.note(ManifestSignal.CONTRADICTED)
        before, after = known.chats, self.manifest.chats
        changed = [name for name, each in after.items() if before.get(name) != each]
        return changed + [name for name in before if name not in after]

    def offer(self, opened: OpenedRecord) -> bool:
        """Look at a manifest that the server sent; whether it is older than the one known."""
        offered = manifests.read(opened["texts"]["sealed"] or "")
        if offered is None:
            return False
        self.record_id = opened["clear"]["id"]
        return self._is_older(offered)

    def _is_older(self, offered: Manifest) -> bool:
        if offered.version < self._findings.seen:
            return True
        known, root = self._offered, root_of(offered)
        if known is not None and known.version == root.version and known != root:
            self._findings.note(ManifestSignal.CONTRADICTED)
        else:
            self._findings.note(ManifestSignal.OFFERED)
        self._offered = root
        self._findings.note_seen(offered.version)
        return False

"""Holds what is on the device against the manifest, chat by chat, when nothing else is to be done.

A chat that differs is fetched again once, together with the manifest and all of one moment, before anything is said
about it: what crossed on the way, or was damaged there, heals like that. What still differs then is a finding, and is
kept with the device's sync state: a reload knows it at once, and looks again only at what has changed.

What follows from a check is a table: `hearth.core.records.integrity_table`.
"""

from __future__ import annotations

from collections.abc import Callable

from hearth.core.protocol.device_events import Refetch
from hearth.core.records.contents import Chat
from hearth.core.records.integrity_table import Decision, ManifestSignal, decide
from hearth.core.records.manifest import Manifest
from hearth.core.records.manifest_checks import FINE, AccountFault, Checked, Fault, Finding, absent, judge
from hearth.core.records.schema import Collection
from hearth.core.sync.older_chats import ChatPlace
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.queue_items import ContinueChecks
from hearth.engine.settings.entry_repository import manifest_among
from hearth.engine.settings.manifest_record import ManifestRecord
from hearth.engine.storage.eviction import EvictingWriter
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.findings import ENTRIES, Findings
from hearth.engine.sync.held_records import HeldRecords
from hearth.engine.sync.ingest import Ingested
from hearth.engine.sync.manifest_watch import ManifestWatch
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store, SyncState


class IntegrityChecker:
    """The checks of one session. `post` asks for a call of `check` when there is time."""

    def __init__(
        self,
        store: Store,
        writer: EvictingWriter,
        keyring: Keyring,
        repository: ChatRepository,
        record: ManifestRecord,
        connection: Connection,
        post: Callable[[ContinueChecks], None],
    ) -> None:
        self._writer = writer
        self._repository = repository
        self._connection = connection
        self._post = post
        self._findings = Findings()
        self._watch = ManifestWatch(record, self._findings)
        self._held = HeldRecords(store, keyring)
        self._whole: set[str] = set()
        """What has come to the device in full: of anything else it may rightly have a part only."""
        self._due: dict[str, None] = {}
        self._asked: set[str] = set()
        self._answered: set[str] = set()
        self._loaded = False
        self._begun = False
        self._looked_for_absent = False
        self._overtaken = False

    # --- what is known ---

    def restore(self, state: SyncState) -> None:
        """Take over what earlier sessions found."""
        self._whole |= self._findings.restore(state)
        self._whole |= set(state.have)

    def of(self, chat_id: str) -> Checked | None:
        """What is wrong with a chat, or None."""
        return self._findings.wrong(chat_id)

    @property
    def withheld(self) -> tuple[Chat, ...]:
        """The chats that should be here and are not, for the list."""
        manifest = self._watch.manifest
        return self._findings.withheld(manifest.chats if manifest else {}, self._repository.chats)

    @property
    def summary(self) -> str:
        """What the status line says of it."""
        return self._findings.summary

    @property
    def differs(self) -> bool:
        """Whether the server has another history of the account than this device has seen."""
        return self._findings.account in (AccountFault.ROLLED_BACK, AccountFault.REMOVED, AccountFault.FORKED)

    @property
    def rolled_back(self) -> bool:
        """Whether the server has an older state of the account: nothing that is written here follows on it."""
        return self._findings.account is AccountFault.ROLLED_BACK

    # --- what happens ---

    def take(self, ingested: Ingested, *, pushed: bool) -> None:
        """Note what a stored frame brought; `pushed` says that nobody had asked for it."""
        self._whole |= set(ingested.complete)
        self._due |= dict.fromkeys([*ingested.changed, *ingested.complete])
        if ingested.entries is None:
            return
        self._whole.add(ENTRIES)
        self._due[ENTRIES] = None
        self._watch.stale = True
        manifest = manifest_among(ingested.entries)
        if manifest is not None:
            self._judge_offer(self._watch.offer(manifest), pushed)

    def _judge_offer(self, older: bool, pushed: bool) -> None:
        """The server sent a manifest that is older than the one known, or one that is not.

        What is pushed may have been overtaken by an answer, so that is asked about; an answer never is.
        """
        if not pushed:
            self._findings.note(ManifestSignal.OLDER if older else ManifestSignal.NOT_OLDER)
        elif older:
            self._answered.discard(ENTRIES)
            self._overtaken = True

    def answered(self, collection: Collection, record_id: str) -> None:
        """What was asked for again has come, and is stored."""
        name = ENTRIES if collection is Collection.SETTINGS_AND_MEMORIES else record_id
        if name in self._asked:
            self._asked.discard(name)
            self._answered.add(name)
            self._due[name] = None
            self._post(ContinueChecks())

    def confirmed(self) -> None:
        """The device is up to date: check what has not been checked as it stands now."""
        if not self._begun:
            self._begun = True
            for chat in self._repository.chats.values():
                known = self._findings.known(chat.id)
                if known is None or known.version != chat.version or known.fault:
                    self._due[chat.id] = None
        self.list_grew()

    def list_grew(self) -> None:
        """The list goes further down: what it passed has to be here."""
        self._looked_for_absent = False
        self._post(ContinueChecks())

    def pause(self) -> None:
        """The connection is gone: nothing can be asked, and what was asked will not be answered."""
        self._begun = False
        self._asked.clear()

    def fetch_again(self, name: str) -> bool:
        """The person wants a chat fetched that is not as it should be, or not here; whether it is asked for."""
        if name in self._asked:
            return True
        if not self._begun or self._watch.record_id is None:
            return False
        self._answered.discard(name)
        return self._ask_for(name)

    def opened(self, chat_id: str) -> None:
        """The person opened a chat: one that is here in part, as far as anybody knows, is fetched in full."""
        if self._begun and self._watch.lists(chat_id) and chat_id not in self._whole:
            self._whole.add(chat_id)
            self._due[chat_id] = None
            self._post(ContinueChecks())

    # --- the work ---

    async def check(self) -> bool:
        """Check one thing; whether what is known has changed."""
        if not self._begun:
            return False
        before = self._findings.faults
        if self._watch.stale:
            self._due |= dict.fromkeys(await self._watch.read())
        if not self._loaded:
            self._load()
        if self._overtaken:
            self._overtaken = False
            self._ask_for(ENTRIES)
        if self._due:
            name = next(iter(self._due))
            del self._due[name]
            await self._check_one(name)
        elif not self._looked_for_absent:
            self._looked_for_absent = True
            self._look_for_absent()
        if self._due or not self._looked_for_absent:
            self._post(ContinueChecks())
        elif unsaved := self._findings.take_unsaved():
            await self._writer.apply(unsaved)
        return self._findings.faults != before

    @property
    def done(self) -> bool:
        """Whether everything is checked."""
        checked = not (self._due or self._asked or self._watch.stale)
        return self._begun and checked and self._looked_for_absent

    def _load(self) -> None:
        self._loaded = True
        self._watch.begin()
        entries = self._findings.known(ENTRIES)
        if entries is None or entries.fault or self._findings.account is AccountFault.MIXED:
            self._whole.add(ENTRIES)
            self._due[ENTRIES] = None

    async def _check_one(self, name: str) -> None:
        manifest = self._watch.manifest
        if manifest is None or name in self._asked:
            return
        if name == ENTRIES:
            await self._check_entries(manifest)
        elif name not in self._repository.chats:
            self._check_gone(name, manifest)
        elif self._repository.is_complete(name):
            chat = self._repository.chats[name]
            held = await self._held.of_chat(name, manifest.secret)
            self._settle(name, chat.version, judge(manifest, name, chat.version, chat.last_updated, held))

    async def _check_entries(self, manifest: Manifest) -> None:
        finding, differ = await self._held.check_entries(manifest, self._watch.record_id or "")
        if differ and ENTRIES not in self._answered:
            self._ask_for(ENTRIES)
            return
        self._findings.note(ManifestSignal.SHARDS_DIFFER if differ else ManifestSignal.SHARDS_FIT)
        self._settle(ENTRIES, manifest.version, finding)

    def _settle(self, name: str, version: int, finding: Finding) -> None:
        """Keep what was found, or ask the server once more."""
        fine = finding == FINE
        decision = decide(fine=fine, answered=name in self._answered, whole=name in self._whole)
        if fine:
            self._whole.add(name)
            self._answered.discard(name)
        if decision is Decision.ASK:
            self._ask_for(name)
        elif decision is Decision.KEEP:
            self._findings.set(name, Checked(version, finding.fault, finding.messages))

    def _check_gone(self, name: str, manifest: Manifest) -> None:
        """A chat is not here (any longer): deleted, and then it is not listed, or withheld."""
        if name in manifest.chats and name in self._answered:
            self._findings.set(name, Checked(0, Fault.WITHHELD))
        elif name not in manifest.chats and self._findings.known(name):
            self._findings.set(name, Checked(0, Fault.NONE))

    def _look_for_absent(self) -> None:
        manifest = self._watch.manifest
        if manifest is None or not self._repository.warmed:
            return
        for chat_id in absent(manifest, self._repository.chats, self._expects):
            if chat_id in self._answered:
                self._findings.set(chat_id, Checked(0, Fault.WITHHELD))
            elif chat_id not in self._asked:
                self._ask_for(chat_id)

    def _expects(self, last_updated: int, chat_id: str) -> bool:
        """Whether a chat stands where the list has every one."""
        older = self._repository.older_chats
        return older is not None and older.to is not None and older.expects(ChatPlace(last_updated, chat_id))

    def _ask_for(self, name: str) -> bool:
        collection = Collection.SETTINGS_AND_MEMORIES if name == ENTRIES else Collection.CHATS
        manifest_id = self._watch.record_id
        record = manifest_id if name == ENTRIES else name
        if record is None or not self._connection.send(
            Refetch(collection=collection, record_id=record, manifest_id=manifest_id)
        ):
            return False
        self._asked.add(name)
        return True

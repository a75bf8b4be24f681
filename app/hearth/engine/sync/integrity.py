"""Holds what is on the device against the manifest, chat by chat, when nothing else is to be done.

A chat that differs is fetched again once, together with the manifest and all of one moment, before anything is said
about it: what crossed on the way, or was damaged there, heals like that. What still differs then is a finding, and is
kept with the device's sync state: a reload knows it at once, and looks again only at what has changed.
"""

from __future__ import annotations

from collections.abc import Callable

from hearth.core.protocol.device_events import Refetch
from hearth.core.records import manifest as manifests
from hearth.core.records.contents import Chat
from hearth.core.records.manifest import NOTHING, Fingerprint, Manifest, root_of, shard_ids
from hearth.core.records.manifest_checks import FINE, AccountFault, Checked, Fault, Finding, absent, judge, went_back
from hearth.core.records.schema import Collection
from hearth.core.sync.older_chats import ChatPlace
from hearth.core.view import integrity_text
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.queue_items import ContinueChecks
from hearth.engine.settings.entry_repository import manifest_among
from hearth.engine.settings.manifest_record import ManifestRecord
from hearth.engine.storage.eviction import EvictingWriter
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.ingest import Ingested
from hearth.ports.keys import Keyring, OpenedRecord
from hearth.ports.records import Records
from hearth.ports.storage import EVERY_MESSAGE, Batch, Store, SyncState

ACCOUNT = ""
"""The name under which the account's own standing is kept: the highest version of the manifest, and its fault."""

ENTRIES = "entries"
"""The name under which settings and memories are kept; chats' ids are UUIDs."""


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
        self._store = store
        self._writer = writer
        self._keyring = keyring
        self._repository = repository
        self._record = record
        self._connection = connection
        self._post = post
        self._manifest: Manifest | None = None
        """As it is stored, with what its shards list."""
        self._offered: Manifest | None = None
        """As the server sent it last, and not older than one before, without its shards."""
        self._manifest_id: str | None = None
        self._stale = True
        """Whether the manifest that is stored, or one of its shards, is another than the one that was read."""
        self._seen = 0
        self._account = AccountFault.NONE
        self._checked: dict[str, Checked] = {}
        self._whole: set[str] = set()
        """What has come to the device in full: of anything else it may rightly have a part only."""
        self._due: dict[str, None] = {}
        self._asked: set[str] = set()
        self._answered: set[str] = set()
        self._unsaved: set[str] = set()
        self._loaded = False
        self._begun = False
        self._looked_for_absent = False
        self._overtaken = False

    # --- what is known ---

    def restore(self, state: SyncState) -> None:
        """Take over what earlier sessions found."""
        self._checked = {name: each for name, each in state.checked.items() if name != ACCOUNT}
        self._whole |= {name for name, each in self._checked.items() if each.fault != Fault.WITHHELD}
        self._whole |= set(state.have)
        if account := state.checked.get(ACCOUNT):
            self._seen = max(self._seen, account.version)
            self._account = AccountFault(account.fault)

    def of(self, chat_id: str) -> Checked | None:
        """What is wrong with a chat, or None."""
        known = self._checked.get(chat_id)
        return known if known and known.fault else None

    @property
    def withheld(self) -> tuple[Chat, ...]:
        """The chats that should be here and are not, for the list."""
        listed = self._manifest.chats if self._manifest else {}
        return tuple(
            Chat(name, integrity_text.WITHHELD_TITLE, listed[name].last_updated if name in listed else 0, 0)
            for name, each in self._checked.items()
            if each.fault == Fault.WITHHELD and name not in self._repository.chats
        )

    @property
    def summary(self) -> str:
        """What the status line says of it."""
        chats = sum(bool(each.fault) for name, each in self._checked.items() if name != ENTRIES)
        entries = self._checked.get(ENTRIES)
        return integrity_text.summary(chats, bool(entries and entries.fault), self._account)

    @property
    def differs(self) -> bool:
        """Whether the server has another history of the account than this device has seen."""
        return self._account in (AccountFault.ROLLED_BACK, AccountFault.REMOVED, AccountFault.FORKED)

    @property
    def rolled_back(self) -> bool:
        """Whether the server has an older state of the account: nothing that is written here follows on it."""
        return self._account is AccountFault.ROLLED_BACK

    # --- what happens ---

    def take(self, ingested: Ingested, *, pushed: bool) -> None:
        """Note what a stored frame brought; `pushed` says that nobody had asked for it."""
        self._whole |= set(ingested.complete)
        self._due |= dict.fromkeys([*ingested.changed, *ingested.complete])
        if ingested.entries is None:
            return
        self._whole.add(ENTRIES)
        self._due[ENTRIES] = None
        self._stale = True
        manifest = manifest_among(ingested.entries)
        if manifest is not None:
            self._judge_offer(self._offer(manifest), pushed)

    def _judge_offer(self, older: bool, pushed: bool) -> None:
        """The server sent a manifest that is older than the one known, or one that is not.

        What is pushed may have been overtaken by an answer, so that is asked about; an answer never is.
        """
        if pushed:
            if older:
                self._answered.discard(ENTRIES)
                self._overtaken = True
        elif older:
            self._set_account(AccountFault.ROLLED_BACK)
        elif self._account is AccountFault.ROLLED_BACK:
            self._set_account(AccountFault.NONE)

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
                known = self._checked.get(chat.id)
                if known is None or known.version != chat.version or known.fault:
                    self._due[chat.id] = None
        self._looked_for_absent = False
        self._post(ContinueChecks())

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
        if not self._begun or self._manifest_id is None:
            return False
        self._answered.discard(name)
        return self._ask_for(name)

    def opened(self, chat_id: str) -> None:
        """The person opened a chat: one that is here in part, as far as anybody knows, is fetched in full."""
        listed = self._stale or (self._manifest and chat_id in self._manifest.chats)
        if self._begun and listed and chat_id not in self._whole:
            self._whole.add(chat_id)
            self._due[chat_id] = None
            self._post(ContinueChecks())

    # --- the work ---

    async def check(self) -> bool:
        """Check one thing; whether what is known has changed."""
        if not self._begun:
            return False
        before = self._view()
        if self._stale:
            await self._read_manifest()
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
        elif self._unsaved:
            await self._save()
        return self._view() != before

    @property
    def done(self) -> bool:
        """Whether everything is checked."""
        checked = not (self._due or self._asked or self._stale)
        return self._begun and checked and self._looked_for_absent

    async def _check_one(self, name: str) -> None:
        if self._manifest is None or name in self._asked:
            return
        if name == ENTRIES:
            version, (finding, mixed) = self._manifest.version, await self._check_entries(self._manifest)
            if mixed and name not in self._answered:
                self._ask_for(name)
                return
            # Where the whole account is another than this device has seen, so are its shards: that is told already.
            if mixed and self._account is AccountFault.NONE:
                self._set_account(AccountFault.MIXED)
            elif not mixed and self._account is AccountFault.MIXED:
                self._set_account(AccountFault.NONE)
        else:
            chat = self._repository.chats.get(name)
            if chat is None:
                await self._forget(name, self._manifest)
                return
            if not self._repository.is_complete(name):
                return
            version, held = chat.version, await self._held(name, self._manifest.secret)
            finding = judge(self._manifest, name, version, chat.last_updated, held)
        if finding == FINE:
            self._whole.add(name)
            self._answered.discard(name)
        elif name not in self._answered:
            # A part of a chat that is known to be one is no finding; whoever opens it gets the rest.
            if name in self._whole:
                self._ask_for(name)
            return
        self._set(name, Checked(version, finding.fault, finding.messages))

    async def _forget(self, name: str, manifest: Manifest) -> None:
        """A chat is not here (any longer): deleted, and then it is not listed, or withheld."""
        if name in manifest.chats and name in self._answered:
            self._set(name, Checked(0, Fault.WITHHELD))
        elif name not in manifest.chats and name in self._checked:
            self._set(name, Checked(0, Fault.NONE))

    async def _held(self, chat_id: str, secret: bytes) -> Fingerprint:
        chat = await self._store.chat(chat_id)
        messages = await self._store.messages(chat_id, EVERY_MESSAGE)
        own = await self._keyring.fingerprint(secret, Collection.CHATS, chat)
        return own.plus(await self._keyring.fingerprint(secret, Collection.MESSAGES, messages))

    async def _check_entries(self, manifest: Manifest) -> tuple[Finding, bool]:
        """What is wrong with settings and memories, and whether the manifest's shards are others than it says."""
        record_id = self._manifest_id or ""
        shards = await self._tags(manifest, await self._store.entries(shard_ids(record_id)))
        own = shards.plus(await self._tags(manifest, await self._store.entries([record_id])))
        held = (await self._tags(manifest, await self._store.settings_and_memories())).minus(own)
        mixed = shards != (manifest.shards or NOTHING)
        if held == manifest.entries:
            return FINE, mixed
        return Finding(Fault.MISSING if held.records < manifest.entries.records else Fault.ALTERED), mixed

    async def _tags(self, manifest: Manifest, records: Records) -> Fingerprint:
        return await self._keyring.fingerprint(manifest.secret, Collection.SETTINGS_AND_MEMORIES, records)

    def _look_for_absent(self) -> None:
        if self._manifest is None or not self._repository.warmed:
            return
        for chat_id in absent(self._manifest, self._repository.chats, self._expects):
            if chat_id in self._answered:
                self._set(chat_id, Checked(0, Fault.WITHHELD))
            elif chat_id not in self._asked:
                self._ask_for(chat_id)

    def _expects(self, last_updated: int, chat_id: str) -> bool:
        """Whether a chat stands where the list has every one."""
        older = self._repository.older_chats
        return older is not None and older.to is not None and older.expects(ChatPlace(last_updated, chat_id))

    def _ask_for(self, name: str) -> bool:
        collection = Collection.SETTINGS_AND_MEMORIES if name == ENTRIES else Collection.CHATS
        record = self._manifest_id if name == ENTRIES else name
        if record is None or not self._connection.send(
            Refetch(collection=collection, record_id=record, manifest_id=self._manifest_id)
        ):
            return False
        self._asked.add(name)
        return True

    def _load(self) -> None:
        """Begin with the manifest that is stored: a device that is up to date gets none."""
        self._loaded = True
        if self._manifest is not None and self._is_older(self._manifest):
            self._set_account(AccountFault.ROLLED_BACK)
        elif self._manifest is None and self._seen:
            self._set_account(AccountFault.REMOVED)
        entries = self._checked.get(ENTRIES)
        if entries is None or entries.fault or self._account is AccountFault.MIXED:
            self._whole.add(ENTRIES)
            self._due[ENTRIES] = None

    async def _read_manifest(self) -> None:
        """Take over the manifest as it is stored now; what it lists differently is to be checked."""
        self._stale = False
        read = await self._record.read()
        known = self._manifest
        if read is None or (known is not None and read.manifest.version < self._seen):
            return
        self._manifest_id, self._manifest = read.id, read.manifest
        if known is None:
            return
        if went_back(known, self._manifest):
            self._set_account(AccountFault.FORKED)
        before, after = known.chats, self._manifest.chats
        self._due |= dict.fromkeys(name for name, each in after.items() if before.get(name) != each)
        self._due |= dict.fromkeys(before.keys() - after.keys())

    def _offer(self, opened: OpenedRecord) -> bool:
        """Look at a manifest that the server sent; whether it is older than the one known."""
        offered = manifests.read(opened["texts"]["sealed"] or "")
        if offered is None:
            return False
        self._manifest_id = opened["clear"]["id"]
        return self._is_older(offered)

    def _is_older(self, offered: Manifest) -> bool:
        if offered.version < self._seen:
            return True
        known, root = self._offered, root_of(offered)
        if known is not None and known.version == root.version and known != root:
            self._set_account(AccountFault.FORKED)
        elif self._account is AccountFault.REMOVED:
            self._set_account(AccountFault.NONE)
        self._offered = root
        if offered.version > self._seen:
            self._seen = offered.version
            self._unsaved.add(ACCOUNT)
        return False

    def _set_account(self, fault: AccountFault) -> None:
        if fault is not self._account:
            self._account = fault
            self._unsaved.add(ACCOUNT)

    def _set(self, name: str, checked: Checked) -> None:
        if self._checked.get(name) != checked:
            self._checked[name] = checked
            self._unsaved.add(name)

    async def _save(self) -> None:
        kept = {name: self._checked[name] for name in self._unsaved if name != ACCOUNT}
        kept[ACCOUNT] = Checked(self._seen, self._account)
        self._unsaved.clear()
        await self._writer.apply(Batch(checked=kept))

    def _view(self) -> tuple[object, ...]:
        return ({name: each for name, each in self._checked.items() if each.fault}, self._account)

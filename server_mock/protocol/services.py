"""What the routes and the connections of one server share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from server_mock.assistant.port import Assistant
from server_mock.directus.client import DirectusClient
from server_mock.protocol.account_watch import AccountWatch
from server_mock.protocol.accounts import Accounts
from server_mock.protocol.answers import Answers
from server_mock.protocol.change_log import Stamps, UserStates
from server_mock.protocol.fault_hooks import FaultHooks
from server_mock.protocol.last_opened import LastOpened
from server_mock.protocol.metrics import Metrics
from server_mock.protocol.one_time_tokens import OneTimeTokens
from server_mock.protocol.purging import Purge
from server_mock.protocol.quotas import QuotaKeeper, Quotas
from server_mock.protocol.rate_limit import SIGN_UPS, RateLimiter, SignInLimits
from server_mock.protocol.record_disk import MAX_PAYLOAD_BYTES, RecordDisk
from server_mock.protocol.record_writer import RecordWriter
from server_mock.protocol.sessions import Sessions
from server_mock.protocol.tasks import Tasks
from server_mock.protocol.warming_cache import Warmings

CHALLENGE_S = 300.0
"""How long a passkey's challenge may be signed; a browser's window is open for two minutes."""

TICKET_S = 60.0
"""How long after a passkey's signature the sign-in may come."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks: seconds since 1970, which people and stamps mean, and seconds that never go back."""

    wall_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return int(self.wall_s() * 1000)


@dataclass(slots=True)
class Services:
    """The parts of a running server; `secret` outlives the process where the data does."""

    client: DirectusClient
    sessions: Sessions
    secret: bytes = field(repr=False)
    metrics: Metrics = field(default_factory=Metrics)
    faults: FaultHooks = field(default_factory=FaultHooks)
    clocks: Clocks = field(default_factory=Clocks)
    max_payload: int = MAX_PAYLOAD_BYTES
    quotas: Quotas = field(default_factory=Quotas)
    own: DirectusClient | None = None
    """A way to Directus for what no device asks for; whoever made it closes it."""
    assistant: Assistant | None = None
    """Who answers in chats; None: nobody."""
    accounts: Accounts = field(init=False)
    limits: SignInLimits = field(init=False)
    sign_ups: RateLimiter = field(init=False)
    """How many accounts a network address may make."""
    challenges: OneTimeTokens = field(init=False)
    """What passkeys sign."""
    tickets: OneTimeTokens = field(init=False)
    """What a passkey's signature gives, and a sign-in takes."""
    stamps: Stamps = field(init=False)
    states: UserStates = field(init=False)
    warmings: Warmings = field(init=False)
    last_opened: LastOpened = field(init=False)
    records: RecordWriter = field(init=False)
    answers: Answers = field(init=False)
    watch: AccountWatch = field(init=False)
    purge: Purge = field(init=False)
    polled: Tasks = field(init=False, default_factory=Tasks)
    """The polled connections: they live longer than any request."""
    on_stop: list[Callable[[], None]] = field(default_factory=list)
    """Called when the server stops: who holds an answer back gives it now."""
    before_stop: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """Called when the server is to stop and has time for it: who is at work finishes."""

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.client, self.secret, self.clocks.monotonic_s)
        self.limits = SignInLimits(self.clocks.monotonic_s)
        self.sign_ups = RateLimiter(SIGN_UPS, self.clocks.monotonic_s)
        self.challenges = OneTimeTokens(CHALLENGE_S, self.clocks.monotonic_s)
        self.tickets = OneTimeTokens(TICKET_S, self.clocks.monotonic_s)
        self.stamps = Stamps(self.secret)
        self.states = UserStates(self.clocks.now_ms)
        self.warmings = Warmings(self.client, self.states, self.clocks.monotonic_s, self.metrics.warmings.add)
        self.last_opened = LastOpened(self.client, self.accounts, self.warmings)
        keeper = QuotaKeeper(self.own or self.client, self.quotas, self.clocks.monotonic_s)
        self.records = RecordWriter(RecordDisk(self.client, self.max_payload), self.warmings, self.faults, keeper)
        self.watch = AccountWatch(self.own or self.client, self.accounts, self.sessions, self.states)
        self.purge = Purge(self.own or self.client, self.sessions, self.clocks.now_ms)
        self.answers = Answers(self.assistant, self.clocks.monotonic_s)

    async def drain(self) -> None:
        """Finish what is under way, and take nothing more."""
        await asyncio.gather(*(each() for each in self.before_stop))

    def stop(self) -> None:
        """Stop."""
        for each in self.on_stop:
            each()

    async def close(self) -> None:
        """Cancel every task, then let go of Directus."""
        await self.polled.close()
        await self.answers.close()
        await self.sessions.close()
        await self.records.close()
        await self.last_opened.close()
        await self.warmings.close()
        await self.accounts.close()
        await self.client.close()

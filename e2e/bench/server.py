"""The server: what a sign-in costs Directus, how soon the first event comes, and 200 devices at once."""

from __future__ import annotations

import asyncio
import base64
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Origin

from e2e.bench.samples import Collector, Outcome
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Hello
from hearth.core.records.envelope import normalise_password
from hearth.testing.cpython_cipher import CryptographyCipher
from hearth_testing.server import Hearth

LATENCIES = (0, 20, 100)
"""Milliseconds that every request to Directus takes longer."""

DEVICES = 200
USUAL = "120 chats of 40"
FIRST, LAST = '"first_chat_ready"', '"warming_complete"'
HEAD = 400
"""Characters of a frame in which its event is named: frames are not parsed, the device is not what is measured."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a device had what, in ms after it asked to be signed in, and how much came over its socket."""

    answered: float
    first: float
    last: float
    received_mb: float


async def prove(hearth: Hearth) -> str:
    """The lookup hash, derived once: a device's own time for it is not the server's."""
    async with httpx.AsyncClient(base_url=hearth.url) as http:
        answer = (await http.post("/api/challenge", json={"email": hearth.email})).json()
    salt, password = base64.b64decode(answer["salt"]), normalise_password(hearth.password)
    return CryptographyCipher().derive_now(password, salt, answer["iterations"]).lookup_hash


async def warm(hearth: Hearth, lookup_hash: str, name: str) -> Times:
    """Sign a device in and receive everything."""
    async with httpx.AsyncClient(base_url=hearth.url, timeout=120) as http:
        began = time.perf_counter()
        body = {"email": hearth.email, "lookup_hash": lookup_hash, "stay": False}
        answer = await http.post("/api/sign-in", json=body)
        answer.raise_for_status()
        answered = time.perf_counter() - began
        cookie = "; ".join(f"{key}={value}" for key, value in answer.cookies.items())
    address, origin = hearth.url.replace("http", "ws", 1) + "/ws", Origin(hearth.url)
    headers = {"Cookie": cookie}
    first, received = 0.0, 0
    async with connect(address, origin=origin, additional_headers=headers, max_size=None, open_timeout=120) as socket:
        await socket.send(codec.write_device_frame(Hello(device_id=name)))
        async for frame in socket:
            received += len(frame)
            head = str(frame[:HEAD])
            if FIRST in head:
                first = time.perf_counter() - began
            if LAST in head:
                return Times(answered * 1000, first * 1000, (time.perf_counter() - began) * 1000, received / 1e6)
    raise RuntimeError("The server closed before the warming was complete.")


def measure_latency(runs: int, found: Collector) -> None:
    """One device at a time, with a Directus that answers late."""
    for latency in LATENCIES:
        hearth = Hearth(("--latency-ms", str(latency))).start()
        try:
            proof = asyncio.run(prove(hearth))
            asyncio.run(warm(hearth, proof, "device"))
            for _ in range(runs):
                hearth.reset()
                times = asyncio.run(warm(hearth, proof, "device"))
                who = f"{latency} ms a request"
                found.add("asked to sign in → answered", who, times.answered)
                found.add("asked to sign in → first chat", who, times.first)
                found.add("asked to sign in → everything", who, times.last)
                if not latency:
                    measure_log(hearth, times.received_mb, found)
        finally:
            hearth.stop()


def measure_log(hearth: Hearth, received_mb: float, found: Collector) -> None:
    """What the last sign-in has cost."""
    log = [entry for entry in hearth.directus_log() if entry["collection"] != "users"]
    found.add("a cold sign-in: requests to Directus", USUAL, len(log), "")
    found.add("a cold sign-in: received from Directus", USUAL, sum(entry["bytes"] for entry in log) / 1e6, "MB")
    found.add("a cold sign-in: sent to the device", USUAL, received_mb, "MB")


def measure_crowd(runs: int, found: Collector) -> None:
    """All devices of an account at once."""
    who = f"{DEVICES} devices"
    hearth = Hearth().start()
    try:
        proof = asyncio.run(prove(hearth))
        for _ in range(runs):
            hearth.reset()
            crowd = asyncio.run(_crowd(hearth, proof))
            found.add("at once: median device, first chat", who, statistics.median(each.first for each in crowd))
            found.add("at once: last device, first chat", who, max(each.first for each in crowd))
            found.add("at once: last device, everything", who, max(each.last for each in crowd))
            log = [entry for entry in hearth.directus_log() if entry["collection"] != "users"]
            found.add("at once: requests to Directus for all", who, len(log), "")
        found.add("at once: the server's memory at its peak", who, peak_mb(hearth), "MB")
    finally:
        hearth.stop()


async def _crowd(hearth: Hearth, proof: str) -> list[Times]:
    return await asyncio.gather(*(warm(hearth, proof, f"device-{number}") for number in range(DEVICES)))


def peak_mb(hearth: Hearth) -> float:
    """The server's resident memory at its peak, in MB; on Linux."""
    status = Path(f"/proc/{hearth.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def run(runs: int) -> Outcome:
    """Latency, cost, crowd."""
    found = Collector()
    measure_latency(runs, found)
    measure_crowd(min(runs, 3), found)
    outcome = Outcome("server", "The server", found.series(), ours=f"{DEVICES} devices")
    outcome.limit("a cold sign-in: requests to Directus", USUAL, 5)
    outcome.limit("at once: requests to Directus for all", f"{DEVICES} devices", 5)
    return outcome

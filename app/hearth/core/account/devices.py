"""The devices of an account, as the server lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AccountDevice:
    """A device of the account, as the server lists it; moments are the server's, in milliseconds since 1970.

    `name` is sealed; `ended_at` is when another device signed it out, `wiped_at` when it had deleted what it stored.
    """

    id: str
    current: bool
    online: bool
    name: str | None = field(default=None, repr=False)
    begun_at: int | None = None
    seen_at: int | None = None
    ended_at: int | None = None
    wiped_at: int | None = None


class NotADeviceList(ValueError):
    """The server's answer is no list of devices."""


def read_devices(answer: Any) -> tuple[list[AccountDevice], int]:
    """The devices and the server's time that an answer holds. Raises `NotADeviceList`."""
    try:
        return [_read(each) for each in answer["devices"]], _moment(answer["now"]) or 0
    except (LookupError, TypeError):
        raise NotADeviceList from None


def _read(each: Any) -> AccountDevice:
    id_, name = each["id"], each["name"]
    if not isinstance(id_, str) or not (name is None or isinstance(name, str)):
        raise TypeError
    moments = {moment: _moment(each[moment]) for moment in ("begun_at", "seen_at", "ended_at", "wiped_at")}
    return AccountDevice(id_, each["current"] is True, each["online"] is True, name, **moments)


def _moment(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError

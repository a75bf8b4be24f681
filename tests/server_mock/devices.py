"""The routes of an account's devices, as a device asks them."""

from __future__ import annotations

from typing import Any

from tests.server_mock.world import Device


async def listed(device: Device) -> list[dict[str, Any]]:
    answer = await device.http.get("/api/devices", params={"account": device.account})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["devices"])


async def post(device: Device, path: str, /, **body: Any) -> int:
    answer = await device.http.post(f"/api/devices/{path}", json={"account": device.account, **body})
    return answer.status_code


async def own_id(device: Device) -> str:
    return next(str(each["id"]) for each in await listed(device) if each["current"])

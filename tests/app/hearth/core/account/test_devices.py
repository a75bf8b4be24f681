"""The list of devices as the server answers it: read as a whole, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.account.devices import AccountDevice, NotADeviceList, read_devices

DEVICE: dict[str, Any] = {
    "id": "1",
    "name": None,
    "begun_at": 1,
    "seen_at": 2,
    "current": True,
    "online": False,
    "ended_at": None,
    "wiped_at": None,
}


def test_a_list_is_read() -> None:
    devices, now = read_devices({"devices": [DEVICE, {**DEVICE, "id": "2", "name": "sealed", "later": 1}], "now": 9})
    assert devices == [AccountDevice("1", True, False, None, 1, 2), AccountDevice("2", True, False, "sealed", 1, 2)]
    assert now == 9


@pytest.mark.parametrize("name", list(DEVICE))
def test_a_device_that_lacks_something_is_refused(name: str) -> None:
    without = {each: value for each, value in DEVICE.items() if each != name}
    with pytest.raises(NotADeviceList):
        read_devices({"devices": [without], "now": 9})


@pytest.mark.parametrize("change", [{"id": 1}, {"name": 1}, {"seen_at": "1"}, {"begun_at": True}, {"wiped_at": 1.5}])
def test_a_value_of_another_type_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(NotADeviceList):
        read_devices({"devices": [DEVICE | change], "now": 9})


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["devices", "now", *DEVICE]), inner),
    )
)
def test_anything_else_is_refused(answer: Any) -> None:
    try:
        read_devices(answer)
    except NotADeviceList:
        return
    assert set(answer) >= {"devices", "now"}

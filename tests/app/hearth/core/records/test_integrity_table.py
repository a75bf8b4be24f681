"""What follows from a check: the tables of the account's faults and of what is done about a chat."""

from __future__ import annotations

from itertools import product

import pytest

from hearth.core.records.integrity_table import ACCOUNT_TABLE, DECISIONS, Decision, ManifestSignal, after, decide
from hearth.core.records.manifest_checks import AccountFault

NONE, ROLLED_BACK, REMOVED = AccountFault.NONE, AccountFault.ROLLED_BACK, AccountFault.REMOVED
FORKED, MIXED = AccountFault.FORKED, AccountFault.MIXED


def test_every_signal_has_a_row() -> None:
    assert set(ACCOUNT_TABLE) == set(ManifestSignal)


@pytest.mark.parametrize("fault", AccountFault)
def test_what_is_told_of_the_whole_account_takes_the_place_of_any_other(fault: AccountFault) -> None:
    assert after(fault, ManifestSignal.OLDER) is ROLLED_BACK
    assert after(fault, ManifestSignal.CONTRADICTED) is FORKED
    assert after(fault, ManifestSignal.GONE) is REMOVED


@pytest.mark.parametrize(
    ("signal", "heals"),
    [
        (ManifestSignal.NOT_OLDER, ROLLED_BACK),
        (ManifestSignal.OFFERED, REMOVED),
        (ManifestSignal.SHARDS_FIT, MIXED),
    ],
)
def test_each_healing_signal_heals_one_fault_alone(signal: ManifestSignal, heals: AccountFault) -> None:
    assert {fault: after(fault, signal) for fault in AccountFault} == {
        fault: NONE if fault is heals else fault for fault in AccountFault
    }


def test_shards_that_differ_are_news_only_where_the_account_is_fine() -> None:
    assert after(NONE, ManifestSignal.SHARDS_DIFFER) is MIXED
    assert after(ROLLED_BACK, ManifestSignal.SHARDS_DIFFER) is ROLLED_BACK
    assert after(FORKED, ManifestSignal.SHARDS_DIFFER) is FORKED


def test_histories_that_were_told_apart_never_heal() -> None:
    healing = set(ManifestSignal) - {ManifestSignal.OLDER, ManifestSignal.GONE}
    assert {after(FORKED, signal) for signal in healing} == {FORKED}


def test_every_case_is_decided() -> None:
    assert set(DECISIONS) == set(product((False, True), repeat=3))


def test_nobody_is_accused_before_the_server_was_asked_once_more() -> None:
    for whole in (False, True):
        assert decide(fine=False, answered=False, whole=whole) is not Decision.KEEP
        assert decide(fine=False, answered=True, whole=whole) is Decision.KEEP


def test_what_fits_is_kept_and_a_part_of_a_chat_is_waited_for() -> None:
    for answered, whole in product((False, True), repeat=2):
        assert decide(fine=True, answered=answered, whole=whole) is Decision.KEEP
    assert decide(fine=False, answered=False, whole=True) is Decision.ASK
    assert decide(fine=False, answered=False, whole=False) is Decision.WAIT

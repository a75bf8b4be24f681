"""What checks have found: kept only when it changed, taken over by the next session, and said in one sentence."""

from __future__ import annotations

from hearth.core.records.contents import Chat
from hearth.core.records.integrity_table import ManifestSignal
from hearth.core.records.manifest import Fingerprint, Listed
from hearth.core.records.manifest_checks import AccountFault, Checked, Fault
from hearth.engine.sync.findings import ACCOUNT, ENTRIES, Findings
from hearth.ports.storage import SyncState


def state(**checked: Checked) -> SyncState:
    return SyncState(checked={ACCOUNT if name == "account" else name: each for name, each in checked.items()})


def test_only_what_changed_is_kept_and_once() -> None:
    findings = Findings()
    assert findings.take_unsaved() is None
    findings.set("a", Checked(1, Fault.MISSING, 2))
    findings.note_seen(7)
    batch = findings.take_unsaved()
    assert batch is not None
    assert batch.checked == {"a": Checked(1, Fault.MISSING, 2), ACCOUNT: Checked(7, AccountFault.NONE)}
    findings.set("a", Checked(1, Fault.MISSING, 2))
    findings.note_seen(3)
    findings.note(ManifestSignal.NOT_OLDER)
    assert findings.take_unsaved() is None


def test_the_next_session_knows_it_and_what_is_here_in_full() -> None:
    findings = Findings()
    whole = findings.restore(
        state(a=Checked(1, Fault.NONE), b=Checked(0, Fault.WITHHELD), account=Checked(9, AccountFault.FORKED))
    )
    assert whole == {"a"}
    assert (findings.seen, findings.account) == (9, AccountFault.FORKED)
    assert (findings.wrong("a"), findings.known("a")) == (None, Checked(1, Fault.NONE))
    assert findings.wrong("b") == Checked(0, Fault.WITHHELD)


def test_a_withheld_chat_has_its_place_in_the_list_until_it_is_here() -> None:
    findings = Findings()
    findings.set("b", Checked(0, Fault.WITHHELD))
    listed = {"b": Listed(3, 50, Fingerprint(5, 7))}
    (chat,) = findings.withheld(listed, {})
    assert (chat.id, chat.last_updated) == ("b", listed["b"].last_updated)
    assert [each.last_updated for each in findings.withheld({}, {})] == [0]
    assert findings.withheld(listed, {"b": Chat("b", "Here", 1, 1)}) == ()


def test_what_is_wrong_changes_with_what_is_found() -> None:
    findings = Findings()
    before = findings.faults
    findings.set("a", Checked(1, Fault.NONE))
    assert (findings.faults, findings.summary) == (before, "")
    findings.set("a", Checked(1, Fault.ALTERED))
    assert findings.faults != before
    assert findings.summary.startswith("1 chat")
    findings.set(ENTRIES, Checked(1, Fault.MISSING))
    assert findings.summary.startswith("1 chat"), "settings are no chat"
    findings.note(ManifestSignal.OLDER)
    assert findings.account is AccountFault.ROLLED_BACK

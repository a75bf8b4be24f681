"""What is said of what is not as it was written: a sentence for each fault, in the number that fits."""

from __future__ import annotations

import pytest

from hearth.core.records.manifest_checks import AccountFault, Checked, Fault
from hearth.core.view.integrity_text import ENTRIES, flag_of, summary, warning_of


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.NONE])
def test_every_fault_has_words_for_the_list_and_a_sentence_for_the_chat(fault: Fault) -> None:
    checked = Checked(1, fault, 2)
    assert flag_of(checked)
    assert warning_of(checked).endswith(".")


def test_of_what_is_fine_or_unchecked_nothing_is_said() -> None:
    for checked in (None, Checked(1, Fault.NONE)):
        assert (flag_of(checked), warning_of(checked)) == ("", "")


def test_one_and_several_messages() -> None:
    assert warning_of(Checked(1, Fault.MISSING, 1)).startswith("1 message is missing from this chat.")
    assert warning_of(Checked(1, Fault.MISSING, 2)).startswith("2 messages are missing from this chat.")


def test_the_account_comes_before_chats_and_chats_before_entries() -> None:
    assert summary(0, False, AccountFault.NONE) == ""
    assert summary(0, True, AccountFault.NONE) == ENTRIES
    assert summary(1, True, AccountFault.NONE) == "1 chat is not as your devices wrote it. It is marked in the list."
    assert summary(2, True, AccountFault.NONE).startswith("2 chats are not as your devices wrote them.")
    told = {summary(2, True, fault) for fault in AccountFault if fault is not AccountFault.NONE}
    assert len(told) == 4
    assert not told & {summary(2, True, AccountFault.NONE), ENTRIES}

"""Intents about the account never show a secret in their representation."""

from __future__ import annotations

import dataclasses

import pytest

from hearth.engine.intents import account

SECRET = "correct horse battery"
WITH_SECRETS = [
    account.SignIn,
    account.CreateAccount,
    account.RecoverAccount,
    account.ChangePassword,
    account.MakeRecoveryKey,
    account.TryRecoveryKey,
]


@pytest.mark.parametrize("kind", WITH_SECRETS, ids=lambda kind: kind.__name__)
def test_no_secret_is_in_what_is_printed(kind: type) -> None:
    texts = {each.name: SECRET for each in dataclasses.fields(kind) if each.type == "str" and each.name != "email"}
    emails = {each.name: "a@b" for each in dataclasses.fields(kind) if each.name == "email"}
    assert SECRET not in repr(kind(**texts, **emails))


def test_what_is_deleted_is_proven_and_not_shown() -> None:
    assert SECRET not in repr(account.DeleteAccount(SECRET, "delete"))

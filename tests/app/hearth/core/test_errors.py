"""The error tree is as its picture has it, and errors keep what they are given."""

from __future__ import annotations

import inspect
import re

from hearth.core import errors


def test_the_picture_is_the_tree() -> None:
    """Every line of the picture names a class whose base is the one that it hangs from."""
    drawn: dict[str, str] = {}
    above = ["HearthError"]
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ([│ ├└─]+)([A-Z]\w+)  ", line)
        if found:
            depth = (len(found[1]) + 3) // 4
            drawn[found[2]] = above[depth - 1]
            above[depth:] = [found[2]]
    classes = {
        name: each.__base__.__name__
        for name, each in vars(errors).items()
        if inspect.isclass(each) and each.__base__ is not Exception and each.__base__
    }
    assert drawn == classes


def test_why_a_value_does_not_open_has_a_code_of_its_own() -> None:
    kinds = (errors.SealError, errors.UnknownFormat, errors.WrongKey, errors.Damaged)
    assert len({each.reason for each in kinds}) == len(kinds)


def test_what_an_error_is_given_it_keeps() -> None:
    refused = errors.TooManyAttempts("Wait.", 30)
    assert (str(refused), refused.retry_after_s, refused.code) == ("Wait.", 30, "")
    assert errors.SignInError("No.", "closed").code == "closed"
    assert errors.AssistantError("No.", "busy").code == "busy"

"""Tokens: taken once, in time, unchanged, by the process that gave them out."""

from __future__ import annotations

from server_mock.protocol.one_time_tokens import OneTimeTokens
from tests.server_mock.world import FakeTime


def test_a_token_is_taken_once() -> None:
    tokens = OneTimeTokens(60, FakeTime())
    token = tokens.issue(b"content")
    assert tokens.take(token) == b"content"
    assert tokens.take(token) is None
    assert tokens.take(tokens.issue()) == b""


def test_a_token_is_taken_in_time() -> None:
    time = FakeTime()
    tokens = OneTimeTokens(60, time)
    token, late = tokens.issue(), tokens.issue()
    time.now_s += 59
    assert tokens.take(token) == b""
    time.now_s += 1
    assert tokens.take(late) is None
    assert tokens.take(token) is None


def test_one_that_was_taken_is_remembered_until_it_is_over_and_not_longer() -> None:
    time = FakeTime()
    tokens = OneTimeTokens(60, time, max_taken=2)
    first, second, third = (tokens.issue() for _ in range(3))
    assert (tokens.take(first), tokens.take(second)) == (b"", b"")
    assert tokens.take(third) is None, "the memory is bounded"
    time.now_s += 60
    assert tokens.take(tokens.issue()) == b""


def test_no_byte_can_be_changed_and_another_process_takes_nothing() -> None:
    tokens = OneTimeTokens(60, FakeTime())
    token = tokens.issue(b"content")
    for at in range(len(token)):
        assert tokens.take(token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]) is None
        assert tokens.take(token[:at]) is None
    assert OneTimeTokens(60, FakeTime()).take(token) is None
    assert tokens.take(token) == b"content"

"""Our own server passes the conformance suite, and one that is broken does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hearth_testing.server import Hearth
from tests.hearth_testing.broken_server import FAULTS, BrokenHearth

pytest_plugins = ["pytester"]

SUITE = "hearth_testing.conformance"
ALONE = ("-p", "hearth_testing.plugin", "-p", "no:playwright", "-p", "no:cacheprovider", "-q", "--pyargs")


@pytest.fixture(scope="module")
def hearth() -> Iterator[Hearth]:
    server = Hearth(["--chats", "0"]).start()
    yield server
    server.kill()


def test_our_own_server_passes(pytester: pytest.Pytester, hearth: Hearth) -> None:
    run = pytester.runpytest_inprocess(*ALONE, SUITE, f"--server-url={hearth.url}/")
    outcomes = run.parseoutcomes()
    assert outcomes.keys() <= {"passed", "warnings", "warning"}, run.stdout.str()[-5000:]
    assert outcomes["passed"] > 150


AT_FIRST = tuple(FAULTS)[::4]
"""The faults that `make test` takes; `make soak` takes the others."""


@pytest.mark.parametrize(
    "name", [each if each in AT_FIRST else pytest.param(each, marks=pytest.mark.soak) for each in FAULTS]
)
def test_a_broken_server_fails(pytester: pytest.Pytester, name: str) -> None:
    module, _breaks = FAULTS[name]
    server = BrokenHearth(["--chats", "0", "--broken", name]).start()
    try:
        named = f"{SUITE}.{module}"
        run = pytester.runpytest_inprocess(*ALONE, named, "-x", f"--server-url={server.url}", "--server-wait-s=2")
    finally:
        server.kill()
    assert run.ret == pytest.ExitCode.TESTS_FAILED, run.stdout.str()
    assert "FAILED" in run.stdout.str(), "it is a test that fails, not its set-up"


def test_a_server_that_is_not_named_or_takes_no_accounts_is_said_to_be(pytester: pytest.Pytester) -> None:
    named = f"{SUITE}.test_polling"
    run = pytester.runpytest_inprocess(*ALONE, named)
    assert (run.ret, "--server-url" in run.stdout.str() + run.stderr.str()) == (pytest.ExitCode.USAGE_ERROR, True)
    closed = Hearth(["--chats", "0", "--sign-up", "closed"]).start()
    try:
        run = pytester.runpytest_inprocess(*ALONE, named, f"--server-url={closed.url}")
    finally:
        closed.kill()
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    assert "--server-invites" in run.stdout.str() + run.stderr.str()

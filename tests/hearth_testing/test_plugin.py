"""The plugin's fixtures of the server, each as somebody else's test uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hearth_testing.server import Hearth

pytest_plugins = ["pytester"]

WITHOUT_BROWSER = ("-p", "hearth_testing.plugin", "-p", "no:playwright", "-q")

HELPERS = """
import json, urllib.request

import pytest

def ask(server, path, **body):
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return urllib.request.urlopen(request, timeout=20)

def challenge(server, email):
    return json.load(ask(server, "/api/challenge", email=email))
"""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Hearth]:
    server = Hearth(["--chats", "2", "--messages", "2"]).start()
    yield server
    server.kill()


def passes(pytester: pytest.Pytester, test: str, *arguments: str, passed: int = 1) -> None:
    pytester.makepyfile(HELPERS + test)
    pytester.runpytest_inprocess(*WITHOUT_BROWSER, *arguments).assert_outcomes(passed=passed)


def test_each_test_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
seen = []

@pytest.mark.parametrize("time", [1, 2])
def test_it(hearth_server, time):
    account = hearth_server.account()
    assert (hearth_server.email, len(account["chats"])) == (account["email"], 12)
    hearth_server.change(rename_chat={"title": "another title"})
    assert hearth_server.url not in seen
    assert account["chats"][0]["title"] != "another title"
    seen.append(hearth_server.url)

@pytest.mark.hearth("--chats", "3", "--messages", "1")
def test_options(hearth_server):
    assert len(hearth_server.account()["chats"]) == 3

def test_several(start_hearth):
    assert start_hearth("--chats", "1").url != start_hearth("--chats", "1").url
""",
        passed=4,
    )


def test_an_account_has_the_same_ids_each_time(pytester: pytest.Pytester) -> None:
    test = """
def test_it(account, hearth_server):
    first = account(chats=3, messages=4)
    assert (len(first.chats), hearth_server.email, hearth_server.password) == (3, first.email, first.password)
    other = account(chats=3, messages=4, seed=2)
    ids = lambda made: [made.id, *(chat["id"] for chat in made.chats)]
    assert not set(ids(first)) & set(ids(other))
    assert hearth_server.account()["account"] == other.id
    changed = hearth_server.change(rename_chat={"title": "theirs"})
    assert changed["chats"] == [other.chats[0]["id"]]
    print("IDS", *ids(first), *ids(other))
"""
    pytester.makepyfile(HELPERS + test)
    runs = [pytester.runpytest_inprocess(*WITHOUT_BROWSER, "-s") for _ in range(2)]
    ids = [next(line for line in each.outlines if "IDS" in line) for each in runs]
    assert ids[0] == ids[1]


def test_the_marker_gives_the_test_an_account(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
@pytest.mark.hearth_account(chats=2, messages=1, seed=9)
def test_it(hearth_server):
    assert len(hearth_server.account()["chats"]) == 2
    assert hearth_server.email.startswith("test-")
""",
    )


def test_faults_heal_on_leaving_also_after_a_failure(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import urllib.error

def test_it(hearth_server, faults):
    with pytest.raises(ValueError), faults(sign_in_status=503):
        with pytest.raises(urllib.error.HTTPError):
            challenge(hearth_server, "a@hearth.example")
        raise ValueError
    assert challenge(hearth_server, "a@hearth.example")["iterations"] >= 600_000

def test_a_fault_that_there_is_not_says_so(faults):
    with pytest.raises(urllib.error.HTTPError) as refused, faults(no_such_fault=True):
        pass
    assert "no_such_fault" in "".join(refused.value.__notes__)
""",
        passed=2,
    )


def test_the_log_of_directus_is_asserted_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        HELPERS
        + """
def test_it(hearth_server, directus):
    directus.reset()
    directus.assert_requests(0)
    challenge(hearth_server, "nobody@hearth.example")
    directus.assert_requests(1, collection="users", kind="read")
    directus.assert_requests(0, kind="write")
    assert directus.assert_requests(at_most=5, at_least=1) == directus.log

def test_it_fails(hearth_server, directus):
    directus.reset()
    challenge(hearth_server, "nobody@hearth.example")
    directus.assert_requests(at_most=0)
"""
    )
    run = pytester.runpytest_inprocess(*WITHOUT_BROWSER)
    run.assert_outcomes(passed=1, failed=1)
    run.stdout.fnmatch_lines(["*1 requests to Directus, not at most 0:", "*users*200*"])


def test_a_server_that_runs_already_has_an_account_for_each_test(pytester: pytest.Pytester, elsewhere: Hearth) -> None:
    before = elsewhere.account()
    passes(
        pytester,
        """
import os
seen = []

@pytest.mark.parametrize("time", [1, 2])
def test_it(hearth_server, faults, time):
    assert len(hearth_server.account()["chats"]) == 12
    assert hearth_server.email not in seen
    hearth_server.change(rename_chat={"title": "changed"})
    seen.append(hearth_server.email)
    hearth_server.fault(sign_in_status=503)

def test_it_is_healed(hearth_server):
    challenge(hearth_server, hearth_server.email)
""",
        f"--hearth-url={elsewhere.url}/",
        passed=3,
    )
    assert elsewhere.account() == before, "nobody has touched the account that was there"


def test_a_server_for_all_is_for_one_worker(pytester: pytest.Pytester, elsewhere: Hearth) -> None:
    pytester.makepyfile("def test_it(hearth_server): pass")
    run = pytester.runpytest_subprocess(*WITHOUT_BROWSER, f"--hearth-url={elsewhere.url}", "-n", "2")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    assert "leave out -n" in run.stderr.str()


def test_workers_have_servers_of_their_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_it(hearth_server, number):
    assert len(hearth_server.account()["chats"]) == 12
"""
    )
    run = pytester.runpytest_subprocess(*WITHOUT_BROWSER, "-n", "2")
    run.assert_outcomes(passed=4)


def test_which_api_the_fixtures_are_for(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nhearth_playwright = both")
    run = pytester.runpytest_subprocess(*WITHOUT_BROWSER, "--fixtures")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    pytester.makeini("[pytest]")
    assert "signed_in" not in pytester.runpytest_subprocess(*WITHOUT_BROWSER, "--fixtures").stdout.str()
    shown = pytester.runpytest_subprocess("-p", "hearth_testing.plugin", "--fixtures").stdout.str()
    for name in ("hearth_server", "account", "device", "signed_in", "faults", "directus", "wait_for"):
        assert f"\n{name} " in shown, name
    assert "device -- " in shown
    assert "Another device of the account" in shown

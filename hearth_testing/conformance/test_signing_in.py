"""Signing up, in and out, and what a server tells of accounts."""

from __future__ import annotations

import base64
from collections.abc import Callable

from hearth.core.protocol.server_events import ErrorCode, ServerError, SessionEnd
from hearth.core.records.envelope import MIN_ITERATIONS, SALT_BYTES
from hearth_testing.conformance.client import Browser, Person
from hearth_testing.conformance.sealed import CHATS

SESSION_OVER = 4401
MANY = 60
"""So many wrong passwords are refused before the last."""


def test_a_challenge_looks_the_same_for_a_known_and_an_unknown_address(
    person: Person, stranger: Callable[[], Person]
) -> None:
    browser = Browser(person.server)
    unknown = stranger()
    for kind in ("password", "recovery"):
        for each in (person, unknown):
            asked = {"email": each.email, "kind": kind}
            first, again = (browser.post("/api/challenge", asked) for _ in range(2))
            assert (first.status_code, first.json()) == (200, again.json())
            assert first.json().keys() == {"salt", "iterations"}
            assert len(base64.b64decode(first.json()["salt"], validate=True)) == SALT_BYTES
            assert first.json()["iterations"] >= MIN_ITERATIONS
    salts = {browser.post("/api/challenge", {"email": each.email}).json()["salt"] for each in (person, unknown)}
    assert len(salts) == 2


def test_white_space_and_capitals_around_an_address_do_not_count(person: Person) -> None:
    browser = Browser(person.server)
    salts = {browser.post("/api/challenge", {"email": e}).json()["salt"] for e in (person.email, f" {person.email}\n")}
    assert len(salts) == 1


def test_a_sign_in_answers_the_account_and_its_wrapped_key_with_a_cookie(person: Person) -> None:
    browser = Browser(person.server)
    answer = browser.post("/api/sign-in", {"email": person.email, "lookup_hash": person.lookup_hash, "stay": False})
    assert answer.json() == {"account": person.account, "wrapped_master_key": person.wrapped_master_key}
    attributes = {each.strip().lower() for each in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= attributes
    assert not [each for each in attributes if each.startswith(("max-age", "expires", "domain"))]
    assert ("secure" in attributes) is person.server.url.startswith("https:")
    assert browser.session() == (204, "")
    assert browser.session(person.account) == (204, "")


def test_staying_signed_in_outlives_the_browser(person: Person) -> None:
    assert person.sign_in(stay=False).cookie.discard
    assert not person.sign_in(stay=True).cookie.discard


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    person: Person, stranger: Callable[[], Person]
) -> None:
    answers = [
        Browser(person.server).post("/api/sign-in", {"email": email, "lookup_hash": "0" * 64})
        for email in (person.email, stranger().email)
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["error"].keys() >= {"code", "message"}
    assert not [answer for answer in answers if "set-cookie" in answer.headers]


def test_guessing_is_slowed_down(person: Person) -> None:
    browser = Browser(person.server)
    wrong = {"email": person.email, "lookup_hash": "0" * 64}
    answers = (browser.post("/api/sign-in", wrong) for _ in range(MANY))
    answer = next((each for each in answers if each.status_code != 401), None)
    assert answer is not None, f"{MANY} wrong passwords are taken"
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    right = browser.post("/api/sign-in", {"email": person.email, "lookup_hash": person.lookup_hash})
    assert right.status_code == 429, "who guesses right at that moment is not told"


def test_without_a_session_there_is_none(person: Person) -> None:
    assert Browser(person.server).session(person.account) == (401, SessionEnd.UNKNOWN)


def test_a_sign_out_revokes_the_session_and_closes_its_connections(person: Person) -> None:
    device = person.warmed()
    other = person.warmed("other")
    kept = device.browser.cookie
    assert device.browser.post("/api/sign-out").status_code == 204
    assert device.close_code() == SESSION_OVER
    last = device.events[-1]
    assert isinstance(last, ServerError)
    assert (last.code, last.reason) == (ErrorCode.SESSION, SessionEnd.REVOKED)
    device.browser.http.cookies.jar.set_cookie(kept)
    assert device.browser.session() == (401, SessionEnd.REVOKED)
    assert device.browser.post("/api/sign-out").status_code == 204, "it is done already"
    assert other.quiet() == [], "another device stays signed in"
    assert other.browser.session() == (204, "")


def test_an_address_has_one_account_and_a_repeated_request_makes_none(
    person: Person, stranger: Callable[[], Person]
) -> None:
    browser, request = Browser(person.server), person.request()
    again = {**request, "ways": [{**request["ways"][0], "lookup_hash": person.lookup_hash}]}
    assert browser.post("/api/sign-up", again).status_code == 201
    other = stranger()
    other.email = person.email
    answer = browser.post("/api/sign-up", other.request())
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "taken")
    assert person.sign_in().session(person.account) == (204, "")


def test_a_deleted_account_is_gone_and_its_address_is_free(person: Person, stranger: Callable[[], Person]) -> None:
    device = person.warmed()
    assert person.delete_account() == 204
    assert device.close_code() == SESSION_OVER
    last = device.events[-1]
    assert isinstance(last, ServerError)
    assert last.reason is SessionEnd.REVOKED
    browser = Browser(person.server)
    signing_in = {"email": person.email, "lookup_hash": person.lookup_hash}
    assert browser.post("/api/sign-in", signing_in).status_code == 401
    successor = stranger()
    successor.email = person.email
    assert browser.post("/api/sign-up", successor.request()).status_code == 201
    assert successor.warmed().records(CHATS) == {}
    assert successor.delete_account() == 204


def test_an_account_is_not_made_with_a_weak_way_or_another_accounts_manifest(stranger: Callable[[], Person]) -> None:
    one, other = stranger(), stranger()
    browser, request = Browser(one.server), one.request()
    way = request["ways"][0]
    changes: list[dict[str, object]] = [
        {"ways": []},
        {"ways": [{**way, "iterations": MIN_ITERATIONS - 1}]},
        {"ways": [{**way, "lookup_hash": "short"}]},
        {"ways": [{**way, "wrapped_master_key": "plain text"}]},
        {"manifest": other.manifest},
        {"account": "me"},
        {"email": "no address"},
    ]
    for wrong in changes:
        answer = browser.post("/api/sign-up", {**request, **wrong})
        assert answer.status_code == 400, wrong
        assert answer.json()["error"]["message"]

"""The assistant in a chat: nothing leaves before the person agrees; an answer grows, ends, is stopped or cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hearth.core.assistant.question import Turn
from hearth.core.errors import AssistantError
from hearth.core.outbox.mutation import Act
from hearth.core.vdom import text_of
from hearth.core.view.message import AnswerMark, Delivery
from hearth.core.view.open_chat import AnswerState, AnswerView
from hearth.core.view.screen import Phase
from hearth.engine.assistant import answer as answers
from hearth.engine.assistant.keeper import LEASE_S
from hearth.engine.intents.account import SignOut, SignOutWhenSent
from hearth.engine.intents.chats import Choose, OpenChat
from hearth.engine.intents.writing import AnswerConsent, AskAssistant, DeleteChat, SendMessage, StopAnswer
from hearth.ports.assistant import AssistantOffer
from tests.app.hearth.engine.writing.live import Live, items, last, opened, screen, texts
from tests.peers import Browser

HERE = AssistantOffer("hearth.test", "")
MODELS = AssistantOffer("hearth.test", "models.example")


def ready(there: Live, offer: AssistantOffer | None = HERE, *, agree: bool = True) -> tuple[Browser, str]:
    """A browser with an open chat, where the person has agreed to the assistant."""
    browser = there.signed_in()
    browser.device.assistant.offered = offer
    chat = there.open(browser)
    there.do(browser, SendMessage(chat, "Hello"))
    if agree:
        there.do(browser, AnswerConsent(chat, agree=True))
        browser.device.assistant.say("Hi.")
        browser.device.assistant.end()
        there.wait()
        assert texts(browser)[-2:] == ["Hello", "Hi."]
    return browser, chat


def note(browser: Browser) -> AnswerView | None:
    return opened(browser).answer


def state(browser: Browser) -> AnswerState | None:
    found = note(browser)
    return found.state if found else None


def shown(browser: Browser) -> str:
    """What is drawn of the answer that grows."""
    found = note(browser)
    assert found is not None
    return text_of(*found.blocks)


def test_nothing_leaves_before_the_person_agrees(there: Live) -> None:
    browser, chat = ready(there, MODELS, agree=False)
    assistant = browser.device.assistant
    assert state(browser) is AnswerState.CONSENT
    told = note(browser)
    assert told is not None
    assert "hearth.test (the server of Hearth) and from there to models.example" in " ".join(told.sentences)
    there.do(browser, SendMessage(chat, "More"))
    assert (assistant.asked, assistant.offers) == ([], 1)
    there.do(browser, AskAssistant(chat))
    assert assistant.asked == [], "asking is not agreeing"
    there.do(browser, AnswerConsent(chat, agree=True))
    ((host, turns),) = assistant.asked
    assert host == "models.example"
    assert turns[-2:] == (Turn("user", "Hello"), Turn("user", "More"))
    assert screen(browser).preferences.assistant_host == "models.example"
    other = there.signed_in()
    assert screen(other).preferences.assistant_host == "models.example", "it holds for the account"


def test_who_wants_a_notebook_is_not_asked_again(there: Live) -> None:
    browser, chat = ready(there, agree=False)
    there.do(browser, AnswerConsent(chat, agree=False))
    assert (note(browser), screen(browser).preferences.of("assistant")) == (None, "off")
    there.do(browser, SendMessage(chat, "More"), AskAssistant(chat), AnswerConsent(chat, agree=True))
    assert (note(browser), browser.device.assistant.asked) == (None, [])
    assert browser.device.assistant.offers == 1
    there.do(browser, Choose("assistant", "on"), SendMessage(chat, "And now?"))
    assert state(browser) is AnswerState.CONSENT, "switched on again, the host is still to be agreed to"


def test_a_server_without_an_assistant_is_a_notebook(there: Live) -> None:
    browser, _chat = ready(there, None, agree=False)
    assert (note(browser), browser.device.assistant.offers) == (None, 1)
    browser.device.assistant.refusal = AssistantError("There is no connection.")
    there.do(browser, SendMessage(opened(browser).id, "More"))
    assert note(browser) is None, "who has not agreed is told nothing of an assistant that is not there"


def test_an_answer_grows_is_sealed_and_comes_to_the_other_device(there: Live) -> None:
    browser, chat = ready(there)
    other = there.signed_in()
    there.do(other, OpenChat(chat))
    assistant = browser.device.assistant
    there.do(browser, SendMessage(chat, "What is **bold**?"))
    found = note(browser)
    assert found is not None
    assert found.message is not None
    assert (found.state, found.message.role, found.blocks) == (AnswerState.GROWING, "assistant", ())
    assistant.say("Bold is ", "**str", "ong**")
    there.wait()
    assert shown(browser) == "Bold is strong"
    assert texts(other)[-1] == "What is **bold**?", "another device gets it once it is complete"
    assistant.say(".\n\nThat is all.")
    assistant.end()
    there.wait()
    for each in (browser, other):
        assert texts(each)[-1] == "Bold is **strong**.\n\nThat is all."
        assert (last(each).role, last(each).mark, last(each).delivery) == ("assistant", AnswerMark.NONE, Delivery.DONE)
        assert note(each) is None
    assert browser.disk.outbox == {}
    (row,) = [row for row in there.stored() if row["id"] == last(browser).id]
    assert (row["role"], row["version"], row["interrupted"]) == ("assistant", 1, None)
    assert "Bold" not in repr(there.stored()) + repr(browser.disk.messages) + repr(browser.device.tabs.told)


def test_an_answer_is_drawn_once_a_frame_at_most(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "Count"))
    frames: list[Callable[[], None]] = []
    browser.device.after_paint = frames.append  # type: ignore[method-assign,assignment]
    drawn = len(browser.page.screens)
    browser.device.assistant.say(*("word " for _ in range(50)))
    there.wait(0.5)
    assert len(browser.page.screens) == drawn
    assert len(frames) == 1

    async def paint() -> None:
        frames.pop()()

    there.run(paint())
    assert shown(browser).count("word") == 50
    assert len(browser.page.screens) == drawn + 1


def test_what_came_before_stop_stays(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait()
    there.do(browser, StopAnswer(chat), StopAnswer(chat))
    assert texts(browser)[-1] == "Once upon"
    assert (last(browser).mark, note(browser)) == (AnswerMark.NONE, None)
    assert browser.device.assistant.left == 1, "the request has ended"
    there.do(browser, SendMessage(chat, "Go on"))
    there.do(browser, StopAnswer(chat))
    assert texts(browser)[-1] == "Go on", "of nothing nothing stays"
    assert state(browser) is AnswerState.UNANSWERED
    there.do(browser, AskAssistant(chat))
    assert state(browser) is AnswerState.GROWING


def test_the_next_message_ends_the_answer_before_it(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.do(browser, SendMessage(chat, "Shorter"))
    assert texts(browser)[-3:] == ["A story", "Once upon", "Shorter"]
    assert browser.device.assistant.asked[-1][1][-3:] == (
        Turn("user", "A story"),
        Turn("assistant", "Once upon"),
        Turn("user", "Shorter"),
    )


def test_an_answer_that_breaks_off_is_marked_and_asked_for_again(there: Live) -> None:
    browser, chat = ready(there)
    other = there.signed_in()
    there.do(other, OpenChat(chat))
    other.device.assistant.offered = HERE
    assistant = browser.device.assistant
    there.do(browser, SendMessage(chat, "A story"))
    assistant.say("Once upon a")
    assistant.fail("The line is dead.")
    there.wait()
    for each in (browser, other):
        assert (texts(each)[-1], last(each).mark) == ("Once upon a", AnswerMark.INTERRUPTED)
    assert note(browser) == AnswerView(AnswerState.FAILED, sentences=("The line is dead.",), again=True)
    there.do(other, OpenChat(items(other)[-1].id), OpenChat(chat))
    assert note(other) == AnswerView(AnswerState.UNANSWERED, again=True), "another device can ask again, too"
    there.do(browser, AskAssistant(chat))
    assert assistant.asked[-1][1][-1] == Turn("user", "A story"), "half an answer is no part of the question"
    assistant.say("Once upon a time.")
    assistant.end()
    there.wait()
    assert texts(browser)[-2:] == ["Once upon a", "Once upon a time."]
    assert (note(browser), last(browser).mark) == (None, AnswerMark.NONE)
    assert (note(other), texts(other)[-1]) == (None, "Once upon a time.")


def test_where_nothing_came_the_person_is_told_why(there: Live) -> None:
    browser, chat = ready(there)
    browser.device.assistant.refusal = AssistantError("There is no connection.")
    there.do(browser, SendMessage(chat, "Hello?"))
    assert note(browser) == AnswerView(AnswerState.FAILED, sentences=("There is no connection.",))
    assert texts(browser)[-1] == "Hello?"
    browser.device.assistant.refusal = None
    there.do(browser, AskAssistant(chat))
    browser.device.assistant.say("Yes.")
    browser.device.assistant.end()
    there.wait()
    assert (texts(browser)[-1], note(browser)) == ("Yes.", None)


def test_another_host_is_asked_for_anew(there: Live) -> None:
    browser, chat = ready(there)
    assistant = browser.device.assistant
    there.do(browser, SendMessage(chat, "Hello again"))
    assistant.offered = MODELS
    assistant.fail("It moved.", "another-host")
    there.wait()
    told = note(browser)
    assert told is not None
    assert told.state is AnswerState.CONSENT
    assert "models.example" in " ".join(told.sentences)
    there.do(browser, AnswerConsent(chat, agree=True))
    assert assistant.asked[-1][0] == "models.example"


def test_the_person_agrees_to_the_host_that_they_were_told_of(there: Live) -> None:
    browser, chat = ready(there, HERE, agree=False)
    session = browser.engine.current.session
    assert session is not None
    session.parts.assistant._offer = MODELS  # as learnt meanwhile, because of another chat
    there.do(browser, AnswerConsent(chat, agree=True))
    assert screen(browser).preferences.assistant_host == ""
    assert browser.device.assistant.asked == []
    told = note(browser)
    assert told is not None
    assert "models.example" in " ".join(told.sentences)
    there.do(browser, AnswerConsent("another chat", agree=True))
    assert browser.device.assistant.asked == []


def test_switched_off_the_answer_ends(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait()
    there.do(browser, Choose("assistant", "off"))
    assert (texts(browser)[-1], note(browser), browser.device.assistant.left) == ("Once upon", None, 1)


def test_a_chat_that_is_deleted_takes_its_answer_along(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait()
    there.do(browser, DeleteChat(chat))
    browser.device.assistant.end()
    there.wait(15)
    assert chat not in [each.id for each in items(browser)]
    assert browser.disk.outbox == {}


def test_an_answer_goes_on_behind_another_chat(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    there.do(browser, OpenChat(items(browser)[-1].id))
    assert note(browser) is None
    browser.device.assistant.say("Once upon a time.")
    browser.device.assistant.end()
    there.wait()
    there.do(browser, OpenChat(chat))
    assert texts(browser)[-1] == "Once upon a time."


# --- a page that is killed ---


def test_a_page_that_is_killed_keeps_what_came(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait(answers.KEEP_S + 0.1)
    browser.device.assistant.say(" a time")
    there.reload(browser)
    assert (texts(browser)[-1], last(browser).mark) == ("Once upon", AnswerMark.INTERRUPTED)
    assert last(browser).delivery is Delivery.DONE, "nobody else can be receiving it, so it was sent at once"
    assert state(browser) is AnswerState.UNANSWERED
    assert browser.disk.outbox == {}
    assert len([row for row in there.stored() if row["chat_id"] == chat and row["interrupted"]]) == 1


def test_what_is_kept_half_way_is_sealed_and_never_sent(there: Live) -> None:
    browser, chat = ready(there)
    rows = len(there.stored())
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait(LEASE_S * 3)
    assert browser.engine.current.session is not None
    (kept,) = browser.engine.current.session.parts.outbox.mutations
    assert (kept.act, kept.text) == (Act.ANSWER, "Once upon")
    assert "Once upon" not in repr(browser.disk.outbox)
    assert len(there.stored()) == rows + 1, "only the person's own message was sent"
    assert screen(browser).status.sentence == "Up to date"
    there.do(browser, SendMessage(opened(browser).id, "Next"))
    assert texts(browser)[-2:] == ["Once upon", "Next"], "it holds up nothing in its chat"


def test_signing_out_half_way_is_asked_about(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait()
    there.do(browser, SignOut())
    assert (screen(browser).leaving, screen(browser).unsent) == (True, 1)
    there.do(browser, SignOutWhenSent())
    browser.device.assistant.end()
    there.wait()
    assert browser.phase is Phase.SIGNED_OUT
    assert len([row for row in there.stored() if row["chat_id"] == chat and row["role"] == "assistant"]) > 1


def test_an_answer_that_the_leader_gave_up_is_completed_as_an_edit(there: Live) -> None:
    browser, chat = ready(there)
    other = there.signed_in()
    there.do(other, OpenChat(chat))
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait()
    session = browser.engine.current.session
    assert session is not None
    # As the leader sees it when the tab that receives the answer was not heard of for too long.
    (kept,) = session.parts.outbox.mutations
    there.run(session.parts.outbox.change([replace(kept, act=Act.SEND, not_before=0)]))
    there.run(session.parts.writing.heard())
    there.wait()
    assert (texts(other)[-1], last(other).mark) == ("Once upon", AnswerMark.INTERRUPTED)
    browser.device.assistant.say(" a time.")
    browser.device.assistant.end()
    there.wait()
    for each in (browser, other):
        assert (texts(each)[-1], last(each).mark, last(each).edited) == ("Once upon a time.", AnswerMark.NONE, False)
    assert len([row for row in there.stored() if row["chat_id"] == chat and row["id"] == last(other).id]) == 1


def test_an_answer_whose_tab_is_gone_is_interrupted_after_a_while(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    browser.device.assistant.say("Once upon")
    there.wait()
    session = browser.engine.current.session
    assert session is not None
    session.parts.assistant.stop()  # As if another tab had received it, and had crashed.
    there.run(session.parts.writing.heard())
    assert (texts(browser)[-1], last(browser).mark) == ("Once upon", AnswerMark.ELSEWHERE)
    there.wait(LEASE_S / 2)
    assert last(browser).mark is AnswerMark.ELSEWHERE
    there.wait(LEASE_S)
    assert (texts(browser)[-1], last(browser).mark) == ("Once upon", AnswerMark.INTERRUPTED)
    assert last(browser).delivery is Delivery.DONE


def test_an_answer_ends_where_no_message_could_be_longer(there: Live) -> None:
    browser, chat = ready(there)
    there.do(browser, SendMessage(chat, "A story"))
    session = browser.engine.current.session
    assert session is not None
    browser.device.assistant.say(*["All work and no play. " * 1_000] * 40)
    there.wait()
    assert len(texts(browser)[-1].encode()) > session.parts.limit.most_bytes - 30_000
    assert (last(browser).mark, last(browser).delivery) == (AnswerMark.INTERRUPTED, Delivery.DONE)
    told = note(browser)
    assert told is not None
    assert "longer than a message can be" in told.sentences[0]

"""A chat of one's own: frozen screens come out of Hearth's engine, and intents go in."""

from pyscript import document, when

from hearth.browser.client import start_engine
from hearth.core.view.screen import Phase, Screen
from hearth.engine.intents import NewChat, OpenChat, SendMessage, SignIn, SignOut

shown = Screen()
by_id = document.getElementById


def draw(screen: Screen) -> None:
    """Draw what changed: a part of the screen that did not is the same object as before."""
    global shown
    before, shown = shown, screen
    by_id("status").textContent = screen.notice or screen.status.sentence or screen.phase.value
    by_id("sign-in").hidden = screen.phase is not Phase.SIGNED_OUT
    by_id("chat").hidden = screen.phase is not Phase.SIGNED_IN
    if screen.groups is not before.groups:
        chats = [(chat.title, chat.id) for group in screen.groups for chat in group.items]
        by_id("chats").replaceChildren(*[element("li", element("button", *chat)) for chat in chats])
    if screen.chat is not before.chat:
        by_id("title").textContent = screen.chat.title if screen.chat else ""
        messages = screen.chat.messages if screen.chat else ()
        lines = [f"{each.role}: {each.text or each.fault} {each.delivery.value}" for each in messages]
        by_id("messages").replaceChildren(*[element("li", line) for line in lines])


def element(tag: str, content: object, chat: str = "") -> object:
    """An element with a text or another element in it; a chat's button has its id."""
    made = document.createElement(tag)
    made.append(content)
    made.id = chat
    return made


@when("submit", "#sign-in, #write")
def submitted(event) -> None:
    """Sign in, or send a message."""
    event.preventDefault()
    if event.target.id == "sign-in":
        engine.post(SignIn(by_id("email").value, by_id("password").value))
    elif shown.chat:
        engine.post(SendMessage(shown.chat.id, by_id("text").value))
    event.target.reset()


@when("click", "#chat")
def clicked(event) -> None:
    """Open a chat, begin one, or leave."""
    if event.target.closest("#chats button"):
        engine.post(OpenChat(event.target.id))
    elif event.target.id in ("new-chat", "sign-out"):
        engine.post(NewChat() if event.target.id == "new-chat" else SignOut())


engine = await start_engine(draw)  # noqa: F704, PLE1142 - PyScript awaits here

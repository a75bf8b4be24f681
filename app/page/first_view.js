/**
 * The view that is on screen before Python runs: draws what was kept of the last visit with the page's own DOM kernel,
 * keeps what the person presses until Python can do it, and tells Python how much is in view when it keeps the next
 * one. What is drawn, `app/page/kept_view.py` decides.
 */

const root = document.documentElement;
/** @param {string} id */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const box = () => /** @type {HTMLTextAreaElement} */ (find("message"));

/** What was drawn, until Python has taken it over. @type {KeptView | null} */
let drawn = null;
/** Whether Python listens: from then on nothing is drawn here. */
let taken = false;
/** Whether an input method is composing in the message box. */
let composing = false;
/** What was pressed, in order: done once Python has drawn what it is about. @type {(() => void)[]} */
const pressed = [];
const MOST_PRESSES = 10;

/** The chat that this tab is to show, by its address or its entry in the history; null when any will do. */
function wanted() {
  const address = /^#chat=(.+)$/.exec(location.hash);
  return address ? address[1] : history.state?.chat ?? null;
}

/**
 * Draw a view, unless it is not the one that this tab is to show, or it comes too late. Answers whether it was drawn.
 * @param {string} json
 */
function draw(json) {
  const view = /** @type {KeptView} */ (JSON.parse(json));
  if (taken || root.dataset.phase !== "starting" || ![null, view.chat?.id].includes(wanted())) return false;
  const { dom } = /** @type {Kernels} */ (globalThis.hearth);
  drawn = view;
  find("shell").dataset.pane = view.pane;
  find("chats").dataset.state = "ready";
  dom?.drawEarly(find("chat-groups"), view.list);
  find("chats").scrollTop = view.top;
  performance.mark("hearth:first-view-shown");
  if (!view.chat) return true;
  find("chat-title").textContent = view.chat.title;
  find("chat").dataset.state = "ready";
  find("chat-options").hidden = !view.chat.writable;
  find("older").hidden = !view.chat.older;
  find("composer").hidden = !view.chat.writable;
  find("composer").toggleAttribute("data-blank", !box().value.trim());
  find("chat-warning").hidden = !view.chat.warning;
  dom?.drawEarly(find("message-items"), view.chat.items);
  find("messages").scrollTop = view.chat.top;
  performance.mark("hearth:first-chat-shown");
  return true;
}

/** Take everything off the screen that was drawn here, and forget what was pressed. */
function drop() {
  taken = true;
  pressed.length = 0;
  if (!drawn) return;
  drawn = null;
  for (const id of ["chat-groups", "message-items", "chat-title"]) find(id).replaceChildren();
  find("chats").dataset.state = find("chat").dataset.state = "loading";
  find("composer").hidden = find("chat-options").hidden = true;
}

// --- what the person does before Python listens ---

const keeps = () => drawn !== null || root.dataset.phase === "starting";

/** @param {MouseEvent} event */
function clicked(event) {
  const target = event.target instanceof Element ? event.target.closest("[data-action], a[data-chat-id]") : null;
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey || !keeps()) return;
  if (target.id === "sign-out") return; // boot.js begins that at once
  hold(event);
  const chat = target.getAttribute("data-chat-id");
  const again = () => chat === null || target.isConnected ? target
    : document.querySelector(`#chat-groups [data-chat-id="${CSS.escape(chat)}"]`);
  keep(() => /** @type {HTMLElement | null} */ (again())?.click());
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.id !== "composer" || !keeps()) return;
  hold(event);
  keep(() => form.requestSubmit());
}

/** @param {KeyboardEvent} event */
function keyPressed(event) {
  const { target, key } = event;
  const byInputMethod = event.isComposing || event.keyCode === 229;
  const plain = !(event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || byInputMethod);
  // As `app/page/keyboard.py` has it: on a touch keyboard Enter begins a line.
  if (target !== box() || key !== "Enter" || !plain || !keeps() || matchMedia("(pointer: coarse)").matches) return;
  hold(event);
  keep(() => /** @type {HTMLFormElement} */ (find("composer")).requestSubmit());
}

/** Python may listen already, and does not know yet what it is about. @param {Event} event */
function hold(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** @param {() => void} press */
function keep(press) {
  if (pressed.length < MOST_PRESSES) pressed.push(press);
}

/** @param {Event} event */
function typed({ type, target }) {
  if (target !== box()) return;
  composing = type === "compositionstart" || (composing && type !== "compositionend");
  find("composer").toggleAttribute("data-blank", !box().value.trim());
}

/** Nothing readable may be in a page that the browser puts away. @param {PageTransitionEvent} event */
function putAway({ persisted }) {
  if (persisted) drop();
}

/** @param {PageTransitionEvent} event */
function shownAgain({ persisted }) {
  if (persisted) location.reload();
}

const TYPING = ["input", "compositionstart", "compositionend"];
document.addEventListener("click", clicked, true);
document.addEventListener("submit", submitted, true);
document.addEventListener("keydown", keyPressed, true);
for (const type of TYPING) document.addEventListener(type, typed);
addEventListener("pagehide", putAway);
addEventListener("pageshow", shownAgain);

// --- what Python calls ---

/** Python runs: what was drawn, as `[chat, composing]` in JSON text; empty when nothing was. */
function take() {
  taken = true;
  removeEventListener("pagehide", putAway);
  removeEventListener("pageshow", shownAgain);
  return drawn ? JSON.stringify([drawn.chat?.id ?? "", composing]) : "";
}

/** Python has drawn everything and listens: do what was pressed, if `perform`, and keep nothing any longer. */
function end(perform = true) {
  drawn = null;
  document.removeEventListener("click", clicked, true);
  document.removeEventListener("submit", submitted, true);
  document.removeEventListener("keydown", keyPressed, true);
  for (const type of TYPING) document.removeEventListener(type, typed);
  const presses = pressed.splice(0);
  if (perform) for (const press of presses) press();
}

/**
 * How much is in view, as JSON text: `[lines of the list, messages from the end, and how far either is scrolled]`.
 * What lies just outside counts, too: the next start may have a little more room.
 */
function extent() {
  const chats = find("chats"), log = find("messages");
  const bottom = chats.getBoundingClientRect().bottom, top = log.getBoundingClientRect().top;
  const lines = [...document.querySelectorAll("#chat-groups .chat")];
  const messages = [...document.querySelectorAll("#message-items > article")];
  const below = lines.findIndex((line) => line.getBoundingClientRect().top > bottom);
  const first = messages.findIndex((message) => message.getBoundingClientRect().bottom > top);
  const MORE = 2;
  return JSON.stringify([
    below < 0 ? lines.length : below + MORE, first < 0 ? 0 : messages.length - first + MORE, chats.scrollTop, log.scrollTop,
  ]);
}

/** Call back whenever something was scrolled or resized, once it stands still. @param {() => void} callback */
function watch(callback) {
  const STILL_MS = 200;
  let timer = 0;
  const moved = () => {
    clearTimeout(timer);
    timer = setTimeout(callback, STILL_MS);
  };
  document.addEventListener("scroll", moved, { capture: true, passive: true });
  addEventListener("resize", moved);
}

/** The build of the page, which a view is bound to. */
function build() {
  return "__HEARTH_BUILD__";
}

(globalThis.hearth ??= {}).view = { draw, drop, take, end, extent, watch, build };

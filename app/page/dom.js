/**
 * Builds the page's elements from trees (`app/hearth/core/vdom.py`) that Python hands over as JSON text: one call for
 * a whole list instead of thousands of crossings. Text becomes text nodes, attributes go by an allow-list, and
 * a link leads to http, https, mailto or a place of this page: nothing here can make HTML out of a message.
 */

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "use"]);
const TAGS = new Set(
  ("a article blockquote br button code dd div dl dt em h2 h3 h4 h5 h6 header hr kbd li mark ol p pre s section span " +
    "strong table tbody td th thead time tr ul").split(" "),
);
const ATTRIBUTES = new Set(
  ("class datetime dir disabled href id rel role scope start tabindex target type aria-current aria-hidden aria-label " +
    "aria-labelledby aria-pressed data-action data-at data-chat-id data-choice data-found data-entry data-hide data-items " +
    "data-language data-message-id data-setting data-text").split(" "),
);
const ADDRESS = /^(?:https?:\/\/|mailto:|#)/i;

function make(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const [tag, attributes, ...children] = node;
  if (!TAGS.has(tag) && !SVG_TAGS.has(tag)) throw new TypeError("a tree holds an element that is not allowed");
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (!ATTRIBUTES.has(name)) throw new TypeError("a tree holds an attribute that is not allowed");
    if (name === "href" && !ADDRESS.test(value)) throw new TypeError("a tree holds a link that is not allowed");
    element.setAttribute(name, value);
  }
  for (const child of children) element.append(make(child));
  return element;
}

/** Build the trees of a JSON array into a fragment. */
function build(json) {
  const fragment = document.createDocumentFragment();
  for (const node of JSON.parse(json)) fragment.append(make(node));
  return fragment;
}

/** Replace what an element holds by the trees of a JSON array. */
function fill(parent, json) {
  parent.replaceChildren(build(json));
}

/** The keyed children of each parent, by key. */
const keyed = new WeakMap();

/** Replace an element by its newer self; focus goes to the same place in it. */
function swap(older, newer) {
  const path = [];
  for (let at = document.activeElement; older.contains(at) && at !== older; at = at.parentElement) {
    path.unshift([...at.parentElement.children].indexOf(at));
  }
  const focused = older.contains(document.activeElement);
  older.replaceWith(newer);
  keyed.delete(older);
  if (focused) path.reduce((at, index) => at?.children[index], newer)?.focus({ preventScroll: true });
}

function arrange(parent, items) {
  const before = keyed.get(parent) ?? new Map();
  const after = new Map();
  for (const [key, tree, inner] of items) {
    let element = before.get(key);
    if (tree) {
      const newer = make(tree);
      if (element) swap(element, newer);
      element = newer;
    }
    if (!element) throw new TypeError("a list keeps an item that it does not have");
    if (inner) arrange(element.querySelector("[data-items]") ?? element, inner);
    after.set(key, element);
  }
  for (const [key, element] of before) {
    if (!after.has(key)) element.remove();
  }
  let next = parent.firstElementChild;
  for (const element of after.values()) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  keyed.set(parent, after);
}

/**
 * Make a parent's children those of a JSON array of `[key, tree]`, in its order: 0 in place of a tree keeps the
 * child of that key as it is, a third member does the same for the `[data-items]` inside. Focus stays, and
 * what the person reads stays where it is when something is put before it.
 */
function reconcile(parent, json) {
  const items = JSON.parse(json);
  const scroller = parent.closest("[data-scroller]");
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const anchor = anchorOf(scroller, parent);
  const top = anchor?.getBoundingClientRect().top;
  arrange(parent, items);
  if (anchor?.isConnected) {
    const moved = anchor.getBoundingClientRect().top - top;
    if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
  }
  if (!focused || document.activeElement === focused) return;
  const same = focused.isConnected ? focused : twinOf(focused, parent);
  if (same) same.focus({ preventScroll: true });
  else if (!parent.contains(document.activeElement)) scroller?.focus({ preventScroll: true });
}

/** The line of the same chat, when it has moved to another group. */
function twinOf(line, parent) {
  const id = line.dataset.chatId;
  return id === undefined ? null : parent.querySelector(`[data-chat-id="${CSS.escape(id)}"]`);
}

/**
 * The scrollers that are away from their beginning. Asking each for its place while a page is being drawn would make the
 * browser lay out what is not complete yet, time and again; when it tells of a scroll, it has just done so.
 */
const scrolled = new WeakSet();
document.addEventListener("scroll", ({ target }) => {
  if (!(target instanceof Element)) return;
  if (Math.abs(target.scrollTop) < 2) scrolled.delete(target);
  else scrolled.add(target);
}, { capture: true, passive: true });

/** Scroll back to the beginning. */
function toStart(scroller) {
  if (scrolled.delete(scroller)) scroller.scrollTop = 0;
}

/** The first child that is in view, or nothing while the scroller rests at its beginning. */
function anchorOf(scroller, parent) {
  if (!scroller || !parent.firstElementChild) return null;
  if (!scrolled.has(scroller) && !("anchored" in scroller.dataset)) return null;
  const edge = scroller.getBoundingClientRect().top;
  const leaves = parent.querySelectorAll("article, li.chat");
  return [...leaves].find((leaf) => leaf.getBoundingClientRect().bottom > edge) ?? null;
}

/** Empty an element, and forget its keyed children. */
function empty(parent) {
  keyed.delete(parent);
  parent.replaceChildren();
}

/** Call back when what was drawn so far is on screen; a page in the background is not painted: there, soon. */
function afterPaint(callback) {
  if (document.hidden) setTimeout(callback, 0);
  else requestAnimationFrame(() => setTimeout(callback, 0));
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, { build, fill, reconcile, empty, toStart, afterPaint });

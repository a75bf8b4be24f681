/**
 * Builds the page's elements from trees (`app/hearth/core/vdom.py`) that Python hands over as JSON text: one call for
 * a whole list instead of thousands of crossings. Text becomes text nodes, attributes go by an allow-list, and
 * a link leads to http, https, mailto or a place of this page: nothing here can make HTML out of a message.
 */

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "use"]);
const TAGS = new Set(
  ("a article blockquote br button code dd div dl dt em h2 h3 h4 h5 h6 header hr kbd li mark ol p pre progress s " +
    "section span strong table tbody td th thead time tr ul").split(" "),
);
const ATTRIBUTES = new Set(
  ("class datetime dir disabled href id max rel role scope start tabindex target type value aria-current aria-hidden " +
    "aria-label aria-haspopup aria-labelledby aria-live aria-pressed data-action data-at data-chat-id data-choice " +
    "data-device data-found data-entry data-hide data-items data-language data-message-id data-mutation data-setting data-text").split(" "),
);
const ADDRESS = /^(?:https?:\/\/|mailto:|#)/i;

/**
 * @param {Tree} node
 * @returns {Text | Element}
 */
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

/** `app/page/kept_view.py` puts it in the place of what is not known before Python runs. */
const BLANK = "\u00a0";

/**
 * Make an element what a tree says, and keep its nodes where they are so already: a selection, the focus and the scroll
 * place stay. An element of another kind is replaced. Answers the element.
 * @param {Element} element
 * @param {Tree} tree
 */
function patch(element, tree) {
  // What was blank comes to be there: it has not moved from anywhere.
  if (typeof tree === "string" || element.localName !== tree[0] || element.textContent === BLANK) {
    const newer = /** @type {Element} */ (make(tree));
    element.replaceWith(newer);
    return newer;
  }
  const [tag, attributes, ...children] = tree;
  const model = /** @type {Element} */ (make([tag, attributes]));
  for (const { name } of [...element.attributes]) if (!model.hasAttribute(name)) element.removeAttribute(name);
  for (const { name, value } of model.attributes) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
  if (!element.hasAttribute("data-items")) patchChildren(element, children);
  return element;
}

/**
 * @param {Element} element
 * @param {Tree[]} children
 */
function patchChildren(element, children) {
  const nodes = [...element.childNodes];
  for (const [at, child] of children.entries()) {
    const node = nodes[at];
    if (!node) element.append(make(child));
    else if (node instanceof Text ? node.data !== child : !(node instanceof Element) || typeof child === "string") {
      node.replaceWith(make(child));
    } else if (node instanceof Element && typeof child !== "string") {
      patch(node, child);
    }
  }
  for (const node of nodes.slice(children.length)) node.remove();
}

/**
 * Replace what an element holds by the trees of a JSON array.
 * @param {Element} parent
 * @param {string} json
 */
function fill(parent, json) {
  const fragment = document.createDocumentFragment();
  for (const node of /** @type {Tree[]} */ (JSON.parse(json))) fragment.append(make(node));
  parent.replaceChildren(fragment);
}

/** The keyed children of each parent, by key. @type {WeakMap<Element, Map<string, Element>>} */
const keyed = new WeakMap();

/** What was drawn before Python ran: it becomes its newer self instead of making way for it. @type {WeakSet<Element>} */
const early = new WeakSet();

/** @param {Element | null | undefined} element */
function focus(element) {
  if (element instanceof HTMLElement || element instanceof SVGElement) element.focus({ preventScroll: true });
}

/**
 * Replace an element by its newer self; focus goes to the same place in it.
 * @param {Element} older
 * @param {Element} newer
 */
function swap(older, newer) {
  const path = [];
  const focused = older.contains(document.activeElement);
  for (let at = focused ? document.activeElement : older; at && at !== older; at = at.parentElement) {
    path.unshift([...at.parentElement?.children ?? []].indexOf(at));
  }
  older.replaceWith(newer);
  keyed.delete(older);
  if (!focused) return;
  /** @type {Element | undefined} */
  let same = newer;
  for (const index of path) same = same?.children[index];
  focus(same);
}

/**
 * @param {Element} parent
 * @param {Item[]} items
 */
function arrange(parent, items) {
  const before = keyed.get(parent) ?? new Map();
  /** @type {Map<string, Element>} */
  const after = new Map();
  for (const [key, tree, inner] of items) {
    let element = before.get(key);
    if (tree && element && early.delete(element)) {
      element = patch(element, tree);
    } else if (tree) {
      const newer = /** @type {Element} */ (make(tree));
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
    if (element === next) next = element.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  keyed.set(parent, after);
}

/**
 * Make a parent's children those of a JSON array of `[key, tree]`, in its order: 0 in place of a tree keeps the
 * child of that key as it is, a third member does the same for the `[data-items]` inside. Focus stays, and
 * what the person reads stays where it is when something is put before it.
 * @param {Element} parent
 * @param {string} json
 */
function reconcile(parent, json) {
  const items = JSON.parse(json);
  const scroller = parent.closest("[data-scroller]");
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const anchor = anchorOf(scroller, parent);
  const top = anchor?.getBoundingClientRect().top ?? 0;
  arrange(parent, items);
  if (scroller && anchor?.isConnected) {
    const moved = anchor.getBoundingClientRect().top - top;
    if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
  }
  if (!focused || document.activeElement === focused) return;
  const same = focused.isConnected ? focused : twinOf(focused, parent);
  if (same) focus(same);
  else if (!parent.contains(document.activeElement)) focus(scroller);
}

/**
 * Draw items before Python runs; `reconcile` brings them up to date later, as the same nodes.
 * @param {Element} parent
 * @param {Item[]} items
 */
function drawEarly(parent, items) {
  arrange(parent, items);
  noteEarly(parent);
}

/** @param {Element} parent */
function noteEarly(parent) {
  for (const element of keyed.get(parent)?.values() ?? []) {
    early.add(element);
    noteEarly(element.querySelector("[data-items]") ?? element);
  }
}

/**
 * The line of the same chat, when it has moved to another group.
 * @param {Element} line
 * @param {Element} parent
 */
function twinOf(line, parent) {
  const id = line.getAttribute("data-chat-id");
  return id === null ? null : parent.querySelector(`[data-chat-id="${CSS.escape(id)}"]`);
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

/**
 * Scroll back to the beginning.
 * @param {Element} scroller
 */
function toStart(scroller) {
  if (scrolled.delete(scroller)) scroller.scrollTop = 0;
}

/**
 * The first child that is in view, or nothing while the scroller rests at its beginning.
 * @param {Element | null} scroller
 * @param {Element} parent
 */
function anchorOf(scroller, parent) {
  if (!scroller || !parent.firstElementChild) return null;
  if (!scrolled.has(scroller) && !scroller.hasAttribute("data-anchored")) return null;
  const edge = scroller.getBoundingClientRect().top;
  const leaves = parent.querySelectorAll("article, li.chat");
  return [...leaves].find((leaf) => leaf.getBoundingClientRect().bottom > edge) ?? null;
}

/**
 * Empty an element, and forget its keyed children.
 * @param {Element} parent
 */
function empty(parent) {
  keyed.delete(parent);
  parent.replaceChildren();
}

/**
 * Call back when what was drawn so far is on screen; a page in the background is not painted: there, soon.
 * @param {() => void} callback
 */
function afterPaint(callback) {
  if (document.hidden) setTimeout(callback, 0);
  else requestAnimationFrame(() => setTimeout(callback, 0));
}

(globalThis.hearth ??= {}).dom = { fill, reconcile, drawEarly, empty, toStart, afterPaint };

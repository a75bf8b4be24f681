/** A message's Markdown as DOM nodes: markdown-it's tokens, walked; no HTML text on the way. */

import MarkdownIt from "./markdown-it.js";

const parser = new MarkdownIt("commonmark", { html: false, linkify: true })
  .enable(["table", "strikethrough", "linkify"])
  .disable(["html_block", "html_inline"]);
parser.validateLink = (url) => url.length <= 2000 && /^(?:https?:\/\/|mailto:)/i.test(url);
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

/** An element with attributes and children; a child is a node or text. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An icon of the page's sprite. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const LINK = { rel: "noopener noreferrer nofollow", target: "_blank" };

function code(token) {
  const [language] = token.info.trim().match(/^[\w+#.-]{1,24}/) ?? [""];
  const copy = h("button", { type: "button", class: "code-copy", "data-action": "copy" }, "Copy");
  const label = language ? `Code, ${language}` : "Code";
  return h(
    "div", { class: "code" },
    h("div", { class: "code-head" }, h("span", { class: "code-language" }, language), copy),
    h("pre", { dir: "ltr", tabindex: "0", role: "group", "aria-label": label },
      h("code", null, token.content.replace(/\n$/, ""))),
  );
}

function single(token) {
  switch (token.type) {
    case "text":
      return token.content;
    case "softbreak":
      return "\n";
    case "hardbreak":
      return h("br");
    case "code_inline":
      return h("code", null, token.content);
    case "image": {
      const url = token.attrGet("src");
      return h("a", { href: url, ...LINK, class: "image" }, token.content || url);
    }
    case "hr":
      return h("hr");
    default:
      return code(token);
  }
}

function opening(token, outermost) {
  const tag = token.tag.replace(/^h([1-6])$/, (_, level) => `h${Math.min(Number(level) + 2, 6)}`);
  const attributes = outermost || tag === "td" || tag === "th" ? { dir: "auto" } : {};
  if (tag === "a") Object.assign(attributes, { href: token.attrGet("href"), ...LINK });
  if (tag !== token.tag) attributes.class = token.tag;
  if (tag === "th") attributes.scope = "col";
  if (tag === "ol" && token.attrGet("start")) attributes.start = token.attrGet("start");
  const element = h(tag, attributes);
  if (tag !== "table") return [element, element];
  return [h("div", { class: "table", tabindex: "0", role: "group", "aria-label": "Table" }, element), element];
}

function task(children, stack) {
  const match = children[0]?.type === "text" && /^\[([ xX])\](?:[ \n]|$)/.exec(children[0].content);
  const item = stack.findLast((element) => element.tagName === "LI");
  if (!match || !item) return;
  children[0].content = children[0].content.slice(match[0].length);
  item.setAttribute("class", "task");
  const [kind, name] = match[1] === " " ? ["task-open", "To do"] : ["task-done", "Done"];
  stack.at(-1).append(h("span", { class: kind, role: "img", "aria-label": name }));
}

function walk(tokens, stack) {
  let itemStarts = false;
  for (const token of tokens) {
    if (token.type === "inline") {
      if (itemStarts) task(token.children, stack);
      itemStarts = false;
      walk(token.children, stack);
    } else if (token.hidden) {
      continue;
    } else if (token.nesting > 0) {
      const [outer, inner] = opening(token, stack.length === 1);
      stack.at(-1).append(outer);
      stack.push(inner);
      itemStarts = token.tag === "li" || (itemStarts && token.tag === "p");
    } else if (token.nesting < 0) {
      stack.pop();
    } else {
      stack.at(-1).append(single(token));
    }
  }
}

/** The nodes of a message's text, in a fragment. */
export function render(text) {
  const fragment = document.createDocumentFragment();
  walk(parser.parse(text, {}), [fragment]);
  return fragment;
}

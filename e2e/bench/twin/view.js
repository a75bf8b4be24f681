/** Draws the page: the list of chats, the open chat, the status line; text nodes and attributes only. */

import { h, icon, render } from "./markdown.js";
import { clock, dayLabel, oneLine, shortTime, sizeText, spanLabel } from "./words.js";

const AUTHORS = { user: "You", assistant: "Assistant", system: "System" };
const find = (id) => document.getElementById(id);

function listOf(text) {
  if (!text) return [];
  try {
    return JSON.parse(text).filter((each) => typeof each === "object" && each !== null);
  } catch {
    return [];
  }
}

const KINDS = {
  image: "png jpg jpeg gif webp svg heic avif", audio: "mp3 wav ogg m4a flac", video: "mp4 mov webm mkv",
  archive: "zip gz tar 7z rar", sheet: "csv xls xlsx ods tsv",
  code: "py js ts json html css xml yaml yml toml sh c rs go java", text: "txt md pdf doc docx odt rtf pages",
};

function fileChip({ name, type, size }) {
  const shown = oneLine(name || "") || "Unnamed file";
  const extension = /\.([a-z0-9]+)$/i.exec(shown)?.[1].toLowerCase() ?? "";
  const kind = Object.keys(KINDS).find((each) => KINDS[each].split(" ").includes(extension)) ?? "file";
  const detail = [(extension || type || "").toUpperCase(), sizeText(size)].filter(Boolean).join(" · ");
  const label = h("span", { class: "file-name", dir: "auto" }, shown);
  return h("li", { class: "file" }, icon(kind), label, " ", h("span", { class: "file-detail" }, detail));
}

function embedCard({ url, title, description }) {
  const safe = /^https?:\/\//i.test(url ?? "");
  const parts = [];
  if (safe) parts.push(h("span", { class: "embed-host" }, URL.parse(url)?.hostname.replace(/^www\./, "") ?? ""));
  if (title) parts.push(" ", h("span", { class: "embed-title", dir: "auto" }, oneLine(title)));
  if (description) parts.push(" ", h("span", { class: "embed-description", dir: "auto" }, oneLine(description, 400)));
  if (!safe) return h("div", { class: "embed" }, ...parts);
  const link = { class: "embed", href: url, rel: "noopener noreferrer nofollow", target: "_blank" };
  return h("a", link, ...parts);
}

function message({ record, texts, faults, sending }) {
  const author = AUTHORS[record.role];
  const created = new Date(record.created_at);
  const when = clock(created);
  const time = h("time", { datetime: created.toISOString() }, when);
  const article = h(
    "article", { class: `message ${record.role}`, "aria-label": `${author}, ${when}` },
    h("header", null, h("span", { class: "author" }, author), " ", time),
  );
  if (texts.content) article.append(h("div", { class: "prose" }, render(texts.content)));
  const files = listOf(texts.files), embeds = listOf(texts.embeds);
  if (files.length) article.append(h("ul", { class: "files", "aria-label": "Files" }, ...files.map(fileChip)));
  if (embeds.length) article.append(h("div", { class: "embeds" }, ...embeds.map(embedCard)));
  if (Object.keys(faults).length) {
    article.append(h("p", { class: "fault" }, icon("lock"), h("span", null, "This message cannot be read.")));
  }
  if (sending) article.append(h("p", { class: "delivery" }, icon("clock"), h("span", null, "Sending…")));
  if (article.childElementCount === 1) article.append(h("p", { class: "blank" }, "This message is empty."));
  return article;
}

function chatLine(chat, current, now) {
  const link = h("a", { href: `#chat=${chat.id}`, "data-chat-id": chat.id });
  if (current) link.setAttribute("aria-current", "page");
  const when = h("span", { class: "when" }, shortTime(new Date(chat.lastUpdated), now));
  link.append(h("span", { class: "title", dir: "auto" }, chat.title), " ", when);
  if (chat.draft) {
    const draft = h("span", { dir: "auto" }, chat.draft);
    link.append(" ", h("span", { class: "snippet" }, h("em", null, "Draft:"), " ", draft));
  }
  return h("li", { class: "chat" }, link);
}

/** The page's parts; what is shown already is kept where it has not changed. */
export class View {
  #articles = new Map();

  /** Draw the list of chats, newest first, grouped by days. */
  list(chats, current) {
    const now = new Date();
    const sorted = [...chats].sort((a, b) => b.lastUpdated - a.lastUpdated || (a.id < b.id ? -1 : 1));
    const groups = Map.groupBy(sorted, (chat) => spanLabel(new Date(chat.lastUpdated), now));
    const sections = Array.from(groups, ([label, own]) => h(
      "section", { class: "group" }, h("h2", null, label),
      h("ul", { "data-items": "" }, ...own.map((chat) => chatLine(chat, chat.id === current, now))),
    ));
    find("chats").dataset.state = sections.length ? "ready" : "loading";
    find("chat-groups").replaceChildren(...sections);
  }

  /** Mark the open chat in the list. */
  choose(id) {
    for (const link of document.querySelectorAll("#chat-groups [aria-current]")) link.removeAttribute("aria-current");
    document.querySelector(`#chat-groups [data-chat-id="${CSS.escape(id)}"]`)?.setAttribute("aria-current", "page");
  }

  /** Draw the open chat's messages, oldest first; an article that is there already stays. */
  chat(chat, opened, hasOlder) {
    const main = find("chat");
    const items = find("message-items");
    if (main.dataset.chat !== chat.id) {
      this.#articles.clear();
      items.replaceChildren();
      main.dataset.chat = chat.id;
    }
    const now = new Date();
    const shown = this.#articles;
    this.#articles = new Map();
    let day = "", next = items.firstElementChild;
    const place = (key, make) => {
      const element = shown.get(key) ?? make();
      this.#articles.set(key, element);
      if (element === next) next = next.nextElementSibling;
      else items.insertBefore(element, next);
    };
    for (const each of opened) {
      const label = dayLabel(new Date(each.record.created_at), now);
      if (label !== day) place(`day ${label}`, () => h("h2", { class: "day" }, label));
      day = label;
      place(`${each.record.id} ${each.record.version} ${each.sending ?? ""}`, () => message(each));
    }
    for (const [key, element] of shown) {
      if (!this.#articles.has(key)) element.remove();
    }
    find("chat-title").textContent = chat.title;
    main.dataset.state = opened.length ? "ready" : "empty";
    find("older").hidden = !hasOlder;
    find("composer").hidden = false;
    find("shell").dataset.pane = "chat";
  }

  /** Draw the status line; `progress` is `[done, total]` or nothing. */
  status(sentence, progress) {
    find("sync").dataset.tone = progress ? "working" : "quiet";
    if (find("status").textContent !== sentence) find("status").textContent = sentence;
    const bar = find("progress");
    bar.hidden = !progress;
    if (progress) [bar.value, bar.max] = progress;
  }

  /** Show one of the page's faces. */
  phase(name) {
    document.documentElement.dataset.phase = name;
  }
}

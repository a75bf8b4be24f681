/** The twin's composition and its session: sign in, warm, open chats, and come back after a reload. */

performance.mark("hearth:python-ready");  // the twin's first line: the counterpart of Hearth's

import { derive, fromBase64, Keyring, openMaster, recallMaster, sealKept } from "./crypto.js";
import { composing, Writer } from "./writer.js";
import { Store } from "./store.js";
import { View } from "./view.js";
import { Inbox, readFrame } from "./wire.js";
import { oneLine } from "./words.js";

const FIRST_MESSAGES = 12, PAGE_MESSAGES = 40;
const KEPT = "hearth.key";
const marked = new Set();

function mark(name) {
  if (!marked.has(name)) performance.mark(`hearth:${name}`);
  marked.add(name);
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
    cache: "no-store",
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

/** One signed-in period. Everything that changes it goes through one queue, in order. */
class Visit {
  #chats = new Map();
  #complete = new Set();
  #inbox = new Inbox();
  #queue = Promise.resolve();
  #chosen = null;
  #cursor;
  #total = null;
  #received = {};
  #shown = 0;
  #opened = [];
  #hasOlder = false;

  constructor(account, master) {
    this.account = account;
    this.ring = new Keyring(account, master);
    this.view = new View();
  }

  /** The person sends a message in the open chat; resolves once it is kept. */
  write(text) {
    return new Promise((resolve) => this.#inTurn(async () => {
      const own = await this.writer.keep(this.#chosen, text, this.#opened.at(-1)?.record.created_at ?? 0);
      this.#opened.push({ ...own, sending: true });
      this.#draw();
      resolve();
      await this.#push();
    }));
  }

  async #push() {
    const frame = await this.writer.next();
    if (frame) this.#send(frame);
  }

  async #written(frame) {
    const records = await this.writer.written(frame);
    this.#cursor = frame.stamp;
    await this.#learn(records.chats);
    for (const row of records.messages) {
      const shown = this.#opened.find(({ record }) => record.id === row.id);
      if (shown) Object.assign(shown, { record: row, sending: false });
    }
    this.#draw();
    this.#send({ event: "ack", stamp: frame.stamp });
    if (this.writer.empty) performance.mark("hearth:outbox-empty");
    await this.#push();
  }

  #draw() {
    this.view.chat(this.#chats.get(this.#chosen), this.#opened, this.#hasOlder);
    this.view.list(this.#chats.values(), this.#chosen);
  }

  async start() {
    this.store = await Store.open(this.account);
    this.writer = new Writer(this.account, this.store, this.ring);
    this.view.phase("signed-in");
    this.#queue = this.#restore();
    this.socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`);
    this.socket.onopen = () => this.#inTurn(() => this.#greet());
    this.socket.onmessage = ({ data }) => {
      for (const frame of this.#inbox.take(readFrame(data))) this.#inTurn(() => this.#arrived(frame));
    };
  }

  /** The person chose a chat. */
  open(id) {
    this.#inTurn(async () => {
      await this.#open(id, FIRST_MESSAGES);
      await this.store.apply({}, { last_opened: id });
      this.#send({ event: "opened", chat_id: id });
      if (!this.#isComplete(id)) this.#send({ event: "want", chat_id: id });
    });
  }

  #inTurn(work) {
    this.#queue = this.#queue.then(work);
  }

  #send(frame) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ v: 1, ...frame }));
  }

  async #restore() {
    const state = await this.store.syncState();
    this.#cursor = state.cursor;
    const last = state.last_opened;
    if (last) await this.#learn(await this.store.chat(last));
    if (this.#chats.has(last)) await this.#open(last, FIRST_MESSAGES);
    await this.#learn(await this.store.chats());
    this.view.list(this.#chats.values(), this.#chosen);
  }

  async #greet() {
    const hello = { event: "hello", device_id: crypto.randomUUID(), have: {}, have_settings: {} };
    this.#send({ ...hello, since: this.#cursor ?? null });
  }

  async #arrived(frame) {
    switch (frame.event) {
      case "first_chat_ready":
        if (frame.chat_id && !this.#chosen) await this.#showFirst(frame);
        await this.#storeFrame(frame, frame.chat_id ? { last_opened: frame.chat_id } : {});
        break;
      case "recent_chats_ready":
        this.#total = frame.total_chats;
        await this.#storeFrame(frame);
        if (frame.batch === frame.of) mark("recent-chats-stored");
        break;
      case "settings_and_memories_ready":
        await this.#storeFrame(frame);
        if (frame.batch === frame.of) mark("settings-stored");
        break;
      case "remaining_chats_ready":
        await this.#storeFrame(frame);
        break;
      case "warming_complete":
        await this.#finish(frame);
        break;
      case "written":
        await this.#written(frame);
        break;
      case "refused":
        throw new Error(`refused: ${frame.message}`);
      case "up_to_date":
        this.#confirm();
        break;
    }
    this.#showStatus();
  }

  async #showFirst(frame) {
    await this.#learn(frame.records.chats ?? []);
    await this.#open(frame.chat_id, FIRST_MESSAGES, frame.records.messages ?? []);
  }

  async #storeFrame(frame, also = {}) {
    for (const [name, count] of Object.entries(frame.counts)) {
      this.#received[name] = (this.#received[name] ?? 0) + count;
    }
    const have = Object.fromEntries(Object.entries(frame.complete ?? {}).map(([id, at]) => [`have:${id}`, at]));
    await this.store.apply(frame.records, { ...have, ...also });
    for (const id of Object.keys(frame.complete ?? {})) this.#complete.add(id);
    if (frame.records.chats) {
      await this.#learn(frame.records.chats);
      this.view.list(this.#chats.values(), this.#chosen);
    }
    if (frame.complete?.[this.#chosen]) await this.#open(this.#chosen, Math.max(PAGE_MESSAGES, this.#shown));
  }

  async #finish(frame) {
    for (const [name, count] of Object.entries(frame.sent)) {
      if (count !== (this.#received[name] ?? 0)) throw new Error("the server sent less than it announced");
    }
    await this.store.apply({}, { cursor: frame.stamp }, true);
    this.#cursor = frame.stamp;
    this.#send({ event: "ack", stamp: frame.stamp });
    mark("warm");
    this.#confirm();
  }

  #confirm() {
    this.view.status("Up to date");
    mark("up-to-date");
  }

  async #learn(records) {
    for (const { record, texts, faults } of await this.ring.open("chats", records)) {
      if (this.#chats.get(record.id)?.version > record.version) continue;
      if (record.deleted_at !== null) {
        this.#chats.delete(record.id);
        continue;
      }
      this.#chats.set(record.id, {
        id: record.id,
        version: record.version,
        lastUpdated: record.last_updated,
        title: faults.title ? "Unreadable chat" : oneLine(texts.title ?? "") || "Untitled chat",
        draft: oneLine(texts.draft ?? ""),
      });
    }
  }

  #isComplete(id) {
    return Boolean(this.#cursor) || this.#complete.has(id);
  }

  /** Show the newest messages of a chat, from the store or from a frame; the rest of the page follows. */
  async #open(id, limit, source = null) {
    this.#chosen = id;
    this.view.choose(id);
    const records = source ?? (await this.store.messages(id, limit + 1));
    const opened = await this.ring.open("messages", records.slice(-limit));
    opened.sort((a, b) => a.record.created_at - b.record.created_at || (a.record.id < b.record.id ? -1 : 1));
    const said = opened.filter(({ record }) => record.role !== "draft");
    this.#shown = said.length;
    this.#opened = said;
    this.#hasOlder = records.length > limit;
    this.view.chat(this.#chats.get(id), said, records.length > limit);
    mark("first-chat-shown");
    if (!source && limit < PAGE_MESSAGES && records.length > limit) {
      this.#inTurn(() => this.#chosen === id && this.#open(id, PAGE_MESSAGES));
    }
  }

  #showStatus() {
    if (this.#total === null || marked.has("up-to-date")) return;
    const done = this.#complete.size;
    this.view.status(`Signed in. ${done} of ${this.#total} chats on this device`, [done, this.#total]);
  }
}

let visit = null;

async function signIn(email, password, stay) {
  mark("sign-in");
  const address = email.normalize("NFKC").trim().toLowerCase();
  const { salt, iterations } = await post("/api/challenge", { email: address });
  const { lookupHash, wrapping } = await derive(password, fromBase64(salt), iterations);
  mark("derived");
  const answer = await post("/api/sign-in", { email: address, lookup_hash: lookupHash, stay });
  const master = await openMaster(wrapping, answer.wrapped_master_key, answer.account);
  const kept = await sealKept(answer.account, master);
  (stay ? localStorage : sessionStorage).setItem(KEPT, JSON.stringify(kept));
  master.raw.fill(0);
  mark("signed-in");
  visit = new Visit(answer.account, master);
  await visit.start();
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.id === "composer") return;
  const { email, password, stay } = event.target.elements;
  signIn(email.value, password.value, stay.checked);
});
composing((text) => visit.write(text));
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-chat-id]");
  if (!link) return;
  event.preventDefault();
  visit.open(link.dataset.chatId);
});

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT) ?? "null");
if (kept) {
  visit = new Visit(kept.account, await recallMaster(kept));
  await visit.start();
} else {
  document.documentElement.dataset.phase = "signed-out";
}

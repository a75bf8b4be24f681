/** Writing as Hearth does it: sealed, kept in the outbox, sent with the manifest that vouches for it, and confirmed. */

import { combine, manifestId, shardId } from "./crypto.js";

const ENTRIES = "settings_and_memories";
const PARCEL = "parcel";
const AT_ONCE = 50;

/** What waits in the order of writing, and the write under way. */
export class Writer {
  #waiting = [];
  #parcel = null;

  constructor(account, store, ring) {
    this.account = account;
    this.store = store;
    this.ring = ring;
  }

  /** Whether everything is written. */
  get empty() {
    return this.#waiting.length === 0;
  }

  /** Seal a new message and keep it in the outbox; the message as the page shows it. */
  async keep(chatId, text, after) {
    const at = Math.max(Date.now(), after + 1);
    const record = {
      id: crypto.randomUUID(), chat_id: chatId, role: "user", version: 1, changed_at: 0, created_at: at,
      deleted_at: null, content: null, files: null, embeds: null, interrupted: null,
    };
    record.content = await this.ring.seal("messages", record, "content", text);
    const mutation = { id: crypto.randomUUID(), at, act: "send", chat_id: chatId, text, message: record };
    const name = `${String(at).padStart(16, "0")} ${mutation.id}`;
    await this.store.keep({ [name]: await this.ring.sealKept(`outbox ${name}`, mutation) });
    this.#waiting.push({ ...mutation, name });
    return { record, texts: { content: text, files: null, embeds: null, interrupted: null }, faults: {} };
  }

  /** The frame of the next write, kept before it is sent; nothing while one is under way, or nothing waits. */
  async next() {
    if (this.#parcel || this.empty) return null;
    const mutations = this.#waiting.slice(0, AT_ONCE);
    const chats = [], messages = mutations.map(({ message }) => message), changes = [];
    for (const [id, own] of Map.groupBy(mutations, ({ chat_id }) => chat_id)) {
      const [before] = await this.store.chat(id);
      const after = { ...before, version: before.version + 1, last_updated: Math.max(before.last_updated, own.at(-1).at) };
      chats.push(after);
      changes.push({ before, after, messages: own.map(({ message }) => message) });
    }
    const records = { chats, messages, settings_and_memories: await this.#vouch(changes) };
    this.#parcel = { mutations, records };
    const ids = mutations.map(({ id }) => id);
    await this.store.keep({ [PARCEL]: await this.ring.sealKept(`outbox ${PARCEL}`, [ids, records]) });
    return { event: "write", mutations: ids, records };
  }

  /** The next versions of the manifest and of the shards that list the chats. */
  async #vouch(changes) {
    this.manifest ??= await manifestId(this.account);
    const [row, opened] = await this.#entry(this.manifest);
    const content = opened.manifest, rows = new Map();
    content.version += 1;
    for (const { before, after, messages } of changes) {
      const id = await shardId(this.manifest, after.id);
      if (!rows.has(id)) rows.set(id, await this.#entry(id));
      const { shard } = rows.get(id)[1];
      const [, count, , digest] = shard[after.id];
      const tags = await Promise.all([
        ...[before, after].map((each) => this.ring.tag(content.secret, "chats", each)),
        ...messages.map((each) => this.ring.tag(content.secret, "messages", each)),
      ]);
      shard[after.id] = [after.version, count + messages.length, after.last_updated, combine(digest, ...tags)];
    }
    const shards = await Promise.all(Array.from(rows.values(), async ([before, value]) => {
      const after = await this.#next(before, value);
      const tags = await Promise.all([before, after].map((each) => this.ring.tag(content.secret, ENTRIES, each)));
      content.shards[1] = combine(content.shards[1], ...tags);
      return after;
    }));
    return [...shards, await this.#next(row, opened)];
  }

  async #entry(id) {
    const row = await this.store.entry(id);
    const [{ texts }] = await this.ring.open(ENTRIES, [row]);
    return [row, JSON.parse(texts.sealed)];
  }

  async #next(row, value) {
    const next = { ...row, version: row.version + 1 };
    next.sealed = await this.ring.seal(ENTRIES, next, "sealed", JSON.stringify(value));
    return next;
  }

  /** The write under way is on the server's disk: its records, which are stored now. */
  async written({ changed_at: changedAt, stamp }) {
    const { mutations, records } = this.#parcel;
    const stamped = Object.fromEntries(Object.entries(records).map(
      ([name, rows]) => [name, rows.map((row) => ({ ...row, changed_at: changedAt }))],
    ));
    await this.store.apply(stamped, { cursor: stamp }, false, [PARCEL, ...mutations.map(({ name }) => name)]);
    this.#waiting.splice(0, mutations.length);
    this.#parcel = null;
    return stamped;
  }
}

/** Hear the message box: Enter sends, and the box is empty once the message is kept. */
export function composing(send) {
  const field = document.getElementById("message");
  const press = async () => {
    const text = field.value;
    if (!text.trim()) return;
    await send(text);
    if (field.value === text) field.value = "";
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    press();
  });
  document.getElementById("composer").addEventListener("submit", press);
}

/**
 * IndexedDB: one transaction for each batch, every request of it issued synchronously (an `await` between
 * two requests ends the transaction). Records are stored exactly as they came, the higher version wins,
 * and a chat's tombstone takes its messages along. Answers with promises that settle when the
 * transaction completes or aborts, never before.
 */

const PREFIX = "hearth:";
/** How long opening may take: some browsers never answer, and another tab may hold an older schema open. */
const OPEN_MS = 10_000;

/**
 * What went wrong as a plain `Error` of that name: Pyodide takes no other subclass of DOMException for an error, such
 * as today's QuotaExceededError, and whoever awaits such a rejection waits for ever.
 */
const told = (error) => Object.assign(new Error(error?.message ?? "aborted"), { name: error?.name ?? "AbortError" });

/** The name under which `sync` says that what it holds as `partial` is all that is. */
const SETTLED = "settled";

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(told(request.error));
});

const committed = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(told(transaction.error));
});

/**
 * Numbered migrations: number n, counted from 1, brings a database from schema n - 1 to schema n. One that has
 * been published never changes; a new one is added at the end, and `e2e/test_migrations.py` gets the database
 * that it leaves behind. All that are due run in one transaction: an interrupted one leaves the earlier schema.
 */
const MIGRATIONS = [
  function oneRecordForEachMessage(db) {
    db.createObjectStore("chats", { keyPath: "id" });
    db.createObjectStore("messages", { keyPath: ["chat_id", "created_at", "id"] });
    db.createObjectStore("settings_and_memories", { keyPath: "id" });
    db.createObjectStore("sync", { keyPath: "name" });
  },
  function keptSearchIndex(db) {
    db.createObjectStore("search", { keyPath: "name" });
    db.createObjectStore("unindexed", { keyPath: "id" });
  },
  function settledPartial(_, transaction) {
    // Until now a chat never made room for another one, so what is noted as partial is all that is.
    const sync = transaction.objectStore("sync");
    sync.get("cursor").onsuccess = ({ target: { result } }) => {
      if (result) sync.put({ name: SETTLED, value: true });
    };
  },
];

function opened(request) {
  return new Promise((resolve, reject) => {
    let name = "TimeoutError";
    request.onblocked = () => { name = "BlockedError"; };
    const late = setTimeout(() => {
      request.onupgradeneeded = () => request.transaction.abort();
      request.onsuccess = () => request.result.close();
      reject(told({ name, message: "opening took too long" }));
    }, OPEN_MS);
    request.onupgradeneeded = ({ oldVersion }) => {
      for (const migrate of MIGRATIONS.slice(oldVersion)) migrate(request.result, request.transaction);
    };
    request.onsuccess = () => {
      clearTimeout(late);
      resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(late);
      reject(told(request.error));
    };
  });
}

/**
 * Open an account's database; `onGone` is called once when another tab wants it deleted or upgraded, or
 * the browser takes it away. Throws `VersionError` when a newer page has been here, `TimeoutError` when it
 * does not open in time, `BlockedError` when that is because another page holds an older schema: what such a request
 * brings later is closed again.
 */
export async function openStore(account, onGone) {
  const db = await opened(indexedDB.open(PREFIX + account, MIGRATIONS.length));
  const gone = () => {
    db.close();
    db.onversionchange = db.onclose = null;
    onGone();
  };
  db.onversionchange = gone;
  db.onclose = gone;
  return db;
}

/** Let go of a database, so that it can be deleted. */
export function closeStore(db) {
  db.onversionchange = db.onclose = null;
  db.close();
}

/** Whether a record takes the place of what is stored under its key, if anything is. */
const wins = (record, stored, replace) =>
  !stored || (replace ? record.version >= stored.version : record.version > stored.version);

/** Of several copies of a record in one batch only the newest counts: all are read before one is written. */
function newestOf(rows) {
  const newest = new Map();
  for (const row of rows ?? []) {
    if (!(newest.get(row.id)?.version >= row.version)) newest.set(row.id, row);
  }
  return newest.values();
}

function messagesOf(chat) {
  return IDBKeyRange.bound([chat], [chat, []]);  // In IndexedDB's order an array is above every number.
}

function putNewer(store, key, record, replace) {
  store.get(key).onsuccess = ({ target: { result: stored } }) => {
    if (wins(record, stored, replace)) store.put(record);
  };
}

/**
 * Put one chat's share of a batch: its record, or none, and its messages. A chat that is deleted, by this very batch or
 * before, has no messages.
 */
function putChat({ chats, messages }, id, record, own, replace) {
  let gone = false;
  chats.get(id).onsuccess = ({ target: { result: stored } }) => {
    const now = record && wins(record, stored, replace) ? record : stored;
    gone = Boolean(now) && now.deleted_at !== null;
    if (now !== stored) chats.put(now);
    if (now !== stored && gone) messages.delete(messagesOf(id));
  };
  if (!own.length) return;
  messages.count(messagesOf(id)).onsuccess = ({ target: { result: stored } }) => {
    if (gone) return;
    for (const row of own) {
      // A chat that has nothing stored needs no look at what is there: the common case of a warming.
      if (stored === 0) messages.put(row);
      else putNewer(messages, [row.chat_id, row.created_at, row.id], row, replace);
    }
  };
}

/** Note the chats whose messages change: what is kept of the search index does not know that yet. */
function markUnindexed(marks, { chats = [], messages = [] }) {
  const deleted = chats.filter((chat) => chat.deleted_at !== null).map(({ id }) => id);
  const touched = new Set([...messages.map((message) => message.chat_id), ...deleted]);
  for (const id of touched) marks.put({ id, token: crypto.randomUUID() });
}

/**
 * Write a batch in one transaction; whatever does not depend on what is stored is asked for before this function gives
 * way, so that it takes two turns of the database. `records` maps a collection to its array; `sync` is an array of
 * `{name, value}` to be put; with `settle` the marks of an interrupted warming go, since the cursor that comes with it
 * stands for all of them; with `replace` a record replaces one of its own version.
 */
export async function applyBatch(db, records, sync, settle, replace) {
  const names = ["chats", "messages", "settings_and_memories", "sync", "unindexed"];
  const transaction = db.transaction(names, "readwrite");
  const done = committed(transaction);
  const [chats, messages, entries, states, marks] = names.map((name) => transaction.objectStore(name));
  const rows = new Map(Array.from(newestOf(records.chats), (row) => [row.id, row]));
  const own = Map.groupBy(newestOf(records.messages), (row) => row.chat_id);
  for (const id of new Set([...rows.keys(), ...own.keys()])) {
    putChat({ chats, messages }, id, rows.get(id), own.get(id) ?? [], replace);
  }
  for (const row of newestOf(records.settings_and_memories)) putNewer(entries, row.id, row, replace);
  markUnindexed(marks, records);
  if (settle) states.delete(IDBKeyRange.bound("have:", "have;", false, true));
  for (const state of sync) states.put(state);
  return done;
}

/** Messages without those of some chats (an array of ids). */
export function withoutChats(messages, chats) {
  return messages.filter((row) => !chats.includes(row.chat_id));
}

/** The chats of which messages are stored, or among `more` messages, as JSON text. */
export async function chatsWithMessages(db, more) {
  const keys = await settled(db.transaction("messages").objectStore("messages").getAllKeys());
  return JSON.stringify([...new Set([...keys.map(([chat]) => chat), ...(more ?? []).map((row) => row.chat_id)])]);
}

/** The chats that are not deleted and have no messages here, in an array. */
export async function chatsWithoutMessages(db) {
  const transaction = db.transaction(["chats", "messages"]);
  const chats = settled(transaction.objectStore("chats").getAll());
  const keys = settled(transaction.objectStore("messages").getAllKeys());
  const have = new Set((await keys).map(([chat]) => chat));
  return alive(await chats).map(({ id }) => id).filter((id) => !have.has(id));
}

/** The slices of the search index have numbers for names. */
const slices = () => IDBKeyRange.bound("0", ":", false, true);

/**
 * Make room in one transaction: remove the messages of chats (an array of ids), and the search index, which is made
 * anew of what is stored. What is freed counts once this has committed, and as long as the disk is full, a transaction
 * that adds anything is refused, whatever else it removes: that these chats are here in part is said by a note less.
 */
export async function dropChats(db, chats) {
  const names = ["messages", "sync", "search", "unindexed"];
  const transaction = db.transaction(names, "readwrite");
  const done = committed(transaction);
  const [messages, states, shelf, marks] = names.map((name) => transaction.objectStore(name));
  shelf.delete(slices());
  for (const chat of chats) {
    messages.delete(messagesOf(chat));
    states.delete(`have:${chat}`);
    marks.delete(chat);
  }
  states.delete(SETTLED);
  return done;
}

/** All records of a collection that are not deleted. */
export async function readAll(db, collection) {
  return alive(await settled(db.transaction(collection).objectStore(collection).getAll()));
}

/** One chat in an array, or an empty one when it is not here or deleted. */
export async function readChat(db, id) {
  const row = await settled(db.transaction("chats").objectStore("chats").get(id));
  return row ? alive([row]) : [];
}

const alive = (rows) => rows.filter((row) => row.deleted_at === null);
const stampsOf = (entries) => JSON.stringify(Object.fromEntries(entries.map((row) => [row.id, row.changed_at])));

/**
 * The sync state, as two JSON texts: an array of `{name, value}`; and the settings and memories on the device, each
 * id with its `changed_at`, deleted ones included.
 */
export async function readSync(db) {
  const transaction = db.transaction(["sync", "settings_and_memories"]);
  const states = settled(transaction.objectStore("sync").getAll());
  const entries = settled(transaction.objectStore("settings_and_memories").getAll());
  return [JSON.stringify(await states), stampsOf(await entries)];
}

/**
 * What a visit begins with. First what is shown first: the two texts of `readSync` (the second is empty where a cursor
 * stands for it), then in arrays the chat `first` (the chat opened last where that one is not here) and its last `limit`
 * messages; then, as a promise for what is read meanwhile, `[chats, settings and memories, what the shelf keeps under
 * the name kept or undefined, the names of all that it keeps as JSON text]`. Nothing that is deleted is among them.
 */
export function readBeginning(db, first, limit, kept) {
  const transaction = db.transaction(["sync", "chats", "messages", "settings_and_memories"]);
  const begun = new Promise((resolve, reject) => {
    const found = { stamps: "{}", one: [], last: [] };
    transaction.objectStore("sync").getAll().onsuccess = ({ target: { result: states } }) => {
      const { cursor, last_opened: opened } = Object.fromEntries(states.map(({ name, value }) => [name, value]));
      found.states = JSON.stringify(states);
      if (cursor === undefined) {
        const entries = transaction.objectStore("settings_and_memories");
        entries.getAll().onsuccess = ({ target }) => { found.stamps = stampsOf(target.result); };
      }
      let shown;
      const read = ([id, ...instead]) => {
        if (id === undefined) return;
        transaction.objectStore("chats").get(id).onsuccess = ({ target: { result: row } }) => {
          found.one = row ? alive([row]) : [];
          if (!found.one.length) read(instead);
        };
        shown = id;
        readLast(transaction.objectStore("messages"), messagesOf(id), limit, (rows) => {
          if (shown === id) found.last = rows;
        });
      };
      read([first, opened].filter((id) => id !== undefined));
    };
    transaction.oncomplete = () => resolve([found.states, found.stamps, found.one, found.last, others]);
    transaction.onabort = () => reject(told(transaction.error));
  });
  const others = readOthers(db, kept);
  others.catch(() => undefined);  // whoever waits for it hears of it
  return begun;
}

async function readOthers(db, kept) {
  const transaction = db.transaction(["chats", "settings_and_memories", "search"]);
  const [chats, entries, sealed, names] = await Promise.all([
    settled(transaction.objectStore("chats").getAll()),
    settled(transaction.objectStore("settings_and_memories").getAll()),
    settled(transaction.objectStore("search").get(kept)),
    settled(transaction.objectStore("search").getAllKeys()),
  ]);
  return [alive(chats), alive(entries), sealed?.sealed, JSON.stringify(names)];
}

/** Whether `getAll` takes a direction, and so reads a chat from its end: the standard of `getAllRecords`. */
const READS_BACKWARDS = typeof globalThis.IDBObjectStore?.prototype.getAllRecords === "function";

/** Hand the last `limit` records of a range that are not deleted to `take`, oldest first. */
function readLast(store, range, limit, take) {
  if (READS_BACKWARDS) readBackwards(store, range, limit, limit, take);
  else readByKeys(store, range, limit, take);
}

function readBackwards(store, query, limit, count, take) {
  store.getAll({ query, count, direction: "prev" }).onsuccess = ({ target: { result: rows } }) => {
    const kept = alive(rows);
    if (kept.length >= limit || rows.length < count) take(kept.slice(0, limit).reverse());
    else readBackwards(store, query, limit, count * 2, take);
  };
}

function readByKeys(store, range, limit, take) {
  store.getAllKeys(range).onsuccess = ({ target: { result: keys } }) => {
    const read = (count) => {
      const from = keys[Math.max(0, keys.length - count)];
      store.getAll(IDBKeyRange.bound(from, keys.at(-1))).onsuccess = ({ target: { result: rows } }) => {
        const kept = alive(rows);
        if (kept.length >= limit || count >= keys.length) take(kept.slice(-limit));
        else read(count * 2);
      };
    };
    if (keys.length === 0) take([]);
    else read(limit);
  };
}

/** The last `limit` messages of a chat, or of those before `[created_at, id]`; oldest first, none deleted. */
export async function readMessages(db, chat, limit, before) {
  const store = db.transaction("messages").objectStore("messages");
  const range = before ? IDBKeyRange.bound([chat], [chat, ...before], false, true) : messagesOf(chat);
  return new Promise((resolve, reject) => {
    readLast(store, range, limit, resolve);
    store.transaction.onabort = () => reject(told(store.transaction.error));
  });
}

/** The first `limit` messages of a chat from `[created_at, id]` on, that one included; oldest first, none deleted. */
export async function readMessagesFrom(db, chat, limit, first) {
  const store = db.transaction("messages").objectStore("messages");
  const range = IDBKeyRange.bound([chat, ...first], [chat, []], false, true);
  return new Promise((resolve, reject) => {
    const kept = [];
    store.openCursor(range).onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor || kept.length >= limit) return resolve(kept);
      if (cursor.value.deleted_at === null) kept.push(cursor.value);
      cursor.continue();
    };
    store.transaction.onabort = () => reject(told(store.transaction.error));
  });
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, {
  openStore, closeStore, applyBatch, withoutChats, chatsWithMessages, chatsWithoutMessages, dropChats,
  readAll, readChat, readBeginning, readSync, readMessages, readMessagesFrom,
});

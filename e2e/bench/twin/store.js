/** IndexedDB in Hearth's layout: the same stores, keys and rules, the higher version of a record wins. */

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const messagesOf = (chat) => IDBKeyRange.bound([chat], [chat, []]);

/** One account's database. */
export class Store {
  /** Open the database, made anew when there is none. */
  static async open(account) {
    const request = indexedDB.open(`hearth:${account}`, 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("chats", { keyPath: "id" });
      db.createObjectStore("messages", { keyPath: ["chat_id", "created_at", "id"] });
      db.createObjectStore("settings_and_memories", { keyPath: "id" });
      db.createObjectStore("sync", { keyPath: "name" });
      db.createObjectStore("outbox");
    };
    const db = await settled(request);
    db.onversionchange = () => db.close();
    return new Store(db);
  }

  constructor(db) {
    this.db = db;
  }

  /** Put sealed entries into the outbox under their names. */
  keep(entries) {
    const transaction = this.db.transaction("outbox", "readwrite");
    for (const [name, entry] of Object.entries(entries)) transaction.objectStore("outbox").put(entry, name);
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  }

  /** A record of settings and memories. */
  entry(id) {
    return settled(this.db.transaction("settings_and_memories").objectStore("settings_and_memories").get(id));
  }

  /** Write a frame's records, what they make true of the sync state, and what leaves the outbox, in one transaction. */
  apply(records, sync, settle = false, done_with = []) {
    const names = ["chats", "messages", "settings_and_memories", "sync", "outbox"];
    const transaction = this.db.transaction(names, "readwrite");
    for (const name of done_with) transaction.objectStore("outbox").delete(name);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const messages = transaction.objectStore("messages");
    for (const name of ["chats", "settings_and_memories"]) {
      const store = transaction.objectStore(name);
      for (const record of newestOf(records[name])) {
        putNewer(store, record.id, record, () => {
          if (name === "chats" && record.deleted_at !== null) messages.delete(messagesOf(record.id));
        });
      }
    }
    if (records.messages?.length) putMessages(transaction.objectStore("chats"), messages, newestOf(records.messages));
    const states = transaction.objectStore("sync");
    if (settle) states.delete(IDBKeyRange.bound("have:", "have;", false, true));
    for (const [name, value] of Object.entries(sync)) states.put({ name, value });
    return done;
  }

  /** The sync state as a plain object. */
  async syncState() {
    const rows = await settled(this.db.transaction("sync").objectStore("sync").getAll());
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  }

  /** Every chat that is not deleted. */
  async chats() {
    const rows = await settled(this.db.transaction("chats").objectStore("chats").getAll());
    return rows.filter((row) => row.deleted_at === null);
  }

  /** One chat, in an array. */
  async chat(id) {
    const row = await settled(this.db.transaction("chats").objectStore("chats").get(id));
    return row && row.deleted_at === null ? [row] : [];
  }

  /** The last `limit` messages of a chat, oldest first, none deleted. */
  async messages(chat, limit) {
    const store = this.db.transaction("messages").objectStore("messages");
    const keys = await settled(store.getAllKeys(messagesOf(chat)));
    for (let count = limit; keys.length; count *= 2) {
      const range = IDBKeyRange.bound(keys[Math.max(0, keys.length - count)], keys.at(-1));
      const rows = (await settled(store.getAll(range))).filter((row) => row.deleted_at === null);
      if (rows.length >= limit || count >= keys.length) return rows.slice(-limit);
    }
    return [];
  }
}

function putNewer(store, key, record, also = () => {}) {
  store.get(key).onsuccess = ({ target: { result: stored } }) => {
    if (stored && stored.version >= record.version) return;
    store.put(record);
    also();
  };
}

function putMessages(chats, store, rows) {
  chats.count().onsuccess = () => {
    for (const [chat, own] of Map.groupBy(rows, (row) => row.chat_id)) {
      chats.get(chat).onsuccess = ({ target: { result } }) => {
        if (result && result.deleted_at !== null) return;
        store.count(messagesOf(chat)).onsuccess = ({ target: { result: stored } }) => {
          for (const row of own) {
            if (stored) putNewer(store, [row.chat_id, row.created_at, row.id], row);
            else store.put(row);
          }
        };
      };
    }
  };
}

function newestOf(rows = []) {
  const newest = new Map();
  for (const row of rows) {
    if (!(newest.get(row.id)?.version >= row.version)) newest.set(row.id, row);
  }
  return [...newest.values()];
}

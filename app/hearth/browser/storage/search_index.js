/**
 * The search index in IndexedDB: sealed slices under their names in `search`, and in `unindexed` the chats that
 * changed since (`applyBatch` of store.js puts them there, in the transaction of the change itself).
 */

/**
 * What went wrong as a plain `Error` of that name: Pyodide takes no other subclass of DOMException for an error, such
 * as today's QuotaExceededError, and whoever awaits such a rejection waits for ever.
 */
const told = (error) => Object.assign(new Error(error?.message ?? "aborted"), { name: error?.name ?? "AbortError" });

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(told(request.error));
});

const committed = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(told(transaction.error));
});

/** The names of what is kept, as JSON text. */
export async function keptNames(db) {
  return JSON.stringify(await settled(db.transaction("search").objectStore("search").getAllKeys()));
}

/** What is kept under a name, still sealed, or undefined. */
export async function readKept(db, name) {
  return (await settled(db.transaction("search").objectStore("search").get(name)))?.sealed;
}

/**
 * Keep something sealed. In the same transaction the marks that it settles go (JSON text of ids with the token
 * that each had before it was read), unless the chat changed again meanwhile: then its token is another.
 */
export async function keep(db, name, sealed, settles) {
  const transaction = db.transaction(["search", "unindexed"], "readwrite");
  const done = committed(transaction);
  transaction.objectStore("search").put({ name, sealed });
  settle(transaction.objectStore("unindexed"), settles);
  return done;
}

function settle(marks, settles) {
  for (const [id, token] of Object.entries(JSON.parse(settles))) {
    marks.get(id).onsuccess = ({ target: { result: mark } }) => {
      if (mark?.token === token) marks.delete(id);
    };
  }
}

/** Take marks away (JSON text of ids with tokens), unless they are others by now. */
export async function settleMarks(db, settles) {
  const transaction = db.transaction("unindexed", "readwrite");
  const done = committed(transaction);
  settle(transaction.objectStore("unindexed"), settles);
  return done;
}

/** Forget what is kept under names (JSON text). */
export async function forgetKept(db, names) {
  const transaction = db.transaction("search", "readwrite");
  const done = committed(transaction);
  for (const name of JSON.parse(names)) transaction.objectStore("search").delete(name);
  return done;
}

/** The chats that changed since they were indexed, as JSON text: each id with its token. */
export async function readMarks(db) {
  const rows = await settled(db.transaction("unindexed").objectStore("unindexed").getAll());
  return JSON.stringify(rows.map(({ id, token }) => [id, token]));
}

/**
 * A page of a chat's messages, oldest first, for the index: `[records, JSON text of {live, next}]`. `records` are
 * those that `known` (JSON text of ids with versions) does not have in this version; `live` the ids of all that are
 * not deleted; `next` the position `[created_at, id]` after which the next page begins, or null.
 */
export async function readForIndex(db, chat, known, after, limit) {
  const from = after ? [chat, ...after] : [chat];
  const range = IDBKeyRange.bound(from, [chat, []], Boolean(after), true);
  const rows = await settled(db.transaction("messages").objectStore("messages").getAll(range, limit));
  const versions = new Map(JSON.parse(known));
  const live = rows.filter((row) => row.deleted_at === null);
  const last = rows.at(-1);
  const next = rows.length === limit ? [last.created_at, last.id] : null;
  const records = live.filter((row) => versions.get(row.id) !== row.version);
  return [records, JSON.stringify({ live: live.map(({ id }) => id), next })];
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, {
  keptNames, readKept, keep, settleMarks, forgetKept, readMarks, readForIndex,
});

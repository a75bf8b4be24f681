/**
 * The two places that a half of the kept key lies in: an answer in Cache Storage, which is a file of its own, and,
 * where Cache Storage keeps nothing, a row of a database of its own. Both are called `NAMES.shares`.
 *
 * In a private window WebKit empties a cache as soon as no document and no service worker uses it, so nothing in it
 * survives a reload. Its databases do, and lie in memory there. In every other window a database would be the wrong
 * place: its log may keep what is deleted.
 */

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");

const ignore = () => undefined;
const addressOf = (id) => new URL(NAMES.shareAddress + id, location.origin).href;
const idOf = ({ url }) => new URL(url).pathname.slice(NAMES.shareAddress.length);

/**
 * Try whether Cache Storage loses an answer that no document uses: a document of its own puts one, and goes; then this
 * one looks. True is proof: the cache is there, and empty. False is not: the service worker or another tab may have
 * used all caches in that moment.
 */
export async function cacheStorageLoses(id) {
  const name = NAMES.shareTrials + id;
  const frame = document.createElement("iframe");
  frame.hidden = true;
  document.documentElement.append(frame);
  try {
    await (await frame.contentWindow.caches.open(name)).put(addressOf(id), new Response("1"));
  } finally {
    frame.remove();
  }
  // What is not there at all was deleted by another tab, which proves nothing.
  const loses = !await caches.match(addressOf(id), { cacheName: name }) && await caches.has(name);
  await caches.delete(name);
  return loses;
}

async function cacheNames() {
  // Forbidden, or not there at all: then there never was one.
  const names = await globalThis.caches?.keys().catch(ignore) ?? [];
  return names.filter((name) => name === NAMES.shares || name.startsWith(NAMES.shareTrials));
}

export const inCacheStorage = {
  async put(id, raw) {
    await (await caches.open(NAMES.shares)).put(addressOf(id), new Response(raw));
  },

  async get(id) {
    const answer = await globalThis.caches?.match(addressOf(id), { cacheName: NAMES.shares });
    return answer && new Uint8Array(await answer.arrayBuffer());
  },

  /** Delete all but those that stay, and look again: the ids that are still there. `inUse`: more may come. */
  async clear(stays, inUse) {
    const left = [];
    for (const name of await cacheNames()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) if (!stays(idOf(request))) await cache.delete(request);
      const ids = (await cache.keys()).map(idOf);
      if (ids.length === 0 && !inUse) await caches.delete(name);
      left.push(...ids);
    }
    return left;
  },
};

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function hasDatabase() {
  const all = await globalThis.indexedDB?.databases().catch(ignore) ?? [];
  return all.some(({ name }) => name === NAMES.shares);
}

/**
 * Use the store in one transaction, and close the database again: another page may want to delete it. Where another page
 * has just deleted it, it is made only by who puts something in; for others it is not there, and they get undefined.
 */
async function transact(mode, use, make = false) {
  const opening = indexedDB.open(NAMES.shares, 1);
  let gone = false;
  opening.onupgradeneeded = () => {
    gone = !make;
    if (make) opening.result.createObjectStore(NAMES.sharesStore);
    else opening.transaction.abort();
  };
  const database = await done(opening).catch((error) => {
    if (!gone) throw error;
  });
  if (!database) return undefined;
  database.onversionchange = () => database.close();
  try {
    const transaction = database.transaction(NAMES.sharesStore, mode);
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const request = use(transaction.objectStore(NAMES.sharesStore));
    await ended;
    return request.result;
  } finally {
    database.close();
  }
}

export const inDatabase = {
  put: (id, raw) => transact("readwrite", (store) => store.put(raw, id), true),

  async get(id) {
    return await hasDatabase() ? transact("readonly", (store) => store.get(id)) : undefined;
  },

  /** As in Cache Storage. */
  async clear(stays, inUse) {
    if (!await hasDatabase()) return [];
    const keys = async () => await transact("readonly", (store) => store.getAllKeys()) ?? [];
    const going = (await keys()).filter((id) => !stays(id));
    for (const id of going) await transact("readwrite", (store) => store.delete(id));
    const left = await keys();
    if (left.length === 0 && !inUse) await done(indexedDB.deleteDatabase(NAMES.shares));
    return left;
  },
};

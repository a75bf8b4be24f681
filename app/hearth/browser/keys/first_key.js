/**
 * The key that a start finds, before Python is there: opens what is kept in session or local storage, or asks a live tab of
 * this browser for its own. What is kept stays as it is; what becomes of it, `key_store.py` decides.
 *
 * An entry lies sealed under a *share* of 32 random bytes, which lies elsewhere: see `shares.py`. A page that uses a share
 * holds a Web Lock of its own for it, shared, as long as it lives: for another page that is the proof that it does.
 */

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");

/** The most that reading a share may take. A tab that does not answer for so long is frozen, or hangs. */
const READ_MS = 5_000, ANSWER_MS = 1_500;
const TURN_MS = 100;

const ignore = () => undefined;
/** @param {number} ms */
const pause = (ms) => new Promise((/** @type {(value?: undefined) => void} */ resolve) => setTimeout(resolve, ms));
/** @param {string} text */
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/**
 * What failed, was forbidden or took too long is undefined. Time counts in which the page could have heard the answer: a
 * start keeps it busy for seconds on a slow device.
 * @template T
 * @param {number} most
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
function within(most, promise) {
  let settled = false;
  const patience = async () => {
    for (let left = most; left > 0 && !settled; left -= TURN_MS) await pause(TURN_MS);
    return undefined;
  };
  return Promise.race([promise.catch(ignore).finally(() => { settled = true; }), patience()]);
}

// --- shares in use ---

/** The shares that this page uses, each with a function that lets go of its lock. @type {Map<string, () => Promise<unknown>>} */
const held = new Map();

/** This page uses a share from now on. @param {string} id */
function holdShare(id) {
  if (held.has(id) || !navigator.locks) return;
  let letGo = () => {};
  const until = new Promise((/** @type {(value?: undefined) => void} */ resolve) => { letGo = resolve; });
  const gone = navigator.locks.request(NAMES.shareLock + id, { mode: "shared" }, () => until).catch(ignore);
  held.set(id, () => (letGo(), gone));
}

/** This page uses these shares no longer. @param {string[]} ids */
async function releaseShares(ids) {
  const going = [...ids].map((id) => held.get(id)?.());
  for (const id of ids) held.delete(id);
  await Promise.all(going);
}

/** The shares that this page uses. */
function heldShares() {
  return [...held.keys()];
}

/** The shares that any page of this browser uses. */
async function usedShares() {
  const { held: locks = [] } = await navigator.locks?.query().catch(ignore) ?? {};
  return locks.flatMap(({ name }) => name?.startsWith(NAMES.shareLock) ? [name.slice(NAMES.shareLock.length)] : []);
}

addEventListener("pagehide", () => releaseShares(heldShares()));

// --- what is kept ---

/** A share lies in Cache Storage. @param {string} id */
async function inCacheStorage(id) {
  const address = new URL(NAMES.shareAddress + id, location.origin).href;
  const answer = await globalThis.caches?.match(address, { cacheName: NAMES.shares });
  return answer && new Uint8Array(await answer.arrayBuffer());
}

/** Or, where that keeps nothing, in a database, which is let go of at once. @param {string} id @returns {Promise<any>} */
async function inDatabase(id) {
  const all = await globalThis.indexedDB?.databases().catch(ignore) ?? [];
  if (!all.some(({ name }) => name === NAMES.shares)) return undefined;
  return new Promise((resolve) => {
    const opening = indexedDB.open(NAMES.shares, 1);
    opening.onupgradeneeded = () => opening.transaction?.abort(); // another page has just deleted it
    opening.onerror = () => resolve(undefined);
    opening.onsuccess = () => {
      const reading = opening.result.transaction(NAMES.sharesStore).objectStore(NAMES.sharesStore).get(id);
      reading.onsuccess = reading.onerror = () => {
        resolve(reading.readyState === "done" && !reading.error ? reading.result : undefined);
        opening.result.close();
      };
    };
  });
}

/** Shares that were read, and entries that were opened: once for the start and for Python. */
const early = { shares: new Map(), entries: new Map() };

/** @param {string} id @returns {Promise<CryptoKey | undefined>} */
async function read(id) {
  const raw = await inCacheStorage(id).catch(ignore) ?? await inDatabase(id);
  if (raw?.length !== 32) return undefined;
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return key;
}

/** The key of a share; undefined when it is not there. From now on this page uses it. @param {string} id */
function readShare(id) {
  holdShare(id);
  const reading = early.shares.get(id) ?? within(READ_MS, Promise.resolve().then(() => read(id)));
  early.shares.set(id, reading);
  return reading;
}

/** The share that an entry names. @param {string | null | undefined} text */
function shareOf(text) {
  try {
    const { half } = JSON.parse(text ?? "");
    return typeof half === "string" ? half : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} text */
async function opened(text) {
  const { account, keyId, half, nonce, sealed } = JSON.parse(text);
  if (typeof account !== "string" || typeof half !== "string" || fromBase64(keyId).length !== 8) throw new TypeError("not a key");
  // It opens in its own place only: for its account, under its key's id and its share.
  const bound = new TextEncoder().encode(JSON.stringify([NAMES.sealedKey, 1, account, keyId, half]));
  const algorithm = { name: "AES-GCM", iv: fromBase64(nonce), additionalData: bound }, share = await readShare(half);
  if (!share) throw new TypeError("no share");
  const raw = new Uint8Array(await crypto.subtle.decrypt(algorithm, share, fromBase64(sealed)));
  const usages = /** @type {KeyUsage[]} */ (["encrypt", "decrypt", "wrapKey", "unwrapKey"]);
  const master = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, usages);
  raw.fill(0);
  return master;
}

/** Open an entry: the master key, not extractable. Throws when it does not open. @param {string} text @returns {Promise<CryptoKey>} */
function openEntry(text) {
  const opening = early.entries.get(text) ?? opened(text);
  early.entries.set(text, opening);
  return opening;
}

/** Forget what was read and opened early. */
function dropEarly() {
  early.shares.clear();
  early.entries.clear();
}

/** The entries whose names begin so, as text: of session storage, then of local storage. @param {string} name */
function entries(name) {
  return ["sessionStorage", "localStorage"].flatMap((which) => {
    try {
      const storage = /** @type {Record<string, Storage>} */ (/** @type {unknown} */ (globalThis))[which];
      return Object.keys(storage ?? {}).filter((each) => each === name || each.startsWith(`${name}:`))
        .map((each) => storage?.getItem(each) ?? "");
    } catch {
      return []; // forbidden: nothing is kept
    }
  });
}

for (const text of [...entries(NAMES.key), ...entries(NAMES.locked)]) {
  const share = shareOf(text);
  if (share !== undefined) readShare(share);
}

// --- a live tab's key ---

/** What was asked before Python was there: a tab that is frozen is waited for once. @type {Promise<Asked> | undefined} */
let asked;

/**
 * Ask the other tabs of this browser for the key in use, or for the note in its place: whether there is such a tab, whether
 * or not it answers, and what it hands over.
 */
function askTabs() {
  const answer = asked ?? ask();
  asked = undefined;
  return answer;
}

/** @returns {Promise<Asked>} */
async function ask() {
  if (!globalThis.BroadcastChannel || (await usedShares()).every((id) => held.has(id))) return [false, undefined];
  const channel = new BroadcastChannel(NAMES.keysChannel), question = crypto.randomUUID();
  const answered = new Promise((/** @type {(offered: any) => void} */ resolve) => {
    channel.onmessage = ({ data }) => {
      if (data?.answer === question) resolve(data.offered);
    };
  });
  channel.postMessage({ question });
  const offered = await within(ANSWER_MS, answered);
  channel.close();
  if (typeof offered?.account !== "string") return [true, undefined];
  const share = shareOf(offered.entry ?? offered.note);
  if (share !== undefined) readShare(share);
  const usable = offered.key instanceof CryptoKey && !offered.key.extractable && typeof offered.keyId === "string";
  return [true, usable ? offered : { ...offered, key: undefined }];
}

/**
 * The key that a start finds; undefined when there is none. `onAccount` is told whose it is before it is opened.
 * @param {(account: string) => void} onAccount
 * @returns {Promise<{ account: string, keyId: Bytes, key: CryptoKey } | undefined>}
 */
export async function firstMaster(onAccount) {
  try {
    if (localStorage.getItem(NAMES.wiping) !== null) return undefined;
  } catch {
    // Forbidden: there is no note of a wipe.
  }
  for (const text of entries(NAMES.key)) {
    try {
      const { account, keyId } = JSON.parse(text);
      onAccount(account);
      return { account, keyId: fromBase64(keyId), key: await openEntry(text) };
    } catch {
      // Another one may open.
    }
  }
  if (entries(NAMES.locked).length > 0) return undefined;
  asked = ask();
  const [alive, offered] = await asked;
  if (!alive) asked = undefined;
  if (!offered?.key) return undefined;
  onAccount(offered.account);
  return { account: offered.account, keyId: fromBase64(offered.keyId), key: offered.key };
}

(globalThis.hearth ??= {}).keys = {
  holdShare, releaseShares, heldShares, usedShares, readShare, openEntry, askTabs, dropEarly,
};

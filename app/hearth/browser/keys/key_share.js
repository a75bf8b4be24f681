/**
 * The other half of the kept master key: 32 random bytes under which `vault.js` seals the key before it puts it into
 * session or local storage. Browsers keep those storages in logs that a removal does not empty; each half lies in a
 * file of its own, the body of an answer in Cache Storage, which is unlinked when it is deleted. What a removed entry
 * leaves in a log opens with nothing then. Where Cache Storage keeps nothing it lies in a database (`share_places.js`).
 *
 * A half that a page uses is held by a shared Web Lock as long as that page lives, so that a page that starts without
 * a key leaves it to the other one.
 */

import { cacheStorageLoses, inCacheStorage, inDatabase } from "./share_places.js";

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");
const BYTES = 32;

/** A sign-in waits no longer for the file, of which it needs nothing; a start does, as it needs what is in it. */
const WRITE_MS = 1_000, READ_MS = 5_000;
const TURN_MS = 100;

const ignore = () => undefined;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * What failed, was forbidden or took too long is undefined: halves are missing rather than in the way. Time counts in
 * which the page could have heard the answer: a start keeps it busy for seconds on a slow device.
 */
export function within(most, promise) {
  let settled = false;
  const patience = async () => {
    for (let left = most; left > 0 && !settled; left -= TURN_MS) await pause(TURN_MS);
  };
  return Promise.race([promise.catch(ignore).finally(() => { settled = true; }), patience()]);
}

/** Id to a function that lets go of it and answers when it has. */
const held = new Map();

function hold(id) {
  if (held.has(id) || !navigator.locks) return;
  let letGo;
  const until = new Promise((resolve) => { letGo = resolve; });
  const gone = navigator.locks.request(NAMES.shareLock + id, { mode: "shared" }, () => until).catch(ignore);
  held.set(id, () => (letGo(), gone));
}

/** Whether this page uses a half. */
export const holdsHalf = (id) => held.has(id);

async function release(ids) {
  const going = ids.map((id) => held.get(id)?.());
  for (const id of ids) held.delete(id);
  await Promise.all(going);
}

addEventListener("pagehide", () => release([...held.keys()]));

async function importHalf(raw) {
  if (raw.length !== BYTES) throw new TypeError("not a half");
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return key;
}

async function write(id) {
  const raw = crypto.getRandomValues(new Uint8Array(BYTES));
  await inCacheStorage.put(id, raw.slice());
  if (!await within(TRIAL_MS, copyWhereLost(id))) tryAgain(id).catch(ignore);
  return { id, key: await importHalf(raw) };
}

/** A trial that something has disturbed is repeated: nothing uses all caches for as long as this. */
const TRIAL_MS = 500, AGAIN_MS = [1_000, 4_000, 15_000, 60_000];
/** @type {Promise<unknown>} */
let copying = Promise.resolve();

/** Copy a half to the database if Cache Storage is seen to lose what is in it; whether that was seen. */
async function copyWhereLost(id) {
  if (!await cacheStorageLoses(id)) return false;
  copying = copyToDatabase(id);
  await copying;
  return true;
}

async function copyToDatabase(id) {
  const raw = held.has(id) && await inCacheStorage.get(id);  // else it is forgotten meanwhile
  if (raw) await inDatabase.put(id, raw);
}

async function tryAgain(id) {
  for (const ms of AGAIN_MS) {
    await pause(ms);
    if (!held.has(id) || await copyWhereLost(id)) return;
  }
}

async function read(id) {
  const raw = await inCacheStorage.get(id).catch(ignore) ?? await inDatabase.get(id);
  return raw && importHalf(raw);
}

let prepared;

/** Begin to make a half and to write it: the password still has to be derived and proved meanwhile. */
export function prepareHalf() {
  if (prepared) return;
  const id = crypto.randomUUID();
  hold(id);
  prepared = { id, written: Promise.resolve().then(() => write(id)) };
  prepared.written.catch(ignore);
}

/** The half that was prepared, `{id, key}`, once it is in its file; undefined when it does not come to be there. */
export async function takeHalf() {
  prepareHalf();
  const { written } = prepared;
  const half = await within(WRITE_MS, written);
  prepared = undefined;
  return half;
}

/** The key of a half; undefined when it is not there. From now on this page uses it. */
export function readHalf(id) {
  hold(id);
  return within(READ_MS, Promise.resolve().then(() => read(id)));
}

async function used() {
  const { held: locks } = await navigator.locks?.query() ?? { held: [] };
  return new Set(locks.filter(({ name }) => name.startsWith(NAMES.shareLock)).map(({ name }) => name.slice(NAMES.shareLock.length)));
}

/** The ids of the halves that other pages use, and this one does not. */
export async function usedElsewhere() {
  return new Set([...await used()].filter((id) => !held.has(id)));
}

/** This page uses a half no longer. */
export const letGoOfHalf = (id) => release([id]);

/**
 * Delete every half but `spared` (a set of ids) and, unless `all`, those that other pages use, and look again.
 * Answers how many are still there that should not be.
 */
export async function forgetHalves(spared, all) {
  prepared = undefined;
  await release([...held.keys()].filter((id) => !spared.has(id)));
  await copying.catch(ignore);
  const others = all ? new Set() : await used();
  const stays = (id) => spared.has(id) || others.has(id) || id === prepared?.id;
  const inUse = others.size > 0 || prepared !== undefined;
  const left = await Promise.all([inCacheStorage, inDatabase].map((place) => place.clear(stays, inUse)));
  return left.flat().filter((id) => !stays(id)).length;
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, {
  prepareHalf, takeHalf, readHalf, holdsHalf, letGoOfHalf, forgetHalves,
});

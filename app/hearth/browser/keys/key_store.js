/**
 * The master key between page loads: in session storage, or in local storage with "Stay signed in", sealed under a
 * half that lies elsewhere (`half.js`). Its bytes stay on this side of the border: they never enter Python's heap,
 * and what leaves is a non-extractable CryptoKey.
 */

import { ask, offer } from "./hand_over.js";
import { usedElsewhere } from "./key_share.js";
import { isLockName, lockName, openAddress, sealAddress } from "./lock_note.js";

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");
/**
 * In local storage, which all tabs share, each account's entry has a name of its own: a tab that leaves an account
 * cannot remove the key of whoever signs in, at that moment, in another process.
 */
const sharedName = (account) => `${NAMES.key}:${account}`;
/**
 * A session cookie that the server was not told to end cannot be removed by a script. This note lies beside it, is
 * gone with it, and says nothing about the person.
 */
const UNENDED_S = 30 * 24 * 3600;  // as long as a session lasts

const USAGES = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
const importMaster = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, USAGES);
const toBase64 = (raw) => btoa(String.fromCharCode(...raw));
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function storages() {
  // Each may throw where the person has forbidden storage; then there is nothing to find or to clear.
  return ["sessionStorage", "localStorage"].flatMap((name) => {
    try {
      return [globalThis[name]];
    } catch {
      return [];
    }
  });
}

const isForAll = (storage) => storage !== globalThis.sessionStorage;

const NONCE_BYTES = 12;
/** An entry opens in its own place only: for its account, under its key's id and its half. */
const kept = (nonce, { account, keyId, half }) => ({
  name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(JSON.stringify([NAMES.sealedKey, 1, account, keyId, half])),
});

/** What lies in the storage for a key, as text; undefined where no half can be kept. */
async function sealedEntry(raw, keyId, account, email) {
  const half = await hearth.takeHalf();
  if (!half) return undefined;
  const entry = { account, keyId: toBase64(keyId), half: half.id };
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(kept(nonce, entry), half.key, raw));
  const address = await sealAddress(half, account, email);
  return JSON.stringify({ ...entry, nonce: toBase64(nonce), sealed: toBase64(sealed), address });
}

/**
 * Open the wrapped master key and keep it for the next page load. `parts` are its `nonce`, `body`,
 * `additionalData` and `keyId` (bytes). Throws when it does not open. Answers the key; when the storage
 * refuses, the key still comes, and lasts as long as the page.
 */
export async function admitMaster(wrapping, parts, account, email, stay) {
  const algorithm = { name: "AES-GCM", iv: parts.nonce, additionalData: parts.additionalData };
  const raw = new Uint8Array(await crypto.subtle.decrypt(algorithm, wrapping, parts.body));
  const key = await importMaster(raw);
  const entry = await sealedEntry(raw, parts.keyId, account, email);
  raw.fill(0);
  const stored = hadStored(account);
  forgetEntries();
  endWipe();
  noteUnended(false);  // the cookie is the new session's
  try {
    if (entry && stay) localStorage.setItem(sharedName(account), entry);
    else if (entry) sessionStorage.setItem(NAMES.key, entry);
    if (stored) noteStored(account);
    // Firefox asks the person, who may never answer: nobody waits for it.
    if (stay) navigator.storage?.persist?.().catch(() => undefined);
  } catch {
    // Full or forbidden: a reload will ask for the password again.
  }
  offerKey(account, toBase64(parts.keyId), key, entry);
  return key;
}

/** Another tab of this browser that starts without a key may have this one, and what is kept of it. */
function offerKey(account, keyId, key, entry) {
  offer(() => ({ account, keyId, key, entry, stored: hadStored(account) }));
}

const isKeyName = (name) => name === NAMES.key || name.startsWith(sharedName(""));
const namesIn = (isMeant) => storages().flatMap(
  (storage) => Object.keys(storage).filter(isMeant).map((name) => [storage, name]),
);

/** The halves of what is kept: keys, and notes in the place of keys. */
function halvesInUse() {
  const ids = namesIn((name) => isKeyName(name) || isLockName(name)).flatMap(([storage, name]) => {
    try {
      return [JSON.parse(storage.getItem(name)).half];
    } catch {
      return [];
    }
  });
  return new Set(ids.filter((id) => typeof id === "string"));
}

/** Read before Python is there to ask. */
const early = new Map([...halvesInUse()].map((id) => [id, hearth.readHalf(id)]));
let lost = false;

async function opened(entry) {
  const { account, half, nonce, sealed } = entry, id = fromBase64(entry.keyId);
  if (typeof account !== "string" || typeof half !== "string" || id.length !== 8) throw new TypeError("not a key");
  const key = await (early.get(half) ?? hearth.readHalf(half));
  const raw = new Uint8Array(await crypto.subtle.decrypt(kept(fromBase64(nonce), entry), key, fromBase64(sealed)));
  const master = await importMaster(raw);
  raw.fill(0);
  return master;
}

/**
 * The key that a start finds, before Python is there: `{ account, keyId, key }`, or undefined. Where none is kept, a live
 * tab is asked for its own. What is kept stays as it is: what does not open, `recallMaster` deals with. `onAccount` is
 * told whose key it is before that is opened.
 */
export async function firstMaster(onAccount) {
  if (isWiping()) return undefined;
  for (const [storage, name] of namesIn(isKeyName)) {
    try {
      const entry = JSON.parse(storage.getItem(name));
      onAccount(entry.account);
      return { account: entry.account, keyId: fromBase64(entry.keyId), key: await opened(entry) };
    } catch {
      // Another one may open.
    }
  }
  if (namesIn(isLockName).length > 0 || (await usedElsewhere()).size === 0) return undefined;
  asked = askNow();
  await asked;
  if (!handed) return undefined;
  onAccount(handed.account);
  return { account: handed.account, keyId: fromBase64(handed.keyId), key: handed.key };
}

function inUse(account, keyId, key, entry) {
  offerKey(account, keyId, key, entry);
  return [account, fromBase64(keyId), key];
}

/** An entry does not open: its half is nothing that others should leave to this page. */
async function letGo(text) {
  try {
    await hearth.letGoOfHalf(JSON.parse(text).half);
  } catch {
    // It named none.
  }
}

/** What another tab has handed over, until it is recalled. */
let handed;

/**
 * Ask the other tabs of this browser for the key in use, or for the note in its place. Answers whether there is such
 * a tab, whether or not it answers; what it hands over is kept for this tab, and found by `recallMaster` or `recallLock`.
 */
export function askTabs() {
  const answer = asked ?? askNow();
  asked = undefined;
  return answer;
}

/** What was asked before Python was there, for the first who wants to know: a tab that is frozen is waited for once. */
let asked;

async function askNow() {
  const { alive, offered } = await ask();
  if (typeof offered?.account !== "string" || offered.account === wiping()) return alive;
  const { account, keyId, key, entry, note, stored } = offered;
  if (key instanceof CryptoKey && !key.extractable && typeof keyId === "string") handed = { account, keyId, key, entry };
  try {
    sessionStorage.removeItem(lockName(account));
    if (entry) sessionStorage.setItem(NAMES.key, entry);
    else if (note) sessionStorage.setItem(lockName(account), note);
    if (stored) noteStored(account);
  } catch {
    // Full or forbidden: this tab's next load asks again.
  }
  for (const id of halvesInUse()) early.set(id, hearth.readHalf(id));
  return alive;
}

/**
 * The kept master key: `[account, keyId, key]`, or undefined when none is kept or what is kept does not open: then
 * it is removed, and `wasLost` says so.
 */
export async function recallMaster() {
  lost = false;
  const given = handed;
  handed = undefined;
  if (given && given.account !== wiping()) return inUse(given.account, given.keyId, given.key, given.entry);
  for (const [storage, name] of namesIn(isKeyName)) {
    const text = storage.getItem(name);
    try {
      const entry = JSON.parse(text);
      // A tab that was closed, put aside or copied before the sign-out may still have its key.
      if (entry.account !== wiping()) {
        const key = await opened(entry);
        // Else somebody signed out meanwhile.
        if (storage.getItem(name) === text) return inUse(entry.account, entry.keyId, key, text);
        continue;
      }
    } catch {
      lost = true;
      await letGo(text);
    }
    storage.removeItem(name);
  }
  return undefined;
}

/** The entries of an account that this page has kept or opened: not what a sign-in in another tab keeps by now. */
function ownEntries(account) {
  return namesIn(isKeyName).flatMap(([storage, name]) => {
    try {
      const entry = JSON.parse(storage.getItem(name));
      return entry.account === account && hearth.holdsHalf(entry.half) ? [{ storage, name, entry }] : [];
    } catch {
      return [];
    }
  });
}

const hasNote = (account) => storages().some((storage) => storage.getItem(lockName(account)) !== null);
/** Whether a sign-in in another tab has kept a key of the account where all tabs find it. */
const isKeptForAll = (account) => storages().some((storage) => storage.getItem(sharedName(account)) !== null);

/**
 * Put a note in the place of the account's key, then delete the half that the key was sealed under. Where no half
 * for the address can be kept, the note is without it.
 */
export async function lockMaster(account) {
  offer();
  const [own] = ownEntries(account);
  const email = own ? await openAddress(own.entry) : "", half = email && await hearth.takeHalf();
  const note = half ? { account, half: half.id, address: await sealAddress(half, account, email) } : { account };
  const going = ownEntries(account);
  for (const { storage, name } of going) storage.removeItem(name);
  try {
    const storage = going[0]?.storage ?? sessionStorage;
    if (!hasNote(account) && !isKeptForAll(account)) storage.setItem(lockName(account), JSON.stringify(note));
    offerNote(account);
  } catch {
    // Full or forbidden: what is stored stays until this page is loaded again.
  }
  await forgetStrayHalves();
}

function offerNote(account) {
  offer(() => {
    const [note] = storages().map((storage) => storage.getItem(lockName(account))).filter(Boolean);
    return note && { account, note, stored: hadStored(account) };
  });
}

/** The note: `[account, address, whether all tabs find it]`, or undefined. */
export async function recallLock() {
  for (const [storage, name] of namesIn(isLockName)) {
    try {
      const note = JSON.parse(storage.getItem(name));
      if (name === lockName(note.account)) {
        offerNote(note.account);
        return [note.account, await openAddress(note), isForAll(storage)];
      }
    } catch {
      // Not a note.
    }
    storage.removeItem(name);
  }
  return undefined;
}

/** Whether the last recall found a key of which the other half was gone. */
export function wasLost() {
  return lost;
}

/**
 * Remove the kept master key and whatever else of ours is in these storages, but for the note of a wipe; with an
 * account, from local storage only if it is that account's. Answers how many entries are still there.
 */
function forgetEntries(account) {
  let left = 0;
  for (const storage of storages()) {
    for (const name of Object.keys(storage)) {
      if (!name.startsWith(NAMES.entries) || name === NAMES.wiping) continue;
      const ofOne = [sharedName, storedName, lockName].some((named) => name.startsWith(named("")) && name !== named(account));
      if (account !== undefined && ofOne) continue;
      storage.removeItem(name);
      if (storage.getItem(name) !== null) left += 1;
    }
  }
  return left;
}

/**
 * The same, and then the halves that no other entry and, unless `all`, no other page needs. Answers how many entries
 * and halves are still there.
 */
export async function forgetMaster(account, all) {
  offer();
  early.clear();
  const left = forgetEntries(account);
  return left + await hearth.forgetHalves(halvesInUse(), all);
}

/** Delete the halves that no entry and no other page needs. Answers how many are still there. */
export function forgetStrayHalves() {
  early.clear();
  return hearth.forgetHalves(halvesInUse(), false);
}

const storedName = (account) => `${NAMES.stored}:${account}`;
const withKey = (account) => storages().find(
  (storage) => [NAMES.key, sharedName(account), lockName(account)].some((name) => storage.getItem(name) !== null),
);

/** Note beside the key, or what has taken its place, that the account's chats are stored. */
export function noteStored(account) {
  try {
    withKey(account)?.setItem(storedName(account), "1");
  } catch {
    // No room for one letter: a removal will not be explained.
  }
}

/** Whether that was noted. */
export function hadStored(account) {
  return Boolean(withKey(account)?.getItem(storedName(account)));
}

/** The account whose wipe was begun and is not finished, or null. */
function wiping() {
  try {
    return localStorage.getItem(NAMES.wiping);
  } catch {
    return null;
  }
}

/** Whether a wipe was begun and is not finished. */
export function isWiping() {
  return wiping() !== null;
}

/** Write down, before anything is deleted, whose data goes: if this page dies meanwhile, the next start goes on. */
export function beginWipe(account) {
  offer();
  try {
    localStorage.setItem(NAMES.wiping, account);
  } catch {
    // Full or forbidden: then the missing key has to say it alone.
  }
}

/** Nothing is left of whom the wipe was for. */
export function endWipe() {
  try {
    localStorage.removeItem(NAMES.wiping);
  } catch {
    // Forbidden: there is no note.
  }
}

/** Whether the account's key is kept although every tab is closed. */
export function staysSignedIn(account) {
  try {
    return localStorage.getItem(sharedName(account)) !== null;
  } catch {
    return false; // forbidden: nothing is kept
  }
}

/** Write down, or cross out, that the server has not heard of the sign-out. */
export function noteUnended(unended) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${NAMES.unended}=1; Path=/; SameSite=Strict; Max-Age=${unended ? UNENDED_S : 0}${secure}`;
}

/** Whether the server has not heard of the sign-out. */
export function isUnended() {
  return document.cookie.split("; ").some((each) => each.startsWith(`${NAMES.unended}=`));
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, {
  admitMaster, recallMaster, lockMaster, recallLock, askTabs, wasLost, forgetMaster, forgetStrayHalves, noteStored, hadStored, isWiping, beginWipe,
  endWipe, noteUnended, isUnended, staysSignedIn,
});

/**
 * The master key between page loads: in session storage, or in local storage with "Stay signed in". Its
 * bytes stay on this side of the border: they never enter Python's heap, and what leaves is a
 * non-extractable CryptoKey.
 */

const NAME = "hearth.key";
/**
 * In local storage, which all tabs share, each account's entry has a name of its own: a tab that leaves an account
 * cannot remove the key of whoever signs in, at that moment, in another process.
 */
const sharedName = (account) => `${NAME}:${account}`;
/** The account that is being wiped: written before anything is deleted, removed when nothing is left. */
const WIPING = "hearth.wiping";
/**
 * A session cookie that the server was not told to end cannot be removed by a script. This note lies beside it, is
 * gone with it, and says nothing about the person.
 */
const UNENDED = "hearth_unended";
const UNENDED_S = 30 * 24 * 3600;  // as long as a session lasts
/** Lies beside the key once the account's chats are all stored: an empty database then was taken away. */
const STORED = "hearth.stored";

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

/**
 * Open the wrapped master key and keep it for the next page load. `parts` are its `nonce`, `body`,
 * `additionalData` and `keyId` (bytes). Throws when it does not open. Answers the key; when the storage
 * refuses, the key still comes, and lasts as long as the page.
 */
export async function admitMaster(wrapping, parts, account, stay) {
  const algorithm = { name: "AES-GCM", iv: parts.nonce, additionalData: parts.additionalData };
  const raw = new Uint8Array(await crypto.subtle.decrypt(algorithm, wrapping, parts.body));
  const key = await importMaster(raw);
  const kept = JSON.stringify({ account, keyId: toBase64(parts.keyId), key: toBase64(raw) });
  raw.fill(0);
  forgetMaster();
  endWipe();
  noteUnended(false);  // the cookie is the new session's
  try {
    if (stay) localStorage.setItem(sharedName(account), kept);
    else sessionStorage.setItem(NAME, kept);
    // Firefox asks the person, who may never answer: nobody waits for it.
    if (stay) navigator.storage?.persist?.().catch(() => undefined);
  } catch {
    // Full or forbidden: a reload will ask for the password again.
  }
  return key;
}

/** The kept master key: `[account, keyId, key]`, or undefined when none is kept or what is kept is not one. */
export async function recallMaster() {
  for (const [storage, name] of storages().flatMap(entriesOf)) {
    try {
      const { account, keyId, key } = JSON.parse(storage.getItem(name));
      // A tab that was closed, put aside or copied before the sign-out may still have its key.
      if (account === wiping()) throw new TypeError("signed out");
      const raw = fromBase64(key), id = fromBase64(keyId);
      if (typeof account !== "string" || raw.length !== 32 || id.length !== 8) throw new TypeError("not a key");
      return [account, id, await importMaster(raw)];
    } catch {
      storage.removeItem(name);
    }
  }
  return undefined;
}

const entriesOf = (storage) => Object.keys(storage)
  .filter((name) => name === NAME || name.startsWith(sharedName("")))
  .map((name) => [storage, name]);

/**
 * Remove the kept master key and whatever else of ours is in these storages, but for the note of a wipe; with an
 * account, from local storage only if it is that account's. Answers how many entries are still there.
 */
export function forgetMaster(account) {
  let left = 0;
  for (const storage of storages()) {
    for (const name of Object.keys(storage)) {
      if (!name.startsWith("hearth.") || name === WIPING) continue;
      const ofOne = [sharedName, storedName].some((named) => name.startsWith(named("")) && name !== named(account));
      if (account !== undefined && ofOne) continue;
      storage.removeItem(name);
      if (storage.getItem(name) !== null) left += 1;
    }
  }
  return left;
}

const storedName = (account) => `${STORED}:${account}`;
const withKey = (account) => storages().find(
  (storage) => storage.getItem(NAME) !== null || storage.getItem(sharedName(account)) !== null,
);

/** Note beside the key that the account's chats are stored. */
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
    return localStorage.getItem(WIPING);
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
  try {
    localStorage.setItem(WIPING, account);
  } catch {
    // Full or forbidden: then the missing key has to say it alone.
  }
}

/** Nothing is left of whom the wipe was for. */
export function endWipe() {
  try {
    localStorage.removeItem(WIPING);
  } catch {
    // Forbidden: there is no note.
  }
}

/** Write down, or cross out, that the server has not heard of the sign-out. */
export function noteUnended(unended) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${UNENDED}=1; Path=/; SameSite=Strict; Max-Age=${unended ? UNENDED_S : 0}${secure}`;
}

/** Whether the server has not heard of the sign-out. */
export function isUnended() {
  return document.cookie.split("; ").some((each) => each.startsWith(`${UNENDED}=`));
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, {
  admitMaster, recallMaster, forgetMaster, noteStored, hadStored, isWiping, beginWipe, endWipe, noteUnended, isUnended,
});

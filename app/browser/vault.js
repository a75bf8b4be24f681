/**
 * The master key between page loads: in session storage, or in local storage with "Stay signed in". Its
 * bytes stay on this side of the border: they never enter Python's heap, and what leaves is a
 * non-extractable CryptoKey.
 */

const NAME = "hearth.key";

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
  try {
    (stay ? localStorage : sessionStorage).setItem(NAME, kept);
  } catch {
    // Full or forbidden: a reload will ask for the password again.
  }
  return key;
}

/** The kept master key: `[account, keyId, key]`, or undefined when none is kept or what is kept is not one. */
export async function recallMaster() {
  for (const storage of storages()) {
    const kept = storage.getItem(NAME);
    if (kept === null) continue;
    try {
      const { account, keyId, key } = JSON.parse(kept);
      const raw = fromBase64(key), id = fromBase64(keyId);
      if (typeof account !== "string" || raw.length !== 32 || id.length !== 8) throw new TypeError("not a key");
      return [account, id, await importMaster(raw)];
    } catch {
      storage.removeItem(NAME);
    }
  }
  return undefined;
}

/** Remove the kept master key, and whatever else of ours is in these storages. Answers what is still there. */
export function forgetMaster() {
  let left = 0;
  for (const storage of storages()) {
    for (const name of Object.keys(storage).filter((name) => name.startsWith("hearth."))) {
      storage.removeItem(name);
      if (storage.getItem(name) !== null) left += 1;
    }
  }
  return left;
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, { admitMaster, recallMaster, forgetMaster });

/**
 * The note that takes the place of the kept key when the session is over and nobody asked for that: whose data stays,
 * and the e-mail address for the sign-in form. The address is sealed, as the key is, under a half that lies elsewhere;
 * beside a kept key it lies sealed under that key's half, so that it is known by then.
 */

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");
const NONCE_BYTES = 12;

/** In session storage, or in local storage with "Stay signed in"; there each account's has a name of its own. */
export const lockName = (account) => `${NAMES.locked}:${account}`;
export const isLockName = (name) => name.startsWith(lockName(""));

const toBase64 = (raw) => btoa(String.fromCharCode(...raw));
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** It opens in its own place only: for its account and under its half. */
const place = (iv, account, half) => ({
  name: "AES-GCM", iv, additionalData: new TextEncoder().encode(JSON.stringify([NAMES.sealedAddress, 1, account, half])),
});

/** @param {{ id: string, key: CryptoKey }} half */
export async function sealAddress(half, account, address) {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const text = new TextEncoder().encode(address);
  const sealed = await crypto.subtle.encrypt(place(nonce, account, half.id), half.key, text);
  return { nonce: toBase64(nonce), sealed: toBase64(new Uint8Array(sealed)) };
}

/** The address of an entry or a note; empty when it has none, or it does not open any more. */
export async function openAddress({ account, half, address }) {
  try {
    const key = await hearth.readHalf(half);
    const name = place(fromBase64(address.nonce), account, half);
    return new TextDecoder().decode(await crypto.subtle.decrypt(name, key, fromBase64(address.sealed)));
  } catch {
    return "";
  }
}

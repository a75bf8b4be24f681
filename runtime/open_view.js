/**
 * The page's first module: opens the view that was kept of the last visit and has it drawn, before Python runs. Its two
 * reads, of the key's other half and of the sealed view, begin as soon as this script does. What does not open is not
 * drawn: it was sealed by another build of the page, for another account, or is damaged.
 */

import "../app/page/dom.js";
import "../app/page/first_view.js";
import "../app/hearth/browser/crypto/records.js";
import { firstMaster } from "../app/hearth/browser/keys/first_key.js";

const { boot, dom, records, view } = /** @type {FirstKernels} */ (/** @type {unknown} */ (globalThis.hearth));

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/**
 * What is kept of an account's last view, sealed; undefined when there is none. The database is let go of at once.
 * @param {string} account
 * @returns {Promise<Bytes | undefined>}
 */
async function readSealed(account) {
  const opening = indexedDB.open(NAMES.accounts + account);
  opening.onupgradeneeded = () => opening.transaction?.abort(); // there is no such database
  const database = await done(opening);
  try {
    return (await done(database.transaction(NAMES.kept).objectStore(NAMES.kept).get(NAMES.firstView)))?.sealed;
  } finally {
    database.close();
  }
}

/** The view as JSON text; undefined when there is none. Throws when it does not open. */
async function open() {
  /** @type {Promise<Bytes | undefined> | undefined} */
  let reading;
  const found = await firstMaster((account) => {
    reading = readSealed(account);
    reading.catch(() => undefined); // awaited below, unless the key does not open
  });
  const sealed = await reading;
  if (!found || !sealed) return undefined;
  const ring = records.makeRing(found.account, found.key, found.keyId);
  try {
    return new TextDecoder().decode(await records.openKept(ring, `${NAMES.firstView} ${view.build()}`, sealed));
  } finally {
    records.dropRing(ring);
  }
}

/** Wait until the document is there, whose scripts need not have run. */
async function parsed() {
  if (document.readyState !== "loading") return;
  await new Promise((resolve) => document.addEventListener("readystatechange", resolve, { once: true }));
}

async function show() {
  const json = await open();
  if (!json) return;
  await parsed();
  boot.keyFound();
  if (view.draw(json)) await new Promise((resolve) => dom.afterPaint(() => resolve(undefined)));
}

show().catch(() => undefined).finally(() => boot.begin());

/**
 * Deleting what is stored, and looking again: databases, and in Cache Storage whatever is not a file of the
 * page itself. The master key with its halves and the notes beside it are `vault.js`' own.
 */

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");
const PAGES = new Set(["/", "/index.html"]);
const IMMUTABLE = "/-/";

const deleted = (name) => new Promise((resolve, reject) => {
  // A page that holds it is asked to let go (`versionchange`); as long as one does not, nothing happens here.
  const request = indexedDB.deleteDatabase(name);
  request.onsuccess = () => resolve();
  request.onerror = () => reject(request.error);
});

async function databases(isMeant) {
  return (await indexedDB.databases()).map(({ name }) => name).filter(isMeant);
}

async function deleteDatabases(isMeant) {
  const names = await databases(isMeant);
  if (!names.length) return [];
  await Promise.all(names.map(deleted));
  return databases(isMeant);
}

/** In another app's page, what caches and PyScript's databases keep is that app's, and stays. */
const isHearths = () => Boolean(globalThis.hearth.boot);
const isRuntime = (name) => isHearths() && name.startsWith(NAMES.pyscript);
const isOf = (account) => (name) => name === NAMES.accounts + account || name.startsWith(`${NAMES.accounts + account}:`);

/** What a cache holds that is not a file of the page: deleted, and the addresses that stayed. */
async function deleteAnswers() {
  const left = [];
  for (const name of await globalThis.caches?.keys() ?? []) {
    if (name.startsWith(NAMES.shares)) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url);
      if (PAGES.has(pathname) || pathname.startsWith(IMMUTABLE)) continue;
      if (!await cache.delete(request, { ignoreVary: true })) left.push(pathname);
    }
  }
  return left;
}

/** Delete the databases of an account, or of all, and look again. Answers what is still there: nothing, or it failed. */
export async function wipeStores(account) {
  const isMeant = account === undefined ? (name) => name.startsWith(NAMES.accounts) : isOf(account);
  const left = await deleteDatabases((name) => isMeant(name) || isRuntime(name));
  return isHearths() ? [...left, ...await deleteAnswers()] : left;
}

/** Delete the databases of every account but one, and look again. Answers the names that are still there. */
export function wipeOthers(account) {
  const isOwn = isOf(account);
  return deleteDatabases((name) => name.startsWith(NAMES.accounts) && !isOwn(name));
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, { wipeStores, wipeOthers });

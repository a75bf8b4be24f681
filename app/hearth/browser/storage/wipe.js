/**
 * Deleting what is stored, and looking again: databases, and in Cache Storage whatever is not a file of the
 * page itself. The master key with its halves and the notes beside it are `vault.js`' own.
 */

const PREFIX = "hearth:";
/** Empty databases of PyScript's own, which hold nothing of the person and go all the same. */
const RUNTIME_PREFIX = "IDBMap/";
const HALVES = "hearth-halves";
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

const isRuntime = (name) => name.startsWith(RUNTIME_PREFIX);
const isOf = (account) => (name) => name === PREFIX + account || name.startsWith(`${PREFIX + account}:`);

/** What a cache holds that is not a file of the page: deleted, and the addresses that stayed. */
async function deleteAnswers() {
  const left = [];
  for (const name of await globalThis.caches?.keys() ?? []) {
    if (name.startsWith(HALVES)) continue;
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
  const isMeant = account === undefined ? (name) => name.startsWith(PREFIX) : isOf(account);
  const left = await deleteDatabases((name) => isMeant(name) || isRuntime(name));
  return [...left, ...await deleteAnswers()];
}

/** Delete the databases of every account but one, and look again. Answers the names that are still there. */
export function wipeOthers(account) {
  const isOwn = isOf(account);
  return deleteDatabases((name) => name.startsWith(PREFIX) && !isOwn(name));
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, { wipeStores, wipeOthers });

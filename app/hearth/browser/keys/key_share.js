/**
 * The other half of the kept master key: 32 random bytes under which `vault.js` seals the key before it puts it into
 * session or local storage. Browsers keep those storages in logs that a removal does not empty; each half lies in a
 * file of its own, the body of an answer in Cache Storage, which is unlinked when it is deleted. What a removed entry
 * leaves in a log opens with nothing then.
 *
 * A half that a page uses is held by a shared Web Lock as long as that page lives, so that a page that starts without
 * a key leaves it to the other one.
 */

const CACHE = "hearth-halves";
const ADDRESS = "/half/";
const LOCK = "hearth:half:";
const BYTES = 32;

/** A sign-in waits no longer for the file, of which it needs nothing; a start does, as it needs what is in it. */
const WRITE_MS = 1_000, READ_MS = 5_000;

const ignore = () => undefined;
/** What failed, was forbidden or took too long is undefined: halves are missing rather than in the way. */
const within = (most, promise) => Promise.race([promise.catch(ignore), new Promise((give) => setTimeout(give, most))]);

/** Id to a function that lets go of it and answers when it has. */
const held = new Map();

function hold(id) {
  if (held.has(id) || !navigator.locks) return;
  let letGo;
  const until = new Promise((resolve) => { letGo = resolve; });
  const gone = navigator.locks.request(LOCK + id, { mode: "shared" }, () => until).catch(ignore);
  held.set(id, () => (letGo(), gone));
}

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
  await (await caches.open(CACHE)).put(ADDRESS + id, new Response(raw.slice()));
  return { id, key: await importHalf(raw) };
}

async function read(id) {
  const answer = await caches.match(ADDRESS + id, { cacheName: CACHE });
  return answer && importHalf(new Uint8Array(await answer.arrayBuffer()));
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

async function usedElsewhere() {
  const { held: locks } = await navigator.locks?.query() ?? { held: [] };
  return new Set(locks.filter(({ name }) => name.startsWith(LOCK)).map(({ name }) => name.slice(LOCK.length)));
}

const idOf = ({ url }) => new URL(url).pathname.slice(ADDRESS.length);

/**
 * Delete every half but `spared` (a set of ids) and, unless `all`, those that other pages use, and look again.
 * Answers how many are still there that should not be.
 */
export async function forgetHalves(spared, all) {
  prepared = undefined;
  await release([...held.keys()].filter((id) => !spared.has(id)));
  // Forbidden, or not there at all: then there never was a half.
  if (!await globalThis.caches?.has(CACHE).catch(ignore)) return 0;
  const used = all ? new Set() : await usedElsewhere();
  const stays = (request) => [spared, used].some((ids) => ids.has(idOf(request))) || idOf(request) === prepared?.id;
  const cache = await caches.open(CACHE);
  await Promise.all((await cache.keys()).filter((each) => !stays(each)).map((each) => cache.delete(each)));
  const left = await cache.keys();
  if (left.length === 0) await caches.delete(CACHE);
  return left.filter((each) => !stays(each)).length;
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, { prepareHalf, takeHalf, readHalf, forgetHalves });

/**
 * The service worker: the page and its runtime from Cache Storage, so that a second visit fetches only the page
 * itself, and a visit without a network starts all the same. It holds nothing but the build's own files: the API,
 * the socket and every other address pass by it.
 *
 * Versions do not mix: a page names its files by their content, and the page kept here for offline use is the one
 * whose files are kept beside it. A new version takes over at once, since no page asks for another's files.
 */
"use strict";

/**
 * Filled in by the build; `marker` is a file that only this page names.
 * @type {{ version: string, page: string, files: string[], marker: string }}
 */
const PRECACHE = /** @type {any} */ ("__HEARTH_PRECACHE__");
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");
const CACHE = NAMES.files + PRECACHE.version;
const IMMUTABLE = "/-/";
const PAGES = new Set(["/", PRECACHE.page]);

/** The page has just started when this worker comes: let it have the machine to itself for a while. */
const PAUSE_MS = 3000;
/** A network that is there but does not answer is given up after this long, when there is a page to show instead. */
const PATIENCE_MS = 4000;

/** @param {number} ms */
const pause = (ms) => new Promise((/** @type {(value?: undefined) => void} */ resolve) => setTimeout(resolve, ms));

/**
 * @param {string} address
 * @param {RequestInit} options
 */
const fetched = async (address, options) => {
  const response = await fetch(address, options);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response;
};

/** Keep what starting needs: from the version before where the file is the same, else from the HTTP cache. */
const install = async () => {
  await pause(PAUSE_MS);
  const cache = await caches.open(CACHE);
  for (const address of PRECACHE.files) {
    const kept = await caches.match(address, { ignoreVary: true });
    await cache.put(address, kept ?? (await fetched(address, { cache: "force-cache" })));
  }
  const page = await fetched(PRECACHE.page, { cache: "no-cache" });
  if (!(await page.clone().text()).includes(PRECACHE.marker)) {
    throw new Error("the server has moved on to another version"); // the browser tries again with that one
  }
  await cache.put(PRECACHE.page, page);
  await worker.skipWaiting();
};

const activate = async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith(NAMES.files) && name !== CACHE) await caches.delete(name);
  }
  await worker.clients.claim();
};

/** @param {Request} request */
const keptFile = async (request) => {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url, { ignoreVary: true })) ?? fetch(request);
};

/**
 * The page from the network, or, without one, as it was when this worker was installed. Navigation preload would
 * win a few milliseconds, but in Firefox a preload that fails ends the navigation, whatever is answered here.
 * @param {Request} request
 */
const page = async (request) => {
  const network = fetch(request);
  const kept = await (await caches.open(CACHE)).match(PRECACHE.page, { ignoreVary: true });
  if (!kept) return network;
  const answered = network.then((response) => (response.status < 500 ? response : kept));
  return Promise.race([answered.catch(() => kept), pause(PATIENCE_MS).then(() => kept)]);
};

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(IMMUTABLE)) event.respondWith(keptFile(request));
  else if (request.mode === "navigate" && PAGES.has(url.pathname)) event.respondWith(page(request));
});

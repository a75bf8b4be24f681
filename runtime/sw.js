/**
 * The service worker: the page and its runtime from Cache Storage, so that a second visit fetches only the page
 * itself, and a visit without a network starts all the same. It holds nothing but the build's own files: the API,
 * the socket and every other address pass by it.
 *
 * Versions do not mix: a page names its files by their content, and the page kept here for offline use is the one
 * whose files are kept beside it. A new version takes over at once, since no page asks for another's files.
 */
"use strict";

/** Filled in by the build: {version, page, files: [address], marker}; `marker` is a file that only this page names. */
const PRECACHE = "__HEARTH_PRECACHE__";
const PREFIX = "hearth-files-";
const CACHE = PREFIX + PRECACHE.version;
const IMMUTABLE = "/-/";
const PAGES = new Set(["/", PRECACHE.page]);

/** The page has just started when this worker comes: let it have the machine to itself for a while. */
const PAUSE_MS = 3000;
/** A network that is there but does not answer is given up after this long, when there is a page to show instead. */
const PATIENCE_MS = 4000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

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
  await self.skipWaiting();
};

const activate = async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
};

const keptFile = async (request) => {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url, { ignoreVary: true })) ?? fetch(request);
};

/**
 * The page from the network, or, without one, as it was when this worker was installed. Navigation preload would
 * win a few milliseconds, but in Firefox a preload that fails ends the navigation, whatever is answered here.
 */
const page = async (request) => {
  const network = fetch(request);
  const kept = await (await caches.open(CACHE)).match(PRECACHE.page, { ignoreVary: true });
  if (!kept) return network;
  const answered = network.then((response) => (response.status < 500 ? response : kept));
  return Promise.race([answered.catch(() => kept), pause(PATIENCE_MS).then(() => kept)]);
};

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(IMMUTABLE)) event.respondWith(keptFile(request));
  else if (request.mode === "navigate" && PAGES.has(url.pathname)) event.respondWith(page(request));
});

/**
 * Makes the start-up snapshot under Node.js: boots Pyodide, imports what the page imports, and writes the
 * memory of the interpreter to a file. `node snapshot.mjs PLAN` where PLAN is a JSON file:
 * {pyodide, archive, mount, required: [module], optional: [module], lighten, prelude, hashSeed, lock, output}.
 *
 * What the memory must not hold: anything that is different for each page. See `restored` in interpreter.mjs
 * for what is made anew when the page starts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const plan = JSON.parse(readFileSync(String(process.argv[2]), "utf8"));
const { loadPyodide } = await import(pathToFileURL(`${plan.pyodide}/pyodide.mjs`).href);

/** Names that a module may import from `js` and that Node.js lacks; in the page the real thing takes their place. */
const BROWSER_ONLY = [
  "CSS", "DOMParser", "IDBKeyRange", "IntersectionObserver", "MutationObserver", "Notification",
  "ResizeObserver", "XMLHttpRequest", "alert", "caches", "cancelAnimationFrame", "confirm", "customElements",
  "document", "getComputedStyle", "history", "indexedDB", "localStorage", "location", "matchMedia", "navigator",
  "parent", "requestAnimationFrame", "requestIdleCallback", "self", "sessionStorage", "top", "visualViewport",
  "WebSocket", "window",
];
/** @type {Map<string | symbol, object>} */
const standIns = new Map(BROWSER_ONLY.filter((name) => !(name in globalThis)).map((name) => [name, {}]));
const jsglobals = new Proxy(globalThis, {
  get: (target, name, receiver) => standIns.get(name) ?? Reflect.get(target, name, receiver),
  has: (target, name) => standIns.has(name) || Reflect.has(target, name),
});

/**
 * Overwrite memory that was used and freed with zeros, which cost nothing to send: take every free block, large
 * ones first, until the allocator has to go beyond what was ever in use.
 * @param {{ _malloc(size: number): number, _free(block: number): void, HEAPU8: Uint8Array }} module
 */
const scrub = (module) => {
  const { _malloc, _free } = module;
  const end = module.HEAPU8.findLastIndex((byte) => byte !== 0);
  const taken = [];
  for (let size = 1 << 18; size >= 64; size >>= 1) {
    for (let block = _malloc(size); block !== 0; block = _malloc(size)) {
      taken.push(block);
      module.HEAPU8.fill(0, block, block + size); // the last one, too: what it ends in may have been in use
      if (block + size > end) break;
    }
  }
  taken.forEach(_free);
};

const py = await loadPyodide({
  _makeSnapshot: true,
  jsglobals,
  lockFileContents: plan.lock,
  env: { PYTHONHASHSEED: plan.hashSeed },
  stderr: (/** @type {string} */ line) => console.error(line),
});
py.FS.writeFile(plan.mount, readFileSync(plan.archive));
const scope = py.toPy({ __name__: "snapshot_prelude" });
try {
  py.runPython(readFileSync(plan.prelude, "utf8"), { globals: scope });
  const prepare = scope.get("prepare");
  prepare(JSON.stringify(plan));
  prepare.destroy();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
scope.destroy();
scrub(py._module);
writeFileSync(plan.output, py.makeMemorySnapshot());

/**
 * A page as far as the key store asks for one, in Node.js with Pyodide: `node page_in_node.mjs PLAN`, where PLAN is a JSON file
 * {pyodide, folders, scripts, names, scenario}. Prints what the scenario's `run()` answers.
 */
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { pathToFileURL } from "node:url";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));

class FakeStorage {
  getItem(name) { return Object.hasOwn(this, name) ? this[name] : null; }
  setItem(name, value) { this[name] = String(value); }
  removeItem(name) { delete this[name]; }
}

const kept = new Map();
const cacheOf = (name) => {
  const answers = kept.get(name) ?? new Map();
  kept.set(name, answers);
  return {
    put: async (url, response) => { answers.set(url, new Uint8Array(await response.arrayBuffer())); },
    keys: async () => [...answers.keys()].map((url) => ({ url })),
    delete: async (url) => answers.delete(url),
  };
};
const caches = {
  keys: async () => [...kept.keys()],
  open: async (name) => cacheOf(name),
  has: async (name) => kept.has(name),
  delete: async (name) => kept.delete(name),
  match: async (url, { cacheName }) => {
    const found = kept.get(cacheName)?.get(url);
    return found && { arrayBuffer: async () => found.slice().buffer };
  },
};

const lines = new Map();
const abortError = () => new DOMException("given up", "AbortError");
function pump(name) {
  const line = lines.get(name);
  while (line.length && !line[0].held) {
    const [first] = line;
    if (line.some((each) => each.held && !(each.shared && first.shared))) return;
    give(name, first);
  }
}
function give(name, request) {
  request.held = true;
  const line = lines.get(name);
  Promise.resolve().then(() => request.callback({ name })).then(
    (value) => { leave(name, request); request.resolve(value); },
    (error) => { leave(name, request); request.reject(error); },
  );
  return line;
}
function leave(name, request) {
  const line = lines.get(name);
  if (line.includes(request)) line.splice(line.indexOf(request), 1);
  pump(name);
}
const locks = {
  request(name, options, callback) {
    const line = lines.get(name) ?? [];
    lines.set(name, line);
    return new Promise((resolve, reject) => {
      const request = { callback, resolve, reject, shared: options.mode === "shared", held: false };
      if (options.steal) {
        for (const each of line.splice(0).filter(({ held }) => held)) each.reject(abortError());
        line.unshift(request);
        give(name, request);
        return;
      }
      if (options.ifAvailable && line.some(({ held }) => held)) {
        Promise.resolve().then(() => callback(null)).then(resolve, reject);
        return;
      }
      options.signal?.addEventListener("abort", () => {
        if (request.held) return;
        leave(name, request);
        reject(abortError());
      });
      line.push(request);
      pump(name);
    });
  },
  async query() {
    const all = [...lines].flatMap(([name, line]) => line.map(({ held }) => ({ name, held })));
    return { held: all.filter(({ held }) => held), pending: all.filter(({ held }) => !held) };
  },
};

const ignored = () => undefined;
const page = {
  sessionStorage: new FakeStorage(), localStorage: new FakeStorage(), caches,
  navigator: { locks, storage: { persist: async () => true } },
  location: { origin: "https://hearth.test", protocol: "https:", href: "https://hearth.test/" },
  indexedDB: { databases: async () => [], cmp: ignored },
  addEventListener: ignored, removeEventListener: ignored,
  document: {
    cookie: "", addEventListener: ignored, removeEventListener: ignored, documentElement: { append: ignored },
    createElement: () => ({ contentWindow: { caches }, remove: ignored }),
  },
};
try {
  const { loadPyodide } = await import(pathToFileURL(`${plan.pyodide}/pyodide.mjs`).href);
  const python = await loadPyodide();
  for (const [name, value] of Object.entries(page)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  globalThis.crypto ??= webcrypto;
  globalThis.CryptoKey ??= webcrypto.CryptoKey;
  for (const script of plan.scripts) {
    const text = readFileSync(script, "utf8").replace('"__HEARTH_NAMES__"', JSON.stringify(plan.names));
    await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
  }
  for (const [path, folder] of Object.entries(plan.folders)) python.mountNodeFS(path, folder);
  python.runPython("import sys; sys.path += ['/app', '/packages']");
  const scope = python.toPy({ __name__: "scenario" });
  python.runPython(readFileSync(plan.scenario, "utf8"), { globals: scope });
  console.log(await scope.get("run")());
} catch (error) {
  console.error(error.message); // without the stack, which is Pyodide's
  process.exit(1);
}
process.exit(0);

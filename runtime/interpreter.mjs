/**
 * The interpreter that PyScript loads: Pyodide, started from a memory snapshot made at build time.
 *
 * The start begins when this module is evaluated, while PyScript's core is still being parsed, or once the view of the
 * last visit is on screen; `loadPyodide` hands over what is then under way. A snapshot that is missing, damaged or of another version costs time,
 * never the page: Pyodide is then started in the ordinary way, with one line in the console.
 */
import { loadPyodide as startPyodide, version } from "__HEARTH_PYODIDE__";

/** Filled in by the build. @type {RuntimeFiles} */
const RUNTIME = /** @type {any} */ ("__HEARTH_RUNTIME__");

/** Where `hearth.browser.on_demand` finds the modules that are in no snapshot. */
(globalThis.hearth ??= {}).onDemand = RUNTIME.onDemand;

/** How hard a password is to guess, from 0 to 4; the library comes with the first question. */
globalThis.hearth.passwordScore = async (password) => (await import(RUNTIME.passwordScore)).score(password);

/**
 * Pyodide makes a Python exception of what has a name, a message and a stack. An error that WebKit makes while no script
 * runs, of a request that failed, has no stack of its own, and whoever awaits it in Python would wait for ever.
 */
if (!("stack" in Error.prototype)) {
  Object.defineProperty(Error.prototype, "stack", { value: "", writable: true, configurable: true });
}

/**
 * Where Python's output goes: to the console until PyScript names its own sinks.
 * @type {{ stdout: (line: string) => void, stderr: (line: string) => void }}
 */
const sinks = { stdout: (line) => console.log(line), stderr: (line) => console.error(line) };
const options = () => ({
  indexURL: RUNTIME.indexURL,
  packageBaseUrl: new URL(RUNTIME.packages, location.href).href,
  lockFileContents: RUNTIME.lock,
  stdout: (/** @type {string} */ line) => sinks.stdout(line),
  stderr: (/** @type {string} */ line) => sinks.stderr(line),
});

/** @param {string} url */
const bytesOf = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/** @param {ArrayBuffer} buffer */
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Download the snapshot into `image` and make sure that every byte is what the build made.
 * @param {Uint8Array} image
 */
const fill = async (image) => {
  const { url, length, sha256, runs } = RUNTIME.snapshot;
  const bytes = await bytesOf(url);
  if (bytes.length !== length) throw new Error("the snapshot is truncated");
  const digest = crypto.subtle.digest("SHA-256", bytes);
  let read = 0;
  for (const [offset, size] of runs) image.set(bytes.subarray(read, (read += size)), offset);
  if (hex(await digest) !== sha256) throw new Error("the snapshot is damaged");
};

/**
 * Put a file at `path` whose content is fetched when Python first opens it. A module that the snapshot lacks
 * is imported that way: synchronously, as `import` is, and at the cost of one request.
 * @param {FileSystem} FS
 * @param {string} path
 * @param {string} url
 */
const mountLazily = (FS, path, url) => {
  FS.writeFile(path, new Uint8Array(0));
  const { node } = FS.lookupPath(path);
  const ordinary = node.stream_ops;
  node.stream_ops = {
    ...ordinary,
    open(/** @type {{ stream_ops: object }} */ stream) {
      const request = new XMLHttpRequest();
      request.open("GET", url, false);
      request.overrideMimeType("text/plain; charset=x-user-defined"); // a synchronous answer is text only
      try {
        request.send();
      } catch {
        // No network: `status` stays 0. Whatever else is thrown here would end Python, not the import alone.
      }
      if (request.status !== 200) throw new FS.ErrnoError(29); // EIO
      console.info(`Hearth: fetched ${url}, for a module that the start-up snapshot lacks.`);
      node.contents = Uint8Array.from(request.responseText, (char) => char.charCodeAt(0) & 255);
      node.usedBytes = node.contents.length;
      node.stream_ops = stream.stream_ops = ordinary;
    },
  };
};

/**
 * What a snapshot must not replay: the state of `random`, and the time zone of the machine that built it. The
 * zone is found as CPython finds it at an ordinary start. `secrets`, `uuid` and `os.urandom` hold no state.
 */
const RESTORED = `
def restore():
    import random
    import time

    random.seed()
    year = time.localtime().tm_year
    seasons = [time.localtime(time.mktime((year, month, 1, 0, 0, 0, 0, 0, -1))) for month in (1, 7)]
    winter, summer = sorted(seasons, key=lambda moment: moment.tm_gmtoff)
    time.timezone, time.altzone = -winter.tm_gmtoff, -summer.tm_gmtoff
    time.tzname = (winter.tm_zone, summer.tm_zone)
    time.daylight = int(winter.tm_gmtoff != summer.tm_gmtoff)
restore()
del restore
`;

const fromSnapshot = async () => {
  // Pyodide needs only the size before WebAssembly is instantiated, so that the download and the check of the
  // snapshot run beside the compilation instead of before it.
  const image = new Uint8Array(RUNTIME.snapshot.size);
  const filled = fill(image);
  const factory = import(`${RUNTIME.indexURL}pyodide.asm.mjs`);
  for (const part of [filled, factory]) part.catch(() => {}); // awaited below, perhaps after it has failed
  const createPyodideModule = async (/** @type {object} */ settings) => {
    const [module] = await Promise.all([factory.then(({ default: create }) => create(settings)), filled]);
    return module;
  };
  const pyodide = await startPyodide({
    ...options(),
    stdLibURL: RUNTIME.placeholder,
    createPyodideModule,
    _loadSnapshot: image,
  });
  mountLazily(pyodide.FS, RUNTIME.stdlib.mount, RUNTIME.stdlib.url);
  mountLazily(pyodide.FS, RUNTIME.archive.mount, RUNTIME.archive.url);
  pyodide.runPython(RESTORED);
  return pyodide;
};

const ordinarily = async (wishes = {}) => {
  const archive = bytesOf(RUNTIME.archive.url);
  const pyodide = await startPyodide({ ...options(), ...wishes });
  pyodide.FS.writeFile(RUNTIME.archive.mount, await archive);
  pyodide.runPython(`import sys; sys.path.append("${RUNTIME.archive.mount}"); del sys`);
  return pyodide;
};

const start = async () => {
  let how = "snapshot";
  const pyodide = await fromSnapshot().catch((error) => {
    how = "ordinary";
    console.info(`Hearth: started without the snapshot (${error.message.trim().split("\n").at(-1)}).`);
    return ordinarily();
  });
  performance.mark("hearth:interpreter-ready", { detail: { how } });
  return pyodide;
};

const early = (globalThis.hearth?.boot?.mayBegin?.() ?? Promise.resolve()).then(start);
early.catch(() => {}); // reported to whoever awaits loadPyodide

/**
 * Pyodide's `loadPyodide` as PyScript calls it; with packages to load it starts an interpreter of its own.
 * @param {Parameters<typeof startPyodide>[0]} [wishes]
 */
export const loadPyodide = async (wishes = {}) => {
  const { stdout, stderr, packages, lockFileContents, ...rest } = wishes;
  if (stdout) sinks.stdout = stdout;
  if (stderr) sinks.stderr = stderr;
  if (lockFileContents) return ordinarily({ ...rest, packages, lockFileContents });
  const pyodide = await early;
  if (packages?.length) await pyodide.loadPackage(packages);
  return pyodide;
};

export { version };

/**
 * The types of the JavaScript kernels. Each file adds its functions to `hearth` under a name of its own; what another script
 * calls of it is spelt out here, what Python calls in `js_kernels.pyi`.
 */
interface Kernels {
  boot?: { mayBegin?(): Promise<void>; [name: string]: unknown };
  dom?: { drawEarly(parent: Element, items: Item[]): void; [name: string]: unknown };
  view?: { drop?(): void; [name: string]: unknown };
  idb?: object;
  keys?: object;
  onDemand?: RuntimeFile & { parents: string[] };
  passwordScore?(password: string): Promise<number>;
  records?: object;
}

/** What `runtime/open_view.js` calls. */
interface FirstKernels {
  boot: { begin(): void; keyFound(): void };
  dom: { afterPaint(callback: () => void): void };
  records: {
    makeRing(account: string, key: CryptoKey, keyId: Bytes): Ring;
    openKept(ring: Ring, name: string, sealed: Bytes): Promise<Bytes>;
    dropRing(ring: Ring): void;
  };
  view: { build(): string; draw(json: string): boolean };
}

declare var hearth: Kernels | undefined;

type Bytes = Uint8Array<ArrayBuffer>;

// --- app/hearth/browser/keys/first_key.js ---

/** Whether another tab uses a share, and what it hands over. */
type Asked = [boolean, undefined | { account: string; keyId: string; key?: CryptoKey; entry?: string; note?: string; stored?: boolean }];

// --- app/page/dom.js ---

type Tree = string | [tag: string, attributes: Record<string, string> | null, ...children: Tree[]];
/** 0 in place of the tree keeps the child of that key. */
type Item = [key: string, tree: Tree | 0, inner?: Item[]];

// --- app/page/first_view.js ---

/** What `app/page/kept_view.py` makes of a screen. */
interface KeptView {
  list: Item[];
  /** How far the list is scrolled. */
  top: number;
  pane: string;
  chat: null | {
    id: string;
    title: string;
    items: Item[];
    older: boolean;
    writable: boolean;
    warning: string;
    top: number;
  };
}

// --- app/hearth/browser/crypto/records.js ---

type FieldKind = "id" | "number" | "number-or-null" | "role" | "sealed-or-null";
/** A record, or what is to be checked whether it is one. */
type Row = Record<string, any>;

/** One collection of the registry of fields. */
interface Spec {
  kinds: Map<string, FieldKind>;
  base: Set<string>;
  optional: Set<string>;
  clear: string[];
  sealed: string[];
  tagged: string[];
  keySpace: string;
  keyOwner: string;
  wrapsKey: boolean;
}

interface Registry {
  collections: Map<string, Spec>;
  laterName: RegExp;
  roles: string[];
  maxId: number;
  minSealed: number;
  keyField: string;
}

/** The key of a chat or an app with the text that it came as, or why it did not open. */
type OwnKey = { id: Bytes; key: CryptoKey; wrapped: string } | { fault: string };

/** An account's keys in use: `prefix` is `envelope.account_prefix`, `keys` maps an owner to its key. */
interface Ring {
  prefix: Bytes;
  /** Null once the keys were dropped. */
  master: { id: Bytes; key: CryptoKey } | null;
  keys: Map<string, OwnKey>;
  tagging: { secret: Bytes; key: CryptoKey } | null;
}

// --- runtime/boot.js ---

declare var trustedTypes: undefined | {
  createPolicy(name: string, rules: Record<"createScript" | "createScriptURL", (text: string) => string | null>): unknown;
};

// --- runtime/interpreter.mjs ---

declare module "__HEARTH_PYODIDE__" {
  export { loadPyodide, version } from "pyodide";
}

/** A file of the build: where it is fetched, and where Python finds it. */
type RuntimeFile = { url: string; mount: string };

/** What the build tells the interpreter. */
interface RuntimeFiles {
  indexURL: string;
  packages: string;
  lock: string;
  placeholder: string;
  stdlib: RuntimeFile;
  archive: RuntimeFile;
  /** Modules that are fetched when they are first needed; `parents` are the packages that they are in. */
  onDemand: RuntimeFile & { parents: string[] };
  /** The address of the module that says how hard a password is to guess. */
  passwordScore: string;
  /** The memory of a started interpreter: its `size`, and the `runs` of it, `[offset, size]`, that the file holds. */
  snapshot: { url: string; size: number; length: number; sha256: string; runs: [number, number][] };
}

/** A node of Emscripten's file system. */
type FileNode = { stream_ops: object; contents: Uint8Array; usedBytes: number };

/** What is used of Emscripten's file system. */
interface FileSystem {
  writeFile(path: string, data: Uint8Array): void;
  lookupPath(path: string): { node: FileNode };
  ErrnoError: new (errno: number) => Error;
}

/**
 * Bulk work on records, so that a warming never becomes Python objects: parse a frame, check its records
 * against the registry of fields, open sealed fields with WebCrypto. What a record is, and every rule,
 * comes from `app/hearth/core/records/schema.py` through `configure`; the layout of a sealed value is that of
 * `app/hearth/core/records/envelope.py`, and one contract suite holds both implementations to it.
 */

const KEY_ID = 8, NONCE = 12, FORMAT = 1, TAG = 16, KEY = 32;
const SEALED_HEAD = 1 + KEY_ID, WRAPPED_HEAD = 1 + 2 * KEY_ID;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
let registry = null;

/** Take over the registry of fields (JSON text of `model.specs_json`). */
export function configure(json) {
  registry = JSON.parse(json);
  registry.laterName = new RegExp(`^(?:${registry.laterName})$`);
  for (const spec of Object.values(registry.collections)) {
    spec.kinds = new Map(Object.entries(spec.fields));
    spec.optional = new Set(spec.optional);
    spec.base = new Set([...spec.kinds.keys()].filter((name) => !spec.optional.has(name)));
    spec.clear = [...spec.kinds.keys()].filter((name) => spec.fields[name] !== "sealed-or-null");
  }
}

const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;
const fits = {
  "id": (value) => typeof value === "string" && value.length > 0 && value.length <= registry.maxId,
  "number": isNumber,
  "number-or-null": (value) => value === null || isNumber(value),
  "role": (value) => registry.roles.includes(value),
  "sealed-or-null": (value) =>
    value === null || (typeof value === "string" && value.length >= registry.minSealed && /^A[Q-Za-f]/.test(value)),
};

/** `envelope.has_sealed_form`: all that can be said of a value without its key. */
const hasSealedForm = (value) => typeof value === "string" && value.length >= registry.minSealed &&
  value.length % 4 === 0 && /^A[Q-Za-f][A-Za-z0-9+/]*={0,2}$/.test(value);

/** `model.is_later_field`: whether a field that is not in the registry is kept as it came. */
const isLaterField = (name, value) => registry.laterName.test(name) && (value === null || hasSealedForm(value));

/** `model.check_record`: whether a record is what the registry says, or that with sealed fields which it does not know. */
export function fitsRegistry(collection, record) {
  const spec = registry.collections[collection];
  if (typeof record !== "object" || record === null || Array.isArray(record)) return false;
  let count = 0;
  for (const name in record) {
    const kind = spec.kinds.get(name);
    if (kind === undefined ? !isLaterField(name, record[name]) : !fits[kind](record[name])) return false;
    if (spec.base.has(name)) count += 1;
  }
  return count === spec.base.size;
}

/**
 * Parse the frame of a message event, once. Answers `[header as JSON text, sizes as JSON text, records by collection, refused]`;
 * `refused` counts the records left out because they break the registry. Throws `SyntaxError` when the
 * text is not a JSON object, `RangeError` when it is longer than `limit` characters.
 */
export function readFrame({ data: text }, limit) {
  if (typeof text !== "string") throw new SyntaxError("not a text frame");
  if (text.length > limit) throw new RangeError("too long");
  const frame = JSON.parse(text);
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) throw new SyntaxError("not an object");
  const { records = {}, ...header } = frame;
  if (typeof records !== "object" || records === null) throw new SyntaxError("records is not an object");
  const sizes = {}, kept = {};
  let refused = 0;
  for (const [collection, rows] of Object.entries(records)) {
    if (!Array.isArray(rows) || !Object.hasOwn(registry.collections, collection)) {
      throw new SyntaxError("records holds what is no array of a known collection");
    }
    sizes[collection] = rows.length;
    const good = rows.filter((row) => fitsRegistry(collection, row));
    refused += rows.length - good.length;
    kept[collection] = good;
  }
  return [JSON.stringify(header), JSON.stringify(sizes), kept, refused];
}

const fromBase64 = Uint8Array.fromBase64
  ? (text) => Uint8Array.fromBase64(text, { lastChunkHandling: "strict" })
  : (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

class Unsealable extends Error {}

function unpack(text, least) {
  let raw;
  try {
    raw = fromBase64(text);
  } catch {
    throw new Unsealable("format");
  }
  if (raw.length < least || raw[0] !== FORMAT) throw new Unsealable("format");
  return raw;
}

function sameBytes(left, right) {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function prefixed(text) {
  const raw = encoder.encode(text);
  const out = new Uint8Array(4 + raw.length);
  new DataView(out.buffer).setUint32(0, raw.length);
  out.set(raw, 4);
  return out;
}

/** An account's keys in use. `prefix` is `envelope.account_prefix`; `keys` maps an owner to its key. */
export function makeRing(prefix, masterKey, masterId) {
  return { prefix, master: { id: masterId, key: masterKey }, keys: new Map(), tagging: null };
}

/** Forget every key of a ring. */
export function dropRing(ring) {
  ring.keys.clear();
  ring.master = ring.tagging = null;
}

function place(ring, collection, id, field) {
  return concat(ring.prefix, prefixed(collection), prefixed(id), prefixed(field));
}

async function learn(ring, collection, spec, record) {
  const owner = `${spec.keySpace}:${record[spec.keyOwner]}`;
  const known = ring.keys.get(owner);
  if (record.wrapped_key === null || known?.wrapped === record.wrapped_key) return;
  try {
    const raw = unpack(record.wrapped_key, WRAPPED_HEAD + NONCE + KEY + TAG);
    if (!sameBytes(raw.subarray(1, SEALED_HEAD), ring.master.id)) throw new Unsealable("wrong-key");
    const id = raw.slice(SEALED_HEAD, WRAPPED_HEAD);
    const additionalData = concat(place(ring, collection, record.id, registry.keyField), id);
    const algorithm = { name: "AES-GCM", iv: raw.subarray(WRAPPED_HEAD, WRAPPED_HEAD + NONCE), additionalData };
    const body = raw.subarray(WRAPPED_HEAD + NONCE);
    const key = await crypto.subtle.unwrapKey("raw", body, ring.master.key, algorithm, "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
    ring.keys.set(owner, { id, key, wrapped: record.wrapped_key });
  } catch (error) {
    // An older key stays: a damaged copy of the record must not make what is readable unreadable.
    if (!known) ring.keys.set(owner, { fault: error instanceof Unsealable ? error.message : "damaged" });
  }
}

async function openField(ring, entry, collection, record, field) {
  if (!entry) throw new Unsealable("no-key");
  if (entry.fault) throw new Unsealable(entry.fault);
  const raw = unpack(record[field], SEALED_HEAD + NONCE + TAG);
  if (!sameBytes(raw.subarray(1, SEALED_HEAD), entry.id)) throw new Unsealable("wrong-key");
  const iv = raw.subarray(SEALED_HEAD, SEALED_HEAD + NONCE);
  const additionalData = place(ring, collection, record.id, field);
  const body = raw.subarray(SEALED_HEAD + NONCE);
  return decoder.decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, entry.key, body));
}

async function openRecord(ring, collection, spec, record) {
  const clear = {}, texts = {}, faults = {};
  for (const name of spec.clear) clear[name] = record[name] ?? null;
  const entry = ring.keys.get(`${spec.keySpace}:${record[spec.keyOwner]}`);
  await Promise.all(spec.sealed.map(async (field) => {
    texts[field] = null;
    if ((record[field] ?? null) === null) return;
    try {
      texts[field] = await openField(ring, entry, collection, record, field);
    } catch (error) {
      faults[field] = error instanceof Unsealable ? error.message : "damaged";
    }
  }));
  return { clear, texts, faults };
}

/** Open every sealed field of every record; answers JSON text of an array of `{clear, texts, faults}`. */
export async function openRecords(ring, collection, records) {
  if (ring.master === null) throw new Error("the keys were dropped");
  const spec = registry.collections[collection];
  if (spec.wrapsKey) await Promise.all(records.map((record) => learn(ring, collection, spec, record)));
  return JSON.stringify(await Promise.all(records.map((record) => openRecord(ring, collection, spec, record))));
}

const TAG_CHARS = 32;  // 16 bytes as hexadecimal digits

async function taggingKey(ring, secret) {
  if (!ring.tagging || !sameBytes(ring.tagging.secret, secret)) {
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    ring.tagging = { secret, key };
  }
  return ring.tagging.key;
}

/** `manifest.tagged_text`: what a record's tag is taken of. */
function taggedText(collection, record) {
  const { tagged, base, optional } = registry.collections[collection];
  const later = Object.keys(record).filter((name) => !base.has(name) && record[name] !== null &&
    (optional.has(name) || isLaterField(name, record[name]))).sort();
  return JSON.stringify([collection, ...tagged.map((name) => record[name] ?? null),
    ...later.map((name) => [name, record[name]])]);
}

/**
 * Count the records that are not deleted and put their tags together (`app/hearth/core/records/manifest.py`); answers JSON
 * text of `[count, digest as 32 hexadecimal digits]`.
 */
export async function fingerprint(ring, secret, collection, records) {
  const key = await taggingKey(ring, secret);
  const alive = records.filter((record) => record.deleted_at === null);
  const tags = await Promise.all(alive.map((record) =>
    crypto.subtle.sign("HMAC", key, encoder.encode(taggedText(collection, record)))));
  const words = new Uint32Array(TAG_CHARS / 8);
  for (const tag of tags) {
    const view = new DataView(tag);
    for (let at = 0; at < words.length; at += 1) words[at] ^= view.getUint32(4 * at);
  }
  return JSON.stringify([alive.length, Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("")]);
}

const toBase64 = (raw) => {
  if (raw.toBase64) return raw.toBase64();
  let text = "";
  for (let at = 0; at < raw.length; at += 8192) text += String.fromCharCode(...raw.subarray(at, at + 8192));
  return btoa(text);
};

/**
 * Seal text as the one sealed field of a record whose key has the owner's name (a chat, an app); undefined when
 * that key is not here.
 */
export async function sealField(ring, collection, owner, id, text) {
  const spec = registry.collections[collection];
  const entry = ring.keys.get(`${spec.keySpace}:${owner}`);
  if (!entry?.key) return undefined;
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const additionalData = place(ring, collection, id, spec.sealed[0]);
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, entry.key, encoder.encode(text));
  return toBase64(concat(Uint8Array.of(FORMAT), entry.id, iv, new Uint8Array(body)));
}

const KEPT = ["search", "content"];

/** Seal bytes that stay on this device: the layout of `app/hearth/core/records/envelope.py`, not in base64. */
export async function sealKept(ring, name, content) {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const additionalData = place(ring, KEPT[0], name, KEPT[1]);
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData }, ring.master.key, content);
  return concat(Uint8Array.of(FORMAT), ring.master.id, nonce, new Uint8Array(body));
}

/** Open what `sealKept` sealed. Throws when it does not open. */
export async function openKept(ring, name, raw) {
  if (!(raw instanceof Uint8Array) || raw[0] !== FORMAT || !sameBytes(raw.subarray(1, SEALED_HEAD), ring.master.id)) {
    throw new Unsealable("format");
  }
  const iv = raw.subarray(SEALED_HEAD, SEALED_HEAD + NONCE);
  const additionalData = place(ring, KEPT[0], name, KEPT[1]);
  const body = raw.subarray(SEALED_HEAD + NONCE);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, ring.master.key, body));
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, {
  configure, fitsRegistry, readFrame, makeRing, dropRing, openRecords, fingerprint, sealField, sealKept, openKept,
});

/**
 * Bulk work on records, so that a warming never becomes Python objects: parse a frame, check its records
 * against the registry of fields, open sealed fields with WebCrypto. What a record is, and every rule,
 * comes from `app/hearth/core/records/schema.py` through `configure`; the layout of a sealed value is that of
 * `app/hearth/core/records/envelope.py`, and one contract suite holds both implementations to it.
 */

const KEY_ID = 8, NONCE = 12, FORMAT = 1, TAG = 16, KEY = 32;
/** The version of the field layout: `envelope.SCHEMA`. */
const SCHEMA = 1;
const SEALED_HEAD = 1 + KEY_ID, WRAPPED_HEAD = 1 + 2 * KEY_ID;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
/** @type {Registry} */
let registry;

/** @param {string} collection */
function specOf(collection) {
  const spec = registry.collections.get(collection);
  if (!spec) throw new TypeError("there is no such collection");
  return spec;
}

/** @param {Ring} ring */
function masterOf(ring) {
  if (ring.master === null) throw new Error("the keys were dropped");
  return ring.master;
}

/**
 * Take over the registry of fields (JSON text of `schema.specs_json`).
 * @param {string} json
 */
function configure(json) {
  const { collections, laterName, ...rest } = JSON.parse(json);
  registry = { ...rest, laterName: new RegExp(`^(?:${laterName})$`), collections: new Map() };
  for (const [collection, { fields, ...spec }] of Object.entries(collections)) {
    const kinds = new Map(Object.entries(fields)), optional = new Set(spec.optional);
    const base = new Set([...kinds.keys()].filter((name) => !optional.has(name)));
    const clear = [...kinds.keys()].filter((name) => kinds.get(name) !== "sealed-or-null");
    registry.collections.set(collection, { ...spec, kinds, base, optional, clear });
  }
}

/** @param {any} value */
const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;

/** @type {Record<FieldKind, (value: any) => boolean>} */
const fits = {
  "id": (value) => typeof value === "string" && value.length > 0 && value.length <= registry.maxId,
  "number": isNumber,
  "number-or-null": (value) => value === null || isNumber(value),
  "role": (value) => registry.roles.includes(value),
  "sealed-or-null": (value) =>
    value === null || (typeof value === "string" && value.length >= registry.minSealed && /^A[Q-Za-f]/.test(value)),
};

/**
 * `envelope.has_sealed_form`: all that can be said of a value without its key.
 * @param {any} value
 */
const hasSealedForm = (value) => typeof value === "string" && value.length >= registry.minSealed &&
  value.length % 4 === 0 && /^A[Q-Za-f][A-Za-z0-9+/]*={0,2}$/.test(value);

/**
 * `schema.is_later_field`: whether a field that is not in the registry is kept as it came.
 * @param {string} name
 * @param {any} value
 */
const isLaterField = (name, value) => registry.laterName.test(name) && (value === null || hasSealedForm(value));

/**
 * `schema.check_record`: whether a record is what the registry says, or that with sealed fields which it does not know.
 * @param {string} collection
 * @param {any} record
 */
function fitsRegistry(collection, record) {
  const spec = specOf(collection);
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
 * @param {MessageEvent} message
 * @param {number} limit
 * @returns {[header: string, sizes: string, kept: Record<string, Row[]>, refused: number]}
 */
function readFrame({ data: text }, limit) {
  if (typeof text !== "string") throw new SyntaxError("not a text frame");
  if (text.length > limit) throw new RangeError("too long");
  const frame = JSON.parse(text);
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) throw new SyntaxError("not an object");
  const { records = {}, ...header } = frame;
  if (typeof records !== "object" || records === null) throw new SyntaxError("records is not an object");
  /** @type {Record<string, number>} */
  const sizes = {};
  /** @type {Record<string, Row[]>} */
  const kept = {};
  let refused = 0;
  for (const [collection, rows] of Object.entries(records)) {
    if (!Array.isArray(rows) || !registry.collections.has(collection)) {
      throw new SyntaxError("records holds what is no array of a known collection");
    }
    sizes[collection] = rows.length;
    const good = rows.filter((row) => fitsRegistry(collection, row));
    refused += rows.length - good.length;
    kept[collection] = good;
  }
  return [JSON.stringify(header), JSON.stringify(sizes), kept, refused];
}

/**
 * The lines of an answer, each as `readFrame` takes a message: none becomes a Python string on its way.
 * @param {Response} response
 */
async function readLines(response) {
  return (await response.text()).split("\n").map((data) => ({ data }));
}

/** @type {(text: string) => Bytes} */
const fromBase64 = Uint8Array.fromBase64
  ? (text) => Uint8Array.fromBase64(text, { lastChunkHandling: "strict" })
  : (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

class Unsealable extends Error {}

/** @param {unknown} error */
const reasonOf = (error) => (error instanceof Unsealable ? error.message : "damaged");

/**
 * The bytes of a sealed value or wrapped key, `least` of them.
 * @param {string} text
 * @param {number} least
 */
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

/**
 * @param {Bytes} left
 * @param {Bytes} right
 */
function sameBytes(left, right) {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** @param {Bytes[]} parts */
function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {string} text */
function prefixed(text) {
  const raw = encoder.encode(text);
  const out = new Uint8Array(4 + raw.length);
  new DataView(out.buffer).setUint32(0, raw.length);
  out.set(raw, 4);
  return out;
}

/**
 * @param {string} account
 * @param {CryptoKey} masterKey
 * @param {Bytes} masterId
 * @returns {Ring}
 */
function makeRing(account, masterKey, masterId) {
  const prefix = concat(prefixed("hearth"), Uint8Array.of(SCHEMA), prefixed(account)); // `envelope.account_prefix`
  return { prefix, master: { id: masterId, key: masterKey }, keys: new Map(), tagging: null };
}

/**
 * Forget every key of a ring.
 * @param {Ring} ring
 */
function dropRing(ring) {
  ring.keys.clear();
  ring.master = ring.tagging = null;
}

/**
 * The associated data of a field.
 * @param {Ring} ring
 * @param {string} collection
 * @param {string} id
 * @param {string} field
 */
function place(ring, collection, id, field) {
  return concat(ring.prefix, prefixed(collection), prefixed(id), prefixed(field));
}

/**
 * Open the key that a record brings.
 * @param {Ring} ring
 * @param {string} collection
 * @param {Spec} spec
 * @param {Row} record
 */
async function learn(ring, collection, spec, record) {
  const owner = `${spec.keySpace}:${record[spec.keyOwner]}`;
  const known = ring.keys.get(owner);
  if (record.wrapped_key === null || (known && "wrapped" in known && known.wrapped === record.wrapped_key)) return;
  const master = masterOf(ring);
  try {
    const raw = unpack(record.wrapped_key, WRAPPED_HEAD + NONCE + KEY + TAG);
    if (!sameBytes(raw.subarray(1, SEALED_HEAD), master.id)) throw new Unsealable("wrong-key");
    const id = raw.slice(SEALED_HEAD, WRAPPED_HEAD);
    const additionalData = concat(place(ring, collection, record.id, registry.keyField), id);
    const algorithm = { name: "AES-GCM", iv: raw.subarray(WRAPPED_HEAD, WRAPPED_HEAD + NONCE), additionalData };
    const body = raw.subarray(WRAPPED_HEAD + NONCE);
    const key = await crypto.subtle.unwrapKey("raw", body, master.key, algorithm, "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
    ring.keys.set(owner, { id, key, wrapped: record.wrapped_key });
  } catch (error) {
    // An older key stays: a damaged copy of the record must not make what is readable unreadable.
    if (!known) ring.keys.set(owner, { fault: reasonOf(error) });
  }
}

/**
 * @param {Ring} ring
 * @param {OwnKey | undefined} entry
 * @param {string} collection
 * @param {Row} record
 * @param {string} field
 */
async function openField(ring, entry, collection, record, field) {
  if (!entry) throw new Unsealable("no-key");
  if ("fault" in entry) throw new Unsealable(entry.fault);
  const raw = unpack(record[field], SEALED_HEAD + NONCE + TAG);
  if (!sameBytes(raw.subarray(1, SEALED_HEAD), entry.id)) throw new Unsealable("wrong-key");
  const iv = raw.subarray(SEALED_HEAD, SEALED_HEAD + NONCE);
  const additionalData = place(ring, collection, record.id, field);
  const body = raw.subarray(SEALED_HEAD + NONCE);
  return decoder.decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, entry.key, body));
}

/**
 * @param {Ring} ring
 * @param {string} collection
 * @param {Spec} spec
 * @param {Row} record
 */
async function openRecord(ring, collection, spec, record) {
  /** @type {Row} */
  const clear = {};
  /** @type {Record<string, string | null>} */
  const texts = {};
  /** @type {Record<string, string>} */
  const faults = {};
  for (const name of spec.clear) clear[name] = record[name] ?? null;
  const entry = ring.keys.get(`${spec.keySpace}:${record[spec.keyOwner]}`);
  await Promise.all(spec.sealed.map(async (field) => {
    texts[field] = null;
    if ((record[field] ?? null) === null) return;
    try {
      texts[field] = await openField(ring, entry, collection, record, field);
    } catch (error) {
      faults[field] = reasonOf(error);
    }
  }));
  return { clear, texts, faults };
}

/**
 * Open every sealed field of every record; answers JSON text of an array of `{clear, texts, faults}`.
 * @param {Ring} ring
 * @param {string} collection
 * @param {Row[]} records
 */
async function openRecords(ring, collection, records) {
  masterOf(ring);
  const spec = specOf(collection);
  if (spec.wrapsKey) await Promise.all(records.map((record) => learn(ring, collection, spec, record)));
  return JSON.stringify(await Promise.all(records.map((record) => openRecord(ring, collection, spec, record))));
}

const TAG_CHARS = 32;  // 16 bytes as hexadecimal digits

/**
 * @param {Ring} ring
 * @param {Bytes} secret
 */
async function taggingKey(ring, secret) {
  if (!ring.tagging || !sameBytes(ring.tagging.secret, secret)) {
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    ring.tagging = { secret, key };
  }
  return ring.tagging.key;
}

/**
 * `manifest.tagged_text`: what a record's tag is taken of.
 * @param {string} collection
 * @param {Row} record
 */
function taggedText(collection, record) {
  const { tagged, base, optional } = specOf(collection);
  const later = Object.keys(record).filter((name) => !base.has(name) && record[name] !== null &&
    (optional.has(name) || isLaterField(name, record[name]))).sort();
  return JSON.stringify([collection, ...tagged.map((name) => record[name] ?? null),
    ...later.map((name) => [name, record[name]])]);
}

/**
 * Count the records that are not deleted and put their tags together (`app/hearth/core/records/manifest.py`); answers JSON
 * text of `[count, digest as 32 hexadecimal digits]`.
 * @param {Ring} ring
 * @param {Bytes} secret
 * @param {string} collection
 * @param {Row[]} records
 */
async function fingerprint(ring, secret, collection, records) {
  const key = await taggingKey(ring, secret);
  const alive = records.filter((record) => record.deleted_at === null);
  const tags = await Promise.all(alive.map((record) =>
    crypto.subtle.sign("HMAC", key, encoder.encode(taggedText(collection, record)))));
  const words = new Uint32Array(TAG_CHARS / 8);
  for (const tag of tags) {
    const view = new DataView(tag);
    words.forEach((word, at) => { words[at] = word ^ view.getUint32(4 * at); });
  }
  return JSON.stringify([alive.length, Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("")]);
}

/** @param {Bytes} raw */
const toBase64 = (raw) => {
  if (raw.toBase64) return raw.toBase64();
  let text = "";
  for (let at = 0; at < raw.length; at += 8192) text += String.fromCharCode(...raw.subarray(at, at + 8192));
  return btoa(text);
};

/**
 * Learn the key that was just made for an owner (a chat, an app), from its wrapped text.
 * @param {Ring} ring
 * @param {string} collection
 * @param {string} owner
 * @param {string} wrapped
 */
async function learnKey(ring, collection, owner, wrapped) {
  const spec = specOf(collection);
  await learn(ring, collection, spec, { id: owner, [spec.keyOwner]: owner, wrapped_key: wrapped });
}

/**
 * Seal a field of a record with the key of its owner (a chat, an app); undefined when that key is not here.
 * @param {Ring} ring
 * @param {string} collection
 * @param {string} owner
 * @param {string} id
 * @param {string} field
 * @param {string} text
 */
async function sealField(ring, collection, owner, id, field, text) {
  const entry = ring.keys.get(`${specOf(collection).keySpace}:${owner}`);
  if (!entry || "fault" in entry) return undefined;
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const additionalData = place(ring, collection, id, field);
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, entry.key, encoder.encode(text));
  return toBase64(concat(Uint8Array.of(FORMAT), entry.id, iv, new Uint8Array(body)));
}

/**
 * The associated data of what is kept on this device alone.
 * @param {Ring} ring
 * @param {string} name
 */
const keptPlace = (ring, name) => place(ring, "search", name, "content");

/**
 * Seal bytes that stay on this device: the layout of `app/hearth/core/records/envelope.py`, not in base64.
 * @param {Ring} ring
 * @param {string} name
 * @param {Bytes} content
 */
async function sealKept(ring, name, content) {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const master = masterOf(ring), additionalData = keptPlace(ring, name);
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData }, master.key, content);
  return concat(Uint8Array.of(FORMAT), master.id, nonce, new Uint8Array(body));
}

/**
 * Open what `sealKept` sealed. Throws when it does not open.
 * @param {Ring} ring
 * @param {string} name
 * @param {Bytes} raw
 */
async function openKept(ring, name, raw) {
  const master = masterOf(ring);
  if (!(raw instanceof Uint8Array) || raw[0] !== FORMAT || !sameBytes(raw.subarray(1, SEALED_HEAD), master.id)) {
    throw new Unsealable("format");
  }
  const iv = raw.subarray(SEALED_HEAD, SEALED_HEAD + NONCE);
  const additionalData = keptPlace(ring, name);
  const body = raw.subarray(SEALED_HEAD + NONCE);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, master.key, body));
}

(globalThis.hearth ??= {}).records = {
  readLines,
  configure, fitsRegistry, readFrame, makeRing, dropRing, openRecords, fingerprint, learnKey, sealField, sealKept, openKept,
};

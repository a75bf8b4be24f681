/**
 * Keys and sealed values with WebCrypto: PBKDF2 and HKDF for the password, AES-256-GCM bound to the place of
 * each value. The same layout, and the same checks, as `app/hearth/core/records/envelope.py` rules for Hearth.
 */

const FORMAT = 1, KEY_ID = 8, NONCE = 12, TAG = 16;
const subtle = crypto.subtle;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const fromBase64 = Uint8Array.fromBase64
  ? (text) => Uint8Array.fromBase64(text, { lastChunkHandling: "strict" })
  : (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
export const toBase64 = (raw) => btoa(String.fromCharCode(...raw));
const toHex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Length-prefixed parts, one after the other: no two lists of parts share an encoding. */
function encodeParts(...parts) {
  const raw = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const out = new Uint8Array(raw.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const part of raw) {
    view.setUint32(at, part.length);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

function join(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const accountPrefix = (account) => join(encodeParts("hearth"), Uint8Array.of(1), encodeParts(account));

/** Derive what a password stands for: the lookup hash in hex, the wrapping key and its id. */
export async function derive(password, salt, iterations) {
  const material = await subtle.importKey("raw", encoder.encode(password.normalize("NFKC")), "PBKDF2", false, [
    "deriveBits",
  ]);
  const bits = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, material, 256);
  const root = await subtle.importKey("raw", bits, "HKDF", false, ["deriveBits", "deriveKey"]);
  const hkdf = (info) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(info) });
  const [lookup, id, key] = await Promise.all([
    subtle.deriveBits(hkdf("hearth lookup v1"), root, 256),
    subtle.deriveBits(hkdf("hearth wrapping key id v1"), root, 8 * KEY_ID),
    subtle.deriveKey(hkdf("hearth wrapping key v1"), root, { name: "AES-GCM", length: 256 }, false, [
      "decrypt",
      "unwrapKey",
    ]),
  ]);
  return { lookupHash: toHex(new Uint8Array(lookup)), wrapping: { id: new Uint8Array(id), key } };
}

const importMaster = (raw) => subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt", "unwrapKey"]);

/** Open the wrapped master key: the key in use, and its bytes for the storage that keeps it between loads. */
export async function openMaster(wrapping, wrapped, account) {
  const { keyId, nonce, body } = splitWrapped(wrapped, wrapping.id);
  const place = join(accountPrefix(account), encodeParts("users", account, "master_key"));
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: join(place, keyId) };
  const raw = new Uint8Array(await subtle.decrypt(algorithm, wrapping.key, body));
  return { id: keyId, key: await importMaster(raw), raw };
}

const SHARES = "twin-shares";
const shareAddress = (account) => `/share/${account}`;
const sealedFor = (iv, account, keyId) => (
  { name: "AES-GCM", iv, additionalData: encodeParts("twin.key", account, keyId) }
);
const importShare = (raw) => subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

/** What lies in the storage between page loads: the master key, sealed under a share that lies in Cache Storage. */
export async function sealKept(account, { id, raw }) {
  const share = crypto.getRandomValues(new Uint8Array(32));
  await (await caches.open(SHARES)).put(shareAddress(account), new Response(share));
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE)), keyId = toBase64(id);
  const sealed = new Uint8Array(await subtle.encrypt(sealedFor(nonce, account, keyId), await importShare(share), raw));
  return { account, keyId, nonce: toBase64(nonce), sealed: toBase64(sealed) };
}

/** The master key of a kept entry. */
export async function recallMaster({ account, keyId, nonce, sealed }) {
  const answer = await caches.match(shareAddress(account), { cacheName: SHARES });
  const share = await importShare(await answer.arrayBuffer());
  const raw = await subtle.decrypt(sealedFor(fromBase64(nonce), account, keyId), share, fromBase64(sealed));
  return { id: fromBase64(keyId), key: await importMaster(raw) };
}

class Unsealable extends Error {}

function unpack(text, least, keyId) {
  let raw;
  try {
    raw = fromBase64(text);
  } catch {
    throw new Unsealable("format");
  }
  if (raw.length < least || raw[0] !== FORMAT) throw new Unsealable("format");
  if (!keyId.every((byte, at) => byte === raw[1 + at])) throw new Unsealable("wrong-key");
  return raw;
}

function splitWrapped(text, wrappingId) {
  const head = 1 + 2 * KEY_ID;
  const raw = unpack(text, head + NONCE + 32 + TAG, wrappingId);
  return {
    keyId: raw.slice(1 + KEY_ID, head),
    nonce: raw.subarray(head, head + NONCE),
    body: raw.subarray(head + NONCE),
  };
}

/** What each collection seals, and whose key seals it. */
const SEALS = {
  chats: { fields: ["title", "draft", "pinned"], space: "chats", owner: "id", wraps: true },
  messages: { fields: ["content", "files", "embeds", "interrupted"], space: "chats", owner: "chat_id", wraps: false },
  settings_and_memories: { fields: ["sealed"], space: "settings_and_memories", owner: "app_id", wraps: true },
};

const CONTENT = ["encrypt", "decrypt"];

/** What a tag is taken of: the fields that a record is tagged with, in their order, and the later ones by name. */
const TAGGED = {
  chats: ["id", "version", "created_at", "last_updated", "wrapped_key", "title", "draft"],
  messages: ["id", "chat_id", "role", "version", "created_at", "content", "files", "embeds"],
  settings_and_memories: ["id", "app_id", "version", "wrapped_key", "sealed"],
};

/** The exclusive or of 16 byte tags, in hex. */
export function combine(digest, ...tags) {
  const words = [0, 8, 16, 24].map((at) => parseInt(digest.slice(at, at + 8), 16));
  for (const tag of tags) words.forEach((word, at) => { words[at] = word ^ new DataView(tag).getUint32(4 * at); });
  return words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The id of an account's manifest. */
export const manifestId = (account) => uuidOf(`hearth manifest ${account}`);

const SHARDS = 128;
const shardIds = new Map();

/** The id of the manifest's shard that lists a chat. */
export async function shardId(manifest, chat) {
  const number = crc32(encoder.encode(chat)) % SHARDS;
  if (!shardIds.has(number)) shardIds.set(number, await uuidOf(`hearth shard ${manifest} ${number}`));
  return shardIds.get(number);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

async function uuidOf(text) {
  const raw = new Uint8Array(await subtle.digest("SHA-256", encoder.encode(text))).slice(0, 16);
  raw[6] = (raw[6] & 15) | 64;
  raw[8] = (raw[8] & 63) | 128;
  return toHex(raw).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** An account's keys in use. */
export class Keyring {
  #keys = new Map();
  #tagging;

  constructor(account, master) {
    this.prefix = accountPrefix(account);
    this.master = master;
  }

  /** Open every sealed field of records; each comes back as `{record, texts, faults}`. */
  async open(collection, records) {
    const seal = SEALS[collection];
    if (seal.wraps) await Promise.all(records.map((record) => this.#learn(collection, seal, record)));
    return Promise.all(records.map((record) => this.#openRecord(collection, seal, record)));
  }

  /** Seal one field of a record, which is the next version of one whose key is known. */
  async seal(collection, record, field, text) {
    const seal = SEALS[collection];
    const { id, key } = this.#keys.get(`${seal.space}:${record[seal.owner]}`);
    return sealed(key, id, this.#place(collection, record.id, field), encoder.encode(text));
  }

  /** Seal what stays on this device. */
  sealKept(name, value) {
    const place = join(this.prefix, encodeParts("kept", name, "content"));
    return sealed(this.master.key, this.master.id, place, encoder.encode(JSON.stringify(value)));
  }

  /** A record's tag under the manifest's secret. */
  async tag(secret, collection, record) {
    if (this.#tagging?.secret !== secret) {
      const algorithm = { name: "HMAC", hash: "SHA-256" };
      const key = await subtle.importKey("raw", fromBase64(secret), algorithm, false, ["sign"]);
      this.#tagging = { secret, key };
    }
    const base = TAGGED[collection], known = new Set([...base, "changed_at", "deleted_at"]);
    const later = Object.entries(record).filter(([name, value]) => !known.has(name) && value !== null).sort();
    const text = JSON.stringify([collection, ...base.map((name) => record[name]), ...later]);
    return subtle.sign("HMAC", this.#tagging.key, encoder.encode(text));
  }

  #place(collection, id, field) {
    return join(this.prefix, encodeParts(collection, id, field));
  }

  async #learn(collection, seal, record) {
    const owner = `${seal.space}:${record[seal.owner]}`;
    if (record.wrapped_key === null || this.#keys.get(owner)?.wrapped === record.wrapped_key) return;
    try {
      const { keyId, nonce, body } = splitWrapped(record.wrapped_key, this.master.id);
      const additionalData = join(this.#place(collection, record.id, "key"), keyId);
      const algorithm = { name: "AES-GCM", iv: nonce, additionalData };
      const key = await subtle.unwrapKey("raw", body, this.master.key, algorithm, "AES-GCM", false, CONTENT);
      this.#keys.set(owner, { id: keyId, key, wrapped: record.wrapped_key });
    } catch (error) {
      if (!this.#keys.has(owner)) this.#keys.set(owner, { fault: reasonOf(error) });
    }
  }

  async #openRecord(collection, seal, record) {
    const texts = {}, faults = {};
    const held = this.#keys.get(`${seal.space}:${record[seal.owner]}`) ?? { fault: "no-key" };
    await Promise.all(seal.fields.map(async (field) => {
      texts[field] = null;
      if (record[field] === null) return;
      try {
        texts[field] = await this.#openField(held, collection, record, field);
      } catch (error) {
        faults[field] = reasonOf(error);
      }
    }));
    return { record, texts, faults };
  }

  async #openField(held, collection, record, field) {
    if (held.fault) throw new Unsealable(held.fault);
    const raw = unpack(record[field], 1 + KEY_ID + NONCE + TAG, held.id);
    const iv = raw.subarray(1 + KEY_ID, 1 + KEY_ID + NONCE);
    const additionalData = this.#place(collection, record.id, field);
    const body = raw.subarray(1 + KEY_ID + NONCE);
    return decoder.decode(await subtle.decrypt({ name: "AES-GCM", iv, additionalData }, held.key, body));
  }
}

async function sealed(key, keyId, additionalData, plain) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const body = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain));
  const raw = join(Uint8Array.of(FORMAT), keyId, iv, body);
  return raw.toBase64 ? raw.toBase64() : toBase64(raw);
}

const reasonOf = (error) => (error instanceof Unsealable ? error.message : "damaged");

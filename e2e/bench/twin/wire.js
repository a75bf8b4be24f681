/** Frames: parsed once, their headers and records checked as Hearth checks them, and put in their order. */

const MAX_FRAME_CHARS = 16 * 1024 * 1024;

const isNumber = (value) => Number.isSafeInteger(value) && value >= 0;
const isId = (value) => typeof value === "string" && value.length > 0 && value.length <= 64;
const orNull = (check) => (value) => value === null || check(value);
const isSealed = (value) => typeof value === "string" && value.length >= 52 && /^A[Q-Za-f]/.test(value);
const VERSIONED = { id: isId, version: isNumber, changed_at: isNumber, deleted_at: orNull(isNumber) };
const REGISTRY = {
  chats: {
    ...VERSIONED, created_at: isNumber, last_updated: isNumber,
    wrapped_key: orNull(isSealed), title: orNull(isSealed), draft: orNull(isSealed), pinned: orNull(isSealed),
  },
  messages: {
    ...VERSIONED, chat_id: isId, role: (value) => ["user", "assistant", "system", "draft"].includes(value),
    created_at: isNumber, content: orNull(isSealed), files: orNull(isSealed), embeds: orNull(isSealed),
    interrupted: orNull(isSealed),
  },
  settings_and_memories: { ...VERSIONED, app_id: isId, wrapped_key: orNull(isSealed), sealed: orNull(isSealed) },
};

function fits(fields, record) {
  if (typeof record !== "object" || record === null) return false;
  let count = 0;
  for (const name in record) {
    if (!fields[name]?.(record[name])) return false;
    count += 1;
  }
  return count === Object.keys(fields).length;
}

/** A frame as an object whose `records` hold good records only. Throws for one that cannot be read. */
export function readFrame(text) {
  if (typeof text !== "string" || text.length > MAX_FRAME_CHARS) throw new RangeError("not a frame");
  const frame = JSON.parse(text);
  if (frame.v !== 1 || !isNumber(frame.seq)) throw new SyntaxError("not a frame of this version");
  const kept = {};
  for (const [name, rows] of Object.entries(frame.records ?? {})) {
    if (!REGISTRY[name] || rows.length !== frame.counts?.[name]) throw new SyntaxError("counts are wrong");
    kept[name] = rows.filter((row) => fits(REGISTRY[name], row));
  }
  return { ...frame, records: kept };
}

/** Puts frames in the order of `seq`; what came twice is dropped. */
export class Inbox {
  #next = 1;
  #held = new Map();

  /** Take a frame in; those that are now in order come out. */
  take(frame) {
    if (frame.seq < this.#next) return [];
    this.#held.set(frame.seq, frame);
    const ready = [];
    while (this.#held.has(this.#next)) {
      ready.push(this.#held.get(this.#next));
      this.#held.delete(this.#next);
      this.#next += 1;
    }
    return ready;
  }
}

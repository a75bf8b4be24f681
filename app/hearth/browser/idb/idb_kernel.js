/**
 * The part of `hearth.browser.idb` that is JavaScript, for two reasons. Listening: all events reach Python through the one
 * function `notify`, so that no proxy of a Python function has to be made and destroyed for each request. Bulk data:
 * thousands of records are put, read or compared without a crossing of the border for each. It decides nothing.
 *
 * `notify(owner, type, value)` answers, for an error, whether Python has dealt with it; then the transaction goes on.
 */

/** Python has its own `None` for `undefined`, and another value for `null`. */
const orNothing = (value) => value ?? undefined;

/** How a settled request ended: the type of its event, and what that brought. */
const outcome = ({ error, result }) => (error ? ["error", error] : ["success", orNothing(result)]);

function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // Python has done it already.
  }
}

function fail(request, event, notify, owner) {
  if (!notify(owner, "error", request.error)) return;
  event.preventDefault();
  event.stopPropagation();
}

function watchRequest(request, notify, owner) {
  request.onsuccess = () => { notify(owner, "success", orNothing(request.result)); };
  request.onerror = (event) => fail(request, event, notify, owner);
}

function watchTransaction(transaction, notify, owner) {
  transaction.oncomplete = () => { notify(owner, "complete", undefined); };
  transaction.onabort = () => { notify(owner, "abort", orNothing(transaction.error)); };
}

function watchDatabase(db, notify, owner) {
  db.onversionchange = ({ newVersion }) => { notify(owner, "versionchange", orNothing(newVersion)); };
  db.onclose = () => { notify(owner, "close", undefined); };
}

function watchOpening(request, notify, owner) {
  request.onblocked = () => { notify(owner, "blocked", undefined); };
  request.onsuccess = () => { notify(owner, "success", request.result); };
  request.onerror = (event) => {
    // An upgrade that was aborted ends here: nobody else has to hear of it.
    event.preventDefault?.();
    notify(owner, "error", request.error);
  };
}

function open(name, version, notify, owner) {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = ({ oldVersion }) => { notify(owner, "upgradeneeded", oldVersion); };
  watchOpening(request, notify, owner);
  return request;
}

function deleteDatabase(name, notify, owner) {
  watchOpening(indexedDB.deleteDatabase(name), notify, owner);
}

async function databaseNames() {
  return (await indexedDB.databases()).map(({ name }) => name);
}

/** Whether `getAll` takes a direction, and so reads a range from its end: the standard of `getAllRecords`. */
const READS_BACKWARDS = typeof globalThis.IDBObjectStore?.prototype.getAllRecords === "function";

/**
 * Ask for the last values of a range. Where that is one request, the last value comes first, and `reverse` is due;
 * elsewhere undefined: the keys have to be read first.
 */
const getLast = (source, query, count) => (
  READS_BACKWARDS ? source.getAll({ query, count, direction: "prev" }) : undefined
);
const reverse = (rows) => rows.reverse();

/** A key range of JSON text: its bounds, of which null is none, and whether each is open; undefined for all keys. */
function range(text) {
  const [lower, upper, lowerOpen, upperOpen] = JSON.parse(text);
  if (lower !== null && upper !== null) return IDBKeyRange.bound(lower, upper, lowerOpen, upperOpen);
  if (lower !== null) return IDBKeyRange.lowerBound(lower, lowerOpen);
  return upper === null ? undefined : IDBKeyRange.upperBound(upper, upperOpen);
}

/** `continue` is a reserved word in Python. */
function continueCursor(cursor, key, primaryKey) {
  if (primaryKey !== undefined) cursor.continuePrimaryKey(key, primaryKey);
  else if (key !== undefined) cursor.continue(key);
  else cursor.continue();
}

/** Put every row; the last request of all, which is settled after all the others, or undefined. */
function putAll(store, rows, keys) {
  let last;
  for (let at = 0; at < rows.length; at += 1) {
    last = keys === undefined ? store.put(rows[at]) : store.put(rows[at], keys[at]);
  }
  return last;
}

/** Delete every key or key range; the last request of all, or undefined. */
function deleteAll(store, queries) {
  let last;
  for (const query of queries) last = store.delete(query);
  return last;
}

const at = (row, path) => path.split(".").reduce((value, name) => value?.[name], row);
const keyOf = (row, keyPath) => (typeof keyPath === "string" ? at(row, keyPath) : [...keyPath].map((path) => at(row, path)));

/** Ask once for each of `queries` and tell all answers together. */
function askMany(queries, ask, notify, owner) {
  const answers = new Array(queries.length);
  let waiting = queries.length;
  queries.forEach((query, at) => {
    const request = ask(query);
    request.onsuccess = () => {
      answers[at] = request.result;
      waiting -= 1;
      if (waiting === 0) notify(owner, "success", answers);
    };
    request.onerror = (event) => fail(request, event, notify, owner);
  });
  if (queries.length === 0) throw new RangeError("nothing to ask for");
}

function getMany(source, keys, notify, owner) {
  askMany(keys, (key) => source.get(key), notify, owner);
}

/** What is stored under the keys of some rows, of a store with a key path. */
function getStored(store, rows, notify, owner) {
  const { keyPath } = store;
  askMany(rows, (row) => store.get(keyOf(row, keyPath)), notify, owner);
}

function countMany(source, ranges, notify, owner) {
  askMany(ranges, (range) => source.count(range), notify, owner);
}

/**
 * Add every row whose key is free. Of the others it tells, once, the positions and what is stored under their keys:
 * `[positions, stored]`.
 */
function addAll(store, rows, notify, owner) {
  const positions = [], stored = [];
  let waiting = rows.length;
  const told = () => {
    waiting -= 1;
    if (waiting === 0) notify(owner, "success", [positions, stored]);
  };
  rows.forEach((row, position) => {
    const adding = store.add(row);
    adding.onsuccess = told;
    adding.onerror = (event) => {
      if (adding.error.name !== "ConstraintError") return fail(adding, event, notify, owner);
      event.preventDefault();
      event.stopPropagation();
      const reading = store.get(keyOf(row, store.keyPath));
      reading.onsuccess = () => {
        // Nothing under this key: it is the value of a unique index that is taken.
        if (reading.result === undefined) {
          if (!notify(owner, "error", adding.error)) abort(store.transaction);
          return;
        }
        positions.push(position);
        stored.push(reading.result);
        told();
      };
      reading.onerror = (failed) => fail(reading, failed, notify, owner);
    };
  });
}

/** The rows at some positions. */
const pick = (rows, positions) => positions.map((position) => rows[position]);

/** The rows in which a field has a value. */
const where = (rows, field, value) => rows.filter((row) => row?.[field] === value);

/** The positions of the rows that have the same text in a field, as JSON text: an object of arrays. */
const group = (rows, field) => {
  const positions = new Map();
  rows.forEach((row, position) => {
    const found = positions.get(row[field]);
    if (found) found.push(position);
    else positions.set(row[field], [position]);
  });
  return JSON.stringify([...positions]);
};

/** Some fields of every row as JSON text: an array of values for each; null for what is no row. */
const pluck = (rows, fields) => JSON.stringify(rows.map((row) => row && fields.map((field) => row[field])));

const isDate = (value) => value instanceof Date;
const PLAIN = [Object.prototype, Array.prototype];

/** Whether JSON holds all of a value; an element that is missing from an array is null there. */
function isJson(value) {
  switch (typeof value) {
    case "string": case "boolean": return true;
    case "number": return Number.isFinite(value);
    case "object": break;
    default: return false;
  }
  if (value === null) return true;
  if (Array.isArray(value)) return value.every((each) => each === undefined || isJson(each));
  return PLAIN.includes(Object.getPrototypeOf(value)) && Object.values(value).every(isJson);
}

/** A value as JSON text, or undefined where JSON cannot hold it. */
const asJson = (value) => (isJson(value) ? JSON.stringify(value) : undefined);

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, {
  idb: {
    open, deleteDatabase, databaseNames, watchDatabase, watchTransaction, watchRequest, outcome, getLast, reverse, range,
    continueCursor, putAll, addAll, getMany, getStored, countMany, deleteAll, pick, where, group, pluck, asJson, isDate,
  },
});

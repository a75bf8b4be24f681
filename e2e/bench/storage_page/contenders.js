/** Storage libraries behind one small interface: `open`, then `put` a batch, read `all`, read a chat's `page`. */

import Dexie from "dexie";
import { openDB } from "idb";
import PouchDB from "pouchdb-browser";
import { createRxDatabase } from "rxdb/plugins/core";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";

const KEY = ["chat_id", "created_at", "id"];

async function idb(name) {
  const db = await openDB(name, 1, { upgrade: (made) => made.createObjectStore("messages", { keyPath: KEY }) });
  return {
    put(rows) {
      const transaction = db.transaction("messages", "readwrite");
      return Promise.all([...rows.map((row) => transaction.store.put(row)), transaction.done]);
    },
    all: () => db.getAll("messages"),
    async page(chat, limit) {
      const range = IDBKeyRange.bound([chat], [chat, []]);
      const keys = await db.getAllKeys("messages", range);
      return db.getAll("messages", IDBKeyRange.bound(keys.at(-limit) ?? keys[0], keys.at(-1)));
    },
    close: async () => db.close(),
  };
}

async function dexie(name) {
  const db = new Dexie(name);
  db.version(1).stores({ messages: `[${KEY.join("+")}]` });
  await db.open();
  const inChat = (chat) => db.messages.where(":id").between([chat, Dexie.minKey], [chat, Dexie.maxKey]);
  return {
    put: (rows) => db.messages.bulkPut(rows),
    all: () => db.messages.toArray(),
    page: async (chat, limit) => (await inChat(chat).reverse().limit(limit).toArray()).reverse(),
    close: async () => db.close(),
  };
}

const text = { type: "string" }, number = { type: "number" }, textOrNull = { type: ["string", "null"] };
const RX_SCHEMA = {
  version: 0,
  primaryKey: "id",
  type: "object",
  properties: {
    id: { type: "string", maxLength: 64 },
    chat_id: { type: "string", maxLength: 64 },
    created_at: { type: "number", minimum: 0, maximum: 1e14, multipleOf: 1 },
    role: text, version: number, changed_at: number, deleted_at: { type: ["number", "null"] },
    content: textOrNull, files: textOrNull, embeds: textOrNull,
  },
  required: ["id", "chat_id", "created_at"],
  indexes: [["chat_id", "created_at"]],
};

async function rxdb(name) {
  const db = await createRxDatabase({ name, storage: getRxStorageDexie(), multiInstance: false });
  const { messages } = await db.addCollections({ messages: { schema: RX_SCHEMA } });
  return {
    put: async (rows) => {
      const { error } = await messages.bulkInsert(rows);
      if (error.length) throw new Error("RxDB did not take every row");
    },
    all: async () => (await messages.find().exec()).map((document) => document.toJSON()),
    page: async (chat, limit) => {
      const query = { selector: { chat_id: chat }, sort: [{ chat_id: "desc" }, { created_at: "desc" }], limit };
      return (await messages.find(query).exec()).map((document) => document.toJSON()).reverse();
    },
    close: () => db.close(),
  };
}

async function pouchdb(name) {
  const db = new PouchDB(name, { auto_compaction: false });
  const idOf = (row) => `${row.chat_id}/${String(row.created_at).padStart(16, "0")}/${row.id}`;
  const rowsOf = ({ rows }) => rows.map(({ doc }) => doc);
  return {
    put: (rows) => db.bulkDocs(rows.map((row) => ({ _id: idOf(row), ...row }))),
    all: async () => rowsOf(await db.allDocs({ include_docs: true })),
    page: async (chat, limit) => {
      const range = { startkey: `${chat}/\uffff`, endkey: `${chat}/`, descending: true };
      return rowsOf(await db.allDocs({ include_docs: true, limit, ...range })).reverse();
    },
    close: () => db.close(),
  };
}

export const contenders = { idb, Dexie: dexie, RxDB: rxdb, PouchDB: pouchdb };
